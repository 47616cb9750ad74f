// The executor's side of an HBase target's ledger: each call is one compare-and-set of the ledger's row, tried again when somebody else
// was faster.
import { systemClock } from '../../../src/core/clock.ts';
import { SyncError } from '../../../src/core/errors.ts';
import { createDocumentLedger } from '../../../src/core/ledger/document-access.ts';
import type { TargetLedger } from '../../../src/core/ledger/ledger.ts';
import { openDirtyRows } from './dirty-rows.ts';
import { ensureLedgerTable, findLedgerTable, openLedgerRow } from './ledger-row.ts';
import type { HBaseLedger } from './ledger-row.ts';
import { onTarget, openSinkClient } from './sink-client.ts';
import type { HBaseSinkConfig } from './sink-config.ts';

const maxAttempts = 100;
const longestPauseMs = 50;
const lastEpoch = 9_999_999_999;

export function openTargetLedger(config: HBaseSinkConfig): TargetLedger {
  const client = openSinkClient(config);
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

  const change = async <T>(work: (ledger: HBaseLedger) => T): Promise<T> => {
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const base = await row.load();
      const ledger = structuredClone(base.ledger);
      const result = work(ledger);
      if ((await row.commit(base, ledger)) !== null) return result;
      await systemClock.sleep(Math.random() * Math.min(attempt * 2, longestPauseMs));
    }
    throw new SyncError('TARGET_FAILED', {
      message: `changing the ledger of ${config.table}: others were faster ${maxAttempts} times`,
      retriable: true,
    });
  };

  const ledger = createDocumentLedger<HBaseLedger>({
    look: read,
    read,
    change: (work) => run(() => change(work)),
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
