// Reads the splits that are open, so many at a time as the source allows, each from its start.
//
//   [ split: BEGIN in the log ─► rows ─► acknowledged ─► ended (split-ends.ts) ]*
import { randomBytes } from 'node:crypto';
import { createBufferPool } from '../../core/record/buffer-pool.ts';
import type { BufferPool } from '../../core/record/buffer-pool.ts';
import type { LogProducer } from '../../core/ports/record-log.ts';
import { MAX_BATCH_BYTES } from '../../core/record/record-batch.ts';
import { createEncoder } from '../converters/value-converter.ts';
import { SplitAttempt } from './split-attempt.ts';
import type { SourceRun } from './source-run.ts';
import { SplitEnds } from './split-ends.ts';
import { OVER } from '../../core/waiting/over.ts';

/** Buffers that wait for their next batch; more are in use only while the log is slow. */
const FREE_BATCHES = 8;

interface Reading {
  readonly run: SourceRun;
  readonly producer: LogProducer;
  readonly ends: SplitEnds;
  readonly pool: BufferPool;
  readonly signal: AbortSignal;
  readonly resumed: boolean;
}

/** Resolves when all are ended; the first that fails stops the others. Throws the reason of the task's signal. */
export async function readSplits(run: SourceRun, producer: LogProducer): Promise<void> {
  const open = run.kept.open().values();
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, run.context.signal]);
  const pool = createBufferPool({ minSize: MAX_BATCH_BYTES, keep: FREE_BATCHES });
  const resumed = run.kept.ended.size > 0;
  const reading = { run, producer, ends: new SplitEnds(run), pool, signal, resumed };
  const place = async (): Promise<void> => {
    for (const split of open) {
      if (signal.aborted) return;
      await readSplit(reading, split);
    }
  };
  const places = Array.from({ length: run.task.concurrency }, place);
  try {
    await Promise.all(places);
  } finally {
    stop.abort(OVER);
    await Promise.allSettled(places);
  }
  run.context.signal.throwIfAborted();
}

async function readSplit(reading: Reading, split: number): Promise<void> {
  const { run, ends, signal, resumed } = reading;
  const { plan } = run.kept;
  const attempt = openAttempt(reading, split);
  await attempt.begin();
  await run.task.readSplit({ plan, split: plan.splits[split] ?? '', out: attempt, signal, resumed });
  signal.throwIfAborted();
  await attempt.acknowledged();
  await ends.end({ attempt, split });
}

function openAttempt({ run: source, producer, pool }: Reading, split: number): SplitAttempt {
  const { kept, run, context, topic, batchLimit, counters } = source;
  const { window, schema, predicted, splits, follows = null, sourceMark = null, doubts } = kept.plan;
  const format = run.valueFormat;
  const predictedTotal = String(predicted.rows ?? 'unknown');
  return new SplitAttempt({
    producer,
    topic,
    batchLimit,
    partition: split % kept.partitions,
    taskId: run.taskId,
    predictedTotal,
    begin: {
      plan: kept.id,
      from: window.from,
      to: window.to,
      splits: splits.length,
      partitions: kept.partitions,
      split,
      attempt: randomBytes(6).toString('base64url'),
      format,
      schema,
      predictedTotal,
      follows,
      sourceMark,
      doubts,
    },
    encoder: createEncoder(format, schema),
    control: run.endMarker === 'control',
    batchRows: run.produceRows,
    pool,
    counters,
    now: () => context.clock.now(),
  });
}
