// Close: the end of a run that the target had its last word on, always in this order: connectors stopped, post steps run, next attempt
// made, row closed, world told.
// The connectors are stopped, and what the topic holds is let go, while the row is still ours: afterwards they may be the next run's.
import { rephrase, SyncError, toSyncError } from '../../src/core/errors.ts';
import type { RunReport } from '../../src/core/run-report.ts';
import type { Run } from '../../src/core/run.ts';
import type { StepOutcome } from '../../src/core/steps/step-outcome.ts';
import { mapText, type Text } from '../../src/core/text.ts';
import { runPostSteps } from '../steps/run-steps.ts';
import { buildReport } from './build-report.ts';
import type { Retry } from './retry-run.ts';
import { noRetry, retryRun } from './retry-run.ts';
import type { Reached, RunSession } from './run-session.ts';
import { sayState } from './run-session.ts';
import { notifyWebhook } from '../alarms/run-webhook.ts';
import type { Settlement } from './settle-run.ts';
import { stopConnectors } from './stop-connectors.ts';
import type { Storing } from '../until-stored.ts';
import { untilStored } from '../until-stored.ts';

const MESSAGE_LENGTH = 2_000;

/** Throws LEASE_LOST when another executor ended the run. */
export async function closeRun(session: RunSession, reached: Reached, settled: Settlement): Promise<void> {
  const { executor, run, log, lease } = session;
  const settlement = scrubSettlement(session, settled);
  const unstopped =
    reached.wiring !== null && reached.connectorsTouched ? await stopConnectors(session, reached.wiring) : [];
  if (reached.wiring !== null) executor.log.holds?.release(reached.wiring.topic, run.jobId);
  const stepped = await runPostSteps(session, reached, settlement);
  const failed = failedPostSteps(stepped.steps);
  const notes = [...settlement.notes, ...unstopped, ...failed.map(noteFailed)];
  const report = reportOf(session, stepped, { ...settlement, notes });
  const retry = await planRetry(session, settlement);
  sayEnd(session, settlement, { report, next: retry.next });
  await untilStored(storing(session), () => log.flush()).catch((error: unknown) =>
    noteUnstored(session, 'log', error),
  );
  if (!(await closeRow(session, settlement, report)))
    throw new SyncError('LEASE_LOST', { message: `run ${run.id} was ended by another executor` });
  lease.release();
  tell(session, reached, { settlement, retry, report });
}

function failedPostSteps(steps: readonly StepOutcome[]): readonly StepOutcome[] {
  return steps.filter(({ phase, state }) => phase === 'post' && state === 'failed');
}

/** The rows have arrived, or have not, whatever becomes of a step after it. */
function noteFailed({ name, reason }: StepOutcome): Text {
  return {
    en: `the post step ${name} failed: ${reason?.message ?? ''}`,
    zh: `后置步骤“${name}”失败，原始消息：“${reason?.message ?? ''}”`,
  };
}

/** A next attempt that can't be stored keeps no run from ending. */
async function planRetry(session: RunSession, settlement: Settlement): Promise<Retry> {
  try {
    return await untilStored(storing(session), () => retryRun(session, settlement));
  } catch (error) {
    noteUnstored(session, 'next attempt', error);
    return noRetry;
  }
}

/** False: the row is not ours any more. */
async function closeRow(session: RunSession, settlement: Settlement, report: RunReport): Promise<boolean> {
  const { executor, run } = session;
  const end = { id: run.id, owner: executor.owner, state: settlement.state };
  const { reason } = settlement;
  try {
    if (await untilStored(storing(session), () => executor.runs.finish({ ...end, reason, report })))
      return true;
  } catch (error) {
    noteUnstored(session, 'report', error);
    // Whatever it is that the database won't take: the end itself must be stored.
    const bare = reason === null ? null : { ...reason, message: reason.message.slice(0, 200), causes: [] };
    const bareEnd = { ...end, reason: bare, report: null };
    const patient = { ...storing(session), refusals: Infinity };
    if (await untilStored(patient, () => executor.runs.finish(bareEnd))) return true;
  }
  return untilStored(storing(session), () => isClosedByUs(session, settlement));
}

function storing({ executor, lease }: RunSession): Storing {
  return { clock: executor.clock, signal: lease.signal };
}

