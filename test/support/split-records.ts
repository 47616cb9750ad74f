// Splits of a run as a source writes them to a log: BEGIN, rows, END.
import type { RowSchema } from '../../src/core/connector/field-type.ts';
import type { ValueFormat } from '../../src/core/record/headers.ts';
import type { RecordLog } from '../../src/core/ports/record-log.ts';
import { createBufferPool } from '../../src/core/record/buffer-pool.ts';
import { createEncoder } from '../../src/worker/converters/value-converter.ts';
import { newCounters, SplitAttempt } from '../../src/worker/source/split-attempt.ts';

export const idAndText: RowSchema = {
  fields: [
    { name: 'id', type: { kind: 'int32' }, optional: false },
    { name: 'text', type: { kind: 'string', length: 0 }, optional: true },
  ],
  key: ['id'],
};

export interface WrittenSplit {
  readonly topic: string;
  readonly taskId: string;
  readonly split: number;
  readonly splits: number;
  /** Ids; each row is `<id> \t t<id>`. */
  readonly ids: readonly number[];
  readonly format?: ValueFormat;
  readonly attempt?: string;
  /** false: no control records, as towards a sink that is not ours. */
  readonly control?: boolean;
  readonly ended?: boolean;
}

/** The split goes to the partition of its number. */
export async function writeSplit(log: RecordLog, written: WrittenSplit): Promise<void> {
  const { topic, taskId, split, splits, ids, format = 'row', attempt: name = 'a' } = written;
  const producer = await log.openProducer();
  const attempt = new SplitAttempt({
    producer,
    topic,
    batchLimit: { bytes: 1_000_000, wayOut: '' },
    partition: split,
    taskId,
    predictedTotal: '9',
    begin: {
      plan: 'plan',
      from: null,
      to: '100',
      splits,
      partitions: 2,
      split,
      attempt: name,
      format,
      schema: idAndText,
      predictedTotal: '9',
      follows: null,
      sourceMark: null,
      doubts: [],
    },
    encoder: createEncoder(format, idAndText),
    control: written.control ?? true,
    pool: createBufferPool({ minSize: 1_000, keep: 4 }),
    batchRows: 100,
    counters: newCounters(),
    now: () => 0,
  });
  await attempt.begin();
  for (const id of ids) {
    const bytes = Buffer.from(`${id}${id}\tt${id}`);
    attempt.row(bytes, String(id).length, bytes.length);
  }
  await attempt.acknowledged();
  if (written.ended ?? true) await attempt.end(split + 1 === splits);
  await producer.close();
}
