// What a sink task may do with the ledger's copy during one unit, and what it wants written. Each act reads the cells that it needs first.
import {
  createDocumentTransaction,
  done,
  requireRun,
} from '../../../src/core/ledger/document-transaction.ts';
import type { RefusedRow, RowBatch, SinkTransaction } from '../../../src/core/connector/sink-store.ts';
import type { RunKey } from '../../../src/core/ledger/ledger.ts';
import type { NumberedDirty } from './dirty-rows.ts';
import { cellOf } from './ledger-row.ts';
import type { UnitLedger } from './unit-ledger.ts';

export interface UnitDraft {
  readonly ledger: UnitLedger;
  /** epoch/topic/partition whose position is moved; '' when none is. */
  place: string;
  readonly batches: RowBatch[];
  /** Those of the batches whose rows are removed. */
  readonly removals: Set<RowBatch>;
  dirty: NumberedDirty[];
}

export function createUnitTransaction(
  draft: UnitDraft,
  encode: {
    readonly rows: (batch: RowBatch) => readonly RefusedRow[];
    readonly digests: SinkTransaction['digestRows'];
    readonly isEmpty: () => Promise<boolean>;
    readonly mark: () => Promise<string>;
    readonly removals: (batch: RowBatch) => void;
  },
): SinkTransaction {
  const { ledger } = draft;
  const document = ledger.draft;
  const transaction = createDocumentTransaction(document, {
    writeRows: (batch) => {
      draft.batches.push(batch);
      return Promise.resolve(encode.rows(batch));
    },
    deleteRows: (batch) => {
      draft.batches.push(batch);
      draft.removals.add(batch);
      encode.removals(batch);
      return Promise.resolve();
    },
    digestRows: encode.digests,
    markTable: encode.mark,
    // Rows of the unit are put, and removed, when its work is done.
    isEmpty: async () => {
      if (draft.removals.size > 0) return null;
      return draft.batches.length === 0 && encode.isEmpty();
    },
    addDirty: done((key, entries) => {
      requireRun(document, key);
      for (const entry of entries) {
        const place = `${key.epoch}/${entry.split}`;
        const number = (document.dirtyRows[place] ?? 0) + 1;
        document.dirtyRows[place] = number;
        draft.dirty.push({ epoch: key.epoch, number, entry });
      }
    }),
    clearDirty: done((key, split) => {
      requireRun(document, key);
      Reflect.deleteProperty(document.dirtyRows, `${key.epoch}/${split}`);
      draft.dirty = draft.dirty.filter(({ entry }) => entry.split !== split);
    }),
  });
  return behindReads(ledger, {
    ...transaction,
    movePartition: (key, move) => {
      draft.place = placeOf(key.epoch, move);
      return transaction.movePartition(key, move);
    },
  });
}

/** Each act behind a look at what it needs: the job, all there is, or the run's head and what `names` says. */
function behindReads(ledger: UnitLedger, transaction: SinkTransaction): SinkTransaction {
  const withJob = <Args extends unknown[], T>(act: Act<Args, T>): Act<Args, T> =>
    behind(() => ledger.need([cellOf.job]), act);
  const withAll = <Args extends unknown[], T>(act: Act<Args, T>): Act<Args, T> =>
    behind(() => ledger.needAll(), act);
  const withRun = <Args extends unknown[], T>(
    act: Act<[RunKey, ...Args], T>,
    names: (epoch: number, ...args: Args) => readonly string[] = () => [],
  ): Act<[RunKey, ...Args], T> =>
    behind(
      ({ epoch }, ...args) => ledger.need([cellOf.job, cellOf.run(epoch), ...names(epoch, ...args)]),
      act,
    );
  return {
    ...transaction,
    lockJob: withJob((...args) => transaction.lockJob(...args)),
    readTrust: withJob((...args) => transaction.readTrust(...args)),
    putTrust: withJob((...args) => transaction.putTrust(...args)),
    setPlan: withRun((...args) => transaction.setPlan(...args)),
    addSkipped: withRun((...args) => transaction.addSkipped(...args)),
    addDoubts: withRun((...args) => transaction.addDoubts(...args)),
    addEnded: withRun((...args) => transaction.addEnded(...args)),
    // Nobody but who has its partition writes it: what it was before is of no account.
    putSplit: withRun((...args) => transaction.putSplit(...args)),
    addPartition: withRun(
      (...args) => transaction.addPartition(...args),
      (epoch, { topic, partition }) => [cellOf.partition(epoch, topic, partition)],
    ),
    movePartition: withRun(
      (...args) => transaction.movePartition(...args),
      (epoch, { topic, partition }) => [
        cellOf.partition(epoch, topic, partition),
        cellOf.claim(placeOf(epoch, { topic, partition })),
      ],
    ),
    addDirty: withRun(
      (...args) => transaction.addDirty(...args),
      (epoch, entries) => entries.map(({ split }) => cellOf.dirty(`${epoch}/${split}`)),
    ),
    clearDirty: withRun(
      (...args) => transaction.clearDirty(...args),
      (epoch, split) => [cellOf.dirty(`${epoch}/${split}`)],
    ),
    // When a task starts, and when a run is planned or complete.
    readRun: withAll((...args) => transaction.readRun(...args)),
    readPartitions: withAll((...args) => transaction.readPartitions(...args)),
    readSplits: withAll((...args) => transaction.readSplits(...args)),
    completeRun: withAll((...args) => transaction.completeRun(...args)),
  };
}

type Act<Args extends unknown[], T> = (...args: Args) => Promise<T>;

function behind<Args extends unknown[], T>(
  read: (...args: Args) => Promise<void>,
  act: Act<Args, T>,
): Act<Args, T> {
  return async (...args) => {
    await read(...args);
    return act(...args);
  };
}

function placeOf(
  epoch: number,
  { topic, partition }: { readonly topic: string; readonly partition: number },
): string {
  return `${epoch}/${topic}/${partition}`;
}