/** Throws LEASE_LOST when that is what `error` is. */
function noteUnstored({ executor, run, lease, scrub }: RunSession, what: string, error: unknown): void {
  lease.signal.throwIfAborted();
  const message = scrub(`the ${what} could not be stored: ${toSyncError(error).message}`);
  executor.emit({ type: 'run.note', jobId: run.jobId, runId: run.id, message });
}

/** An end whose answer was lost is found as written. */
async function isClosedByUs({ executor, run }: RunSession, settlement: Settlement): Promise<boolean> {
  const row = await executor.runs.read(run.id);
  return row !== null && row.owner === executor.owner && row.state === settlement.state;
}

function reportOf(session: RunSession, reached: Reached, settlement: Settlement): RunReport {
  const { ledgerRun, outcome, abortedCounts, notes } = settlement;
  const report = buildReport({
    reached,
    notes,
    ledgerRun,
    outcome,
    now: null,
    saved: session.run.report,
    ...(abortedCounts === undefined ? {} : { abortedCounts }),
  });
  const clean = (text: string): string => session.scrub(text).slice(0, MESSAGE_LENGTH);
  return {
    ...report,
    notProved: report.notProved.map((doubt) => mapText(doubt, clean)),
    notes: report.notes.map((note) => mapText(note, clean)),
  };
}

function scrubSettlement(session: RunSession, settlement: Settlement): Settlement {
  const { reason } = settlement;
  if (reason === null) return settlement;
  const clean = (text: string): string => session.scrub(text).slice(0, MESSAGE_LENGTH);
  return { ...settlement, reason: rephrase(reason, clean) };
}

interface Ended {
  readonly settlement: Settlement;
  readonly retry: Retry;
  readonly report: RunReport;
}

function sayEnd(
  { log, lease }: RunSession,
  { state, reason }: Settlement,
  { report, next }: { readonly report: RunReport; readonly next: Run | null },
): void {
  const { counts } = report;
  const say = (count: number | null): string => (count === null ? 'unknown' : String(count));
  const numbers = `read ${say(counts.read)}, written ${say(counts.written)}, dirty ${say(counts.dirty)}`;
  const speed = report.rowsPerSecond === null ? '' : `, ${report.rowsPerSecond} rows/s`;
  for (const doubt of report.notProved) log.add('info', `not proved: ${doubt.en}`);
  for (const note of report.notes) log.add('info', note.en);
  if (reason !== null) log.add('error', `${reason.code}: ${reason.message}`);
  log.add(reason === null ? 'info' : 'error', `${state} (${report.outcome}): ${numbers}${speed}`);
  if (next !== null) {
    const delayMs = Math.max(0, next.notBefore - lease.databaseNow());
    log.add('info', `attempt ${next.attempt} follows in ${Math.round(delayMs / 1_000)} s: run ${next.id}`);
  }
}

function tell(session: RunSession, reached: Reached, { settlement, retry, report }: Ended): void {
  const { state, reason } = settlement;
  const { executor, lease, run, spec, scrub } = session;
  const failedSteps = failedPostSteps(report.steps ?? []).map(({ name }) => name);
  sayState(session, { from: reached.state, to: state });
  const ids = { job: spec.name, jobId: run.jobId, runId: run.id };
  const next =
    retry.next === null
      ? null
      : { attempt: retry.next.attempt, inMs: Math.max(0, retry.next.notBefore - lease.databaseNow()) };
  executor.emit({ type: 'run.ended', ...ids, state, reason, report, next });
  if (!retry.quiet)
    executor.background(notifyWebhook(executor, { run, spec, state, reason, scrub, failedSteps }));
  executor.background(wakeNext(session));
}

/** The job's next run may have waited for this one to end, and others for a place within a limit. */
async function wakeNext({ executor, run, lease }: RunSession): Promise<void> {
  try {
    for (const { id, priority } of await executor.runs.listFreed(run, lease.databaseNow()))
      await executor.queue.wake(id, priority);
  } catch (error) {
    // Only a wake-up: rescue finds the row in seconds.
    const message = `waking what may start next: ${toSyncError(error).message}`;
    executor.emit({ type: 'run.note', jobId: run.jobId, runId: run.id, message });
  }
}
