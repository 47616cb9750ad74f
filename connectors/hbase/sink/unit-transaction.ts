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
  dirty: NumberedDirty[];
}

export function createUnitTransaction(
  draft: UnitDraft,
  encode: {
    readonly rows: (batch: RowBatch) => readonly RejectedRow[];
    readonly missing: SinkTransaction['findMissing'];
    readonly isEmpty: SinkTransaction['isEmpty'];
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
      encode.removals(batch);
      return Promise.resolve();
    },
    findMissing: encode.missing,
    isEmpty: encode.isEmpty,
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
