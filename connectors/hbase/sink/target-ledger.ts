// The executor's side of an HBase target's ledger: each call is one compare-and-set of the ledger's row, tried again when somebody else
// was faster. Tasks commit faster than the whole row can be read: who is about to fence them does so by the job's cell first.
import { systemClock } from '../../../src/core/clock.ts';
import { SyncError } from '../../../src/core/errors.ts';
import { createDocumentLedger } from '../../../src/core/ledger/document-access.ts';
import type { ChangedPart } from '../../../src/core/ledger/document-access.ts';
import type { HeldJob } from '../../../src/core/ledger/rules.ts';
import type { TargetLedger } from '../../../src/core/ledger/ledger.ts';
import { openDirtyRows } from './dirty-rows.ts';
import { cellOf, ensureLedgerTable, findLedgerTable, openLedgerRow, stateOf } from './ledger-row.ts';
import type { HBaseLedger, LedgerRow, LedgerState } from './ledger-row.ts';
import type { HBaseClient } from '../client/client.ts';
import { onTarget, openSinkClient } from './sink-client.ts';
import type { HBaseSinkConfig } from './sink-config.ts';

const maxAttempts = 100;
const longestPauseMs = 50;
/** Then the tasks that are about to be fenced are in the way. */
const attemptsUnfenced = 3;
const lastEpoch = 9_999_999_999;

export function openTargetLedger(
  config: HBaseSinkConfig,
  client: HBaseClient = openSinkClient(config),
): TargetLedger {
  const place = { ledgerTable: config.ledgerTable, target: config.table };
  const row = openLedgerRow(client, place);
  const dirty = openDirtyRows(client, place);
  let ready: Promise<void> | null = null;
  let isThere = false;
  const read = (): Promise<HBaseLedger | null> =>
    onTarget(async () => {
      isThere ||= await findLedgerTable(client, config.ledgerTable);
      return isThere ? (await row.load()).ledger : null;
    });
  const run = <T>(work: () => Promise<T>): Promise<T> =>
    onTarget(async () => {
      ready ??= ensureLedgerTable(client, config.ledgerTable);
      try {
        await ready;
      } catch (error) {
        ready = null;
        throw error;
      }
      return work();
    });

  const change = changerOf(row, config.table);
  const ledger = createDocumentLedger<HBaseLedger>({
    look: read,
    read,
    change: (work, of = 'all') => run(() => change(work, of)),
    readDirty: (document, { epoch }, limit) => run(() => dirty.read(document, epoch, limit)),
    close: () => {
      client.close();
      return Promise.resolve();
    },
  });
  return {
    ...ledger,
    begin: async (request) => {
      const outcome = await ledger.begin(request);
      if (outcome.kind === 'begun') await run(() => dirty.removeBefore(outcome.epoch - 1));
      return outcome;
    },
    remove: async (job) => {
      await ledger.remove(job);
      if ((await read())?.job === null) await run(() => dirty.removeBefore(lastEpoch));
    },
  };
}

type Change = <T>(work: (ledger: HBaseLedger) => T, of: ChangedPart) => Promise<T>;

function changerOf(row: LedgerRow, table: string): Change {
  const readJob = async (): Promise<LedgerState> => stateOf(await row.read([cellOf.job]));
  /** Raises the epoch for a change that raises it, too. */
  const fence = async (before: HeldJob | null, after: HeldJob | null): Promise<void> => {
    if (before === null || after?.job !== before.job || after.epoch <= before.epoch) return;
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const state = await readJob();
      const { job } = state.ledger;
      if (job?.job !== before.job || job.epoch !== before.epoch) return;
      const fenced = { ...state.ledger, job: { ...job, epoch: job.epoch + 1 } };
      if ((await row.commit(state, fenced)) !== null) return;
    }
  };
  return async <T>(work: (ledger: HBaseLedger) => T, of: ChangedPart): Promise<T> => {
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const base = of === 'job' ? await readJob() : await row.load();
      const ledger = structuredClone(base.ledger);
      const result = work(ledger);
      if ((await row.commit(base, ledger)) !== null) return result;
      if (of === 'all' && attempt >= attemptsUnfenced) await fence(base.ledger.job, ledger.job);
      await systemClock.sleep(Math.random() * Math.min(attempt * 2, longestPauseMs));
    }
    throw new SyncError('TARGET_FAILED', {
      message: `changing the ledger of ${table}: others were faster ${maxAttempts} times`,
      retriable: true,
    });
  };
}
