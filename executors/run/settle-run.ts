// The target's last word on a run that did not end by itself: fenced there, or complete after all.
import type { AbortOutcome, LedgerRun } from '../../src/core/ledger/ledger.ts';
import { SyncError, toSyncError } from '../../src/core/errors.ts';
import type { RunReason, TerminalState } from '../../src/core/run.ts';
import type { RunCounts } from '../../src/core/status.ts';
import type { RunReport } from '../../src/core/run-report.ts';
import type { Text } from '../../src/core/text.ts';
import { within } from '../../src/core/waiting/within.ts';
import type { Reached, RunSession } from './run-session.ts';
import { CONNECT_WRITE_MS } from './run-session.ts';
import type { Verdict } from './verdict.ts';

export interface Settlement {
  readonly state: TerminalState;
  readonly reason: RunReason | null;
  readonly outcome: RunReport['outcome'];
  /** The complete run as the ledger has it. */
  readonly ledgerRun: LedgerRun | null;
  readonly abortedCounts?: RunCounts;
  /** What came of asking the target. */
  readonly notes: readonly Text[];
}

const ABORT_TRIES = 3;
/** Longer than a sink's transaction may hold the job's row. */
const ABORT_LIMIT_MS = 15_000;
const ABORT_PAUSE_MS = 1_000;

/** Throws LEASE_LOST. */
export async function settleRun(
  session: RunSession,
  reached: Reached,
  verdict: Verdict,
): Promise<Settlement> {
  if (verdict.kind === 'delivered')
    return { state: 'succeeded', reason: null, outcome: 'delivered', ledgerRun: null, notes: [] };
  if (verdict.kind === 'complete') return succeeded(verdict.run, []);
  const asJudged: Settlement = {
    state: verdict.state,
    reason: verdict.reason,
    outcome: 'not-complete',
    ledgerRun: null,
    notes: [],
  };
  if (reached.begin === 'not-sent' || reached.begin === 'refused') return asJudged;
  try {
    const answer = await abort(session, reached);
    if (answer === null) return asJudged;
    if (answer.kind === 'complete') {
      const note = {
        en: `complete in the target after all; before that: ${verdict.reason.message}`,
        zh: `目标中最终已完整；此前的原始消息：“${verdict.reason.message}”`,
      };
      return succeeded(answer.run, [note]);
    }
    return answer.kind === 'aborted' ? { ...asJudged, abortedCounts: answer.counts } : asJudged;
  } catch (error) {
    session.lease.signal.throwIfAborted();
    const { code, message } = toSyncError(error);
    const note = {
      en: `the run could not be aborted in the target: ${message}`,
      zh: `未能在目标中中止该运行，原始消息：“${message}”`,
    };
    // Tasks may still write there; without tasks there is nothing to lose sight of. A target without room takes no rows either.
    const state = reached.connectorsTouched && code !== 'TARGET_FULL' ? 'lost' : asJudged.state;
    return { ...asJudged, state, notes: [note] };
  }
}

/** null: there is no ledger. */
async function abort(session: RunSession, reached: Reached): Promise<AbortOutcome | null> {
  const { clock } = session.executor;
  const onLimit = (): never => {
    throw new SyncError('TARGET_UNREACHABLE', {
      message: `aborting the run: no answer in ${ABORT_LIMIT_MS / 1_000} s`,
    });
  };
  for (let attempt = 1; ; attempt += 1) {
    await session.lease.ensure(CONNECT_WRITE_MS);
    try {
      return await within({ clock, ms: ABORT_LIMIT_MS, onLimit }, abortOnce(session, reached));
    } catch (error) {
      if (attempt >= ABORT_TRIES || !toSyncError(error).retriable) throw error;
      await clock.sleep(ABORT_PAUSE_MS, session.lease.signal);
    }
  }
}

/** The ledger of a run that was taken over may not have been reached yet. */
async function abortOnce({ run }: RunSession, { wiring, ledger }: Reached): Promise<AbortOutcome | null> {
  const sink = wiring?.plugins.sink ?? null;
  if (wiring === null || sink === null) return null;
  const request = { job: run.jobId, taskId: run.id };
  if (ledger !== null) return ledger.abort(request);
  const opened = await sink.openLedger(wiring.sink.config);
  try {
    return await opened.abort(request);
  } finally {
    await opened.close();
  }
}

/** The ledger's word decides, also where all that the connectors said was lost. */
function succeeded(run: LedgerRun, notes: readonly Text[]): Settlement {
  const outcome = run.doubts.length === 0 ? 'proved' : 'delivered';
  return { state: 'succeeded', reason: null, outcome, ledgerRun: run, notes };
}
