// A whole run in one process, without a worker: the source's task, the records as the log would hold them, the sink's protocol.
import { timePosition } from '../../connectors/hbase/source/positions.ts';
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import type { SinkPlugin, SourcePlan, SourcePlugin } from '../../src/core/connector/contract.ts';
import { writeBaseOffset } from '../../src/core/record/batch-header.ts';
import type { LedgerPlan, LedgerRun } from '../../src/core/ledger/ledger.ts';
import type { MappingVersion } from '../../src/core/ledger/target-trust.ts';
import type { LogProducer } from '../../src/core/ports/record-log.ts';
import { applyUnit } from '../../src/worker/sink/apply-unit.ts';
import { newSinkState } from '../../src/worker/sink/sink-state.ts';
import { createDecoder } from '../../src/worker/converters/value-converter.ts';
import { createBufferPool } from '../../src/core/record/buffer-pool.ts';
import { MAX_BATCH_BYTES } from '../../src/core/record/record-batch.ts';
import { SinkInbox, UNIT_BYTES } from '../../src/worker/sink/sink-inbox.ts';
import type { Unit } from '../../src/worker/sink/sink-inbox.ts';
import { openingOf } from './task-opening.ts';
import { newCounters, SplitAttempt } from '../../src/worker/source/split-attempt.ts';
import { planDetail } from '../../src/worker/sink/plan-detail.ts';

export interface LocalRun {
  readonly source: SourcePlugin;
  readonly sourceConfig: ConnectorConfig;
  readonly sink: SinkPlugin;
  readonly sinkConfig: ConnectorConfig;
  readonly job: string;
  readonly taskId: string;
  readonly mode: 'full' | 'incremental';
  /** Where the window ends, instead of where the plan says. */
  readonly to?: number;
  /** Percent; default: none. */
  readonly removalLimit?: number;
  readonly dirtyLimit?: number;
  readonly digest?: string;
  readonly mapping?: MappingVersion;
  /** Rows are written, and the run is aborted before its last END. */
  readonly fails?: boolean;
  /** Most rows of a unit. */
  readonly unitRows?: number;
  /** Called before each unit is applied, with the rows applied so far. */
  readonly beforeUnit?: (rows: number) => Promise<void>;
}

const signal = new AbortController().signal;
const topic = 't';

/** Runs to completion, unless told to fail, and returns the run's row in the ledger. */
export async function runLocally(run: LocalRun): Promise<LedgerRun & { readonly source: SourcePlan }> {
  const { sink, sinkConfig, job, taskId, mode } = run;
  const ledger = await sink.openLedger(sinkConfig);
  const store = await sink.openStore(sinkConfig, signal);
  const task = await run.source.openTask(openingOf(run.sourceConfig, signal));
  try {
    const begun = await ledger.begin({
      job,
      taskId,
      digest: run.digest ?? 'd',
      mode,
      byHand: false,
      mapping: run.mapping ?? { digest: 'm', version: 1 },
    });
    if (begun.kind !== 'begun') throw new Error(`begin said ${begun.kind}`);
    const deletesFrom = (await ledger.readTrust(job))?.deletesFrom ?? null;
    const made = await task.plan({
      base: begun.base,
      mode: begun.base === null ? 'full' : mode,
      lagMs: 60_000,
      ...(deletesFrom === null ? {} : { deletesFrom }),
    });
    const to = run.to === undefined ? made.window.to : timePosition(run.to);
    const plan = { ...made, window: { ...made.window, to } };
    const { key: fields, ...ready } = await store.prepareTable(plan.schema, { job, epoch: begun.epoch });
    const table = { ...ready, place: { key: fields, fields: plan.schema.fields.length } };
    const key = { job, epoch: begun.epoch };
    await store.transaction((tx) =>
      tx.addPartition(key, { topic, partition: 0, next: 0, logIncarnation: 'log' }),
    );
    const { bytes, records } = await sendAll(task, plan, taskId);
    const decoder = createDecoder('row', plan.schema);
    const inbox = new SinkInbox({
      maxRows: run.unitRows ?? 20_000,
      byTimestamp: sink.readsTimestamps?.(sinkConfig) ?? false,
      topic: 't',
      passesOthers: true,
      partition: 0,
      next: 0,
      taskId,
      decoder: () => decoder,
      onBegin: () => undefined,
      pool: createBufferPool({ minSize: UNIT_BYTES, keep: 2 }),
    });
    inbox.accept({ partition: 0, bytes, from: 0, next: records }, 0);
    const state = newSinkState({ trust: await ledger.readTrust(job) });
    const target = { key, topic, dirtyLimit: run.dirtyLimit ?? 0, removalLimit: run.removalLimit ?? 100 };
    let rows = 0;
    for (let unit = inbox.take(1, 0, 0); unit !== null; unit = inbox.take(1, 0, 0)) {
      await run.beforeUnit?.(rows);
      rows += unit.rows;
      const segments = unit.segments.filter(({ kind }) => run.fails !== true || kind !== 'end');
      await applyUnit({ store, target, state, unit: { ...unit, segments }, planOf, table });
    }
    if (run.fails === true) await ledger.abort({ job, taskId });
    const ended = await ledger.readRun(job, taskId);
    if (ended === null || (ended.state !== 'complete' && run.fails !== true))
      throw new Error('the run is not complete');
    return { ...ended, source: plan };
  } finally {
    await task.close();
    await store.close();
    await ledger.close();
  }
}

async function sendAll(
  task: Awaited<ReturnType<SourcePlugin['openTask']>>,
  plan: SourcePlan,
  taskId: string,
): Promise<{ bytes: Buffer; records: number }> {
  const batches: Buffer[] = [];
  let records = 0;
  const producer: LogProducer = {
    append: (_topic, _partition, batch) => {
      const bytes = Buffer.from(batch.bytes);
      writeBaseOffset(bytes, records);
      records += batch.records;
      batches.push(bytes);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
  const counters = newCounters();
  for (const [split, text] of plan.splits.entries()) {
    const attempt = new SplitAttempt({
      producer,
      topic,
      batchLimit: { bytes: 1_000_000, wayOut: '' },
      partition: 0,
      taskId,
      predictedTotal: 'unknown',
      begin: {
        plan: taskId,
        ...plan.window,
        splits: plan.splits.length,
        partitions: 1,
        split,
        attempt: `a${split}`,
        format: 'row',
        schema: plan.schema,
        predictedTotal: 'unknown',
        follows: plan.follows ?? null,
        sourceMark: plan.sourceMark ?? null,
        doubts: plan.doubts,
      },
      encoder: null,
      control: true,
      batchRows: 100,
      pool: createBufferPool({ minSize: MAX_BATCH_BYTES, keep: 8 }),
      counters,
      now: () => Date.now(),
    });
    await attempt.begin();
    await task.readSplit({ plan, split: text, out: attempt, signal });
    await attempt.acknowledged();
    await attempt.end(split === plan.splits.length - 1);
  }
  return { bytes: Buffer.concat(batches), records };
}

function planOf(unit: Unit): LedgerPlan | null {
  for (const segment of unit.segments) {
    if (segment.kind !== 'begin') continue;
    const { plan, splits, from, to } = segment.begin;
    return {
      id: plan,
      splits,
      window: { from, to },
      detail: JSON.stringify(planDetail(segment.begin)),
    };
  }
  return null;
}
