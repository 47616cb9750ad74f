// One writer of a target file: rows become lines at its end, in the same commit as the ledger's change.
import type { SinkStore, SinkTransaction, RejectedRow, RowBatch } from '../../src/core/sink-store.ts';
import { createDocumentTransaction, done, requireRun } from '../../src/core/ledger-document-transaction.ts';
import { readRow } from '../../src/core/row-format.ts';
import type { LedgerDraft } from './ledger-file.ts';
import { openLedgerFile } from './ledger-file.ts';

const LF = 0x0a;
const SHOWN_BYTES = 256;

export function openFileSinkStore(target: string): SinkStore {
  const file = openLedgerFile(target);
  /** Rows of one field are written as they are; rows of several in the row format, separated by tabs. */
  let plainField: string | null = null;
  return {
    prepareTable: (schema) => {
      plainField = schema.fields.length === 1 ? (schema.fields[0]?.name ?? null) : null;
      return Promise.resolve({
        doubts: [],
        notes: [
          {
            en: 'lines are appended: a full run adds every line again',
            zh: '按行追加:全量运行会再次写入每一行',
          },
        ],
      });
    },
    transaction: (work) => file.change((draft) => work(createTransaction(draft, plainField))),
    close: () => Promise.resolve(),
  };
}

function createTransaction({ ledger, rows }: LedgerDraft, plainField: string | null): SinkTransaction {
  return createDocumentTransaction(ledger, {
    writeRows: (batch) => Promise.resolve(writeRows(rows, batch, plainField)),
    addDirty: done((key, entries) => void requireRun(ledger, key).dirty.push(...entries)),
    clearDirty: done((key, split) => {
      const run = requireRun(ledger, key);
      run.dirty = run.dirty.filter((each) => each.split !== split);
    }),
  });
}

function writeRows(out: Buffer[], { bytes }: RowBatch, plainField: string | null): readonly RejectedRow[] {
  if (plainField === null) {
    out.push(Buffer.from(bytes));
    return [];
  }
  const rejected: RejectedRow[] = [];
  let index = 0;
  for (let from = 0; from < bytes.length; index += 1) {
    const end = bytes.indexOf(LF, from);
    const line = readRow(bytes, from, end)[0] ?? null;
    const reason =
      line === null ? 'NULL is no line' : line.includes(LF) ? 'the value holds a line break' : null;
    if (reason === null && line !== null) out.push(line, Buffer.of(LF));
    else
      rejected.push({
        index,
        key: '',
        field: plainField,
        reason: reason ?? '',
        bytesHex: (line ?? Buffer.alloc(0)).subarray(0, SHOWN_BYTES).toString('hex'),
      });
    from = end + 1;
  }
  return rejected;
}
