// One writer of a target file: rows become lines at its end, in the same commit as the ledger's change.
import type { SinkStore, SinkTransaction, RejectedRow, RowBatch, RunKey } from '../../src/core/sink-store.ts';
import { SyncError } from '../../src/core/errors.ts';
import { readRow } from '../../src/core/row-format.ts';
import type { LedgerDraft } from './ledger-file.ts';
import { openLedgerFile } from './ledger-file.ts';
import type { FileRun } from './ledger-state.ts';
import { completeRun, runOf, showRun } from './ledger-state.ts';

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
        provable: true,
        notes: ['lines are appended: a full run adds every line again'],
      });
    },
    transaction: (work) => file.change((draft) => work(createTransaction(draft, plainField))),
    close: () => Promise.resolve(),
  };
}

function createTransaction(draft: LedgerDraft, plainField: string | null): SinkTransaction {
  const { ledger } = draft;
  const find = ({ job, epoch }: RunKey): FileRun | null =>
    ledger.job?.job === job ? runOf(ledger, epoch) : null;
  const run = (key: RunKey): FileRun => {
    const found = find(key);
    if (found !== null) return found;
    throw new SyncError('FENCED', {
      message: `writing to the ledger of ${key.job}: it has no epoch ${key.epoch}`,
    });
  };
  return {
    lockJob: (job) => Promise.resolve(ledger.job?.job === job ? ledger.job : null),
    readRun: (key) => {
      const found = find(key);
      return Promise.resolve(found === null ? null : showRun(key.job, found));
    },
    setPlan: done((key, plan) => void (run(key).plan ??= plan)),
    readPartitions: (key) => Promise.resolve(find(key)?.partitions ?? []),
    addPartition: done((key, position) => {
      const { partitions } = run(key);
      if (!partitions.some((each) => samePlace(each, position))) partitions.push(position);
    }),
    movePartition: (key, { topic, partition, from, to }) => {
      const { partitions } = run(key);
      const at = partitions.findIndex((each) => samePlace(each, { topic, partition }) && each.next === from);
      const old = partitions[at];
      if (old !== undefined) partitions[at] = { ...old, next: to };
      return Promise.resolve(old !== undefined);
    },
    readSplits: (key) => Promise.resolve(find(key)?.splits ?? []),
    putSplit: done((key, split) => {
      const { splits } = run(key);
      const at = splits.findIndex((each) => each.split === split.split);
      splits.splice(at < 0 ? splits.length : at, 1, split);
    }),
    addDirty: done((key, rows) => void run(key).dirty.push(...rows)),
    clearDirty: done((key, split) => {
      const at = run(key);
      at.dirty = at.dirty.filter((each) => each.split !== split);
    }),
    addSkipped: done((key, records) => void (run(key).skipped += records)),
    writeRows: (batch) => Promise.resolve(writeRows(draft.rows, batch, plainField)),
    countEnded: (key) => Promise.resolve(run(key).splits.filter((split) => split.ended).length),
    completeRun: (key, to) => Promise.resolve(completeRun(ledger, key.epoch, to)),
  };
}

/** The methods are promised, the work is not. */
function done<T>(work: (key: RunKey, value: T) => void): (key: RunKey, value: T) => Promise<void> {
  return (key, value) => {
    work(key, value);
    return Promise.resolve();
  };
}

interface Place {
  readonly topic: string;
  readonly partition: number;
}

function samePlace(a: Place, b: Place): boolean {
  return a.topic === b.topic && a.partition === b.partition;
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
