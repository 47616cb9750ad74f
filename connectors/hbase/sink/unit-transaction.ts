// What a sink task may do with the ledger's copy during one unit, and what it wants written.
import {
  createDocumentTransaction,
  done,
  requireRun,
} from '../../../src/core/ledger/document-transaction.ts';
import type { RejectedRow, RowBatch, SinkTransaction } from '../../../src/core/connector/sink-store.ts';
import type { NumberedDirty } from './dirty-rows.ts';
import type { HBaseLedger } from './ledger-row.ts';

export interface UnitDraft {
  readonly ledger: HBaseLedger;
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
    readonly rows: (batch: RowBatch) => readonly RejectedRow[];
    readonly digests: SinkTransaction['digestRows'];
    readonly isEmpty: () => Promise<boolean>;
    readonly mark: () => Promise<string>;
    readonly removals: (batch: RowBatch) => void;
  },
): SinkTransaction {
  const { ledger } = draft;
  const transaction = createDocumentTransaction(ledger, {
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
      requireRun(ledger, key);
      for (const entry of entries) {
        const place = `${key.epoch}/${entry.split}`;
        const number = (ledger.dirtyRows[place] ?? 0) + 1;
        ledger.dirtyRows[place] = number;
        draft.dirty.push({ epoch: key.epoch, number, entry });
      }
    }),
    clearDirty: done((key, split) => {
      requireRun(ledger, key);
      Reflect.deleteProperty(ledger.dirtyRows, `${key.epoch}/${split}`);
      draft.dirty = draft.dirty.filter(({ entry }) => entry.split !== split);
    }),
  });
  return {
    ...transaction,
    movePartition: (key, move) => {
      draft.place = `${key.epoch}/${move.topic}/${move.partition}`;
      return transaction.movePartition(key, move);
    },
  };
}
