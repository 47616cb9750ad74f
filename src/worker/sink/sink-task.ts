// A sink task: log → inboxes (one per partition) → writers (one connection each) → target, until the run is complete.
//
//   starting ─run found in the ledger─► found ─say start─► topic there ─positions read─► pumping ─complete─► say end
//       │                                 └─complete already──────────────────────────────────────────────► say end
//       └─ any failure, in any state ─► say error; by the signal ─► say nothing
import type { SinkPlugin } from '../../core/connector/contract.ts';
import { SyncError, toSyncError } from '../../core/errors.ts';
import type { RowSchema } from '../../core/connector/field-type.ts';
import { createBufferPool } from '../../core/record/buffer-pool.ts';
import { closeAll } from '../../core/closing.ts';
import type { Closable } from '../../core/closing.ts';
import type { LedgerPartition } from '../../core/ledger/ledger.ts';
import type { SinkStore } from '../../core/connector/sink-store.ts';
import { noCounts } from '../../core/status.ts';
import { Wakeup } from '../../core/waiting/wakeup.ts';
import { readSinkRun } from '../run-config.ts';
import type { SinkRunConfig } from '../run-config.ts';
import { SinkInbox, UNIT_BYTES } from './sink-inbox.ts';
import { ensurePartitions, findRun, loadState, noteAborted } from './sink-ledger.ts';
import { createStatusSpeaker } from '../status-speaker.ts';
import type { Progress, StatusSpeaker } from '../status-speaker.ts';
import type { TaskContext } from '../lanes/task-context.ts';
import { fetchAll } from './fetch-loop.ts';
import { Inboxes } from './inboxes.ts';
import { PlanInHand } from './plan-in-hand.ts';
import type { PreparedTarget } from './plan-in-hand.ts';
import { progressOf } from './sink-run.ts';
import type { FoundRun, SinkRun } from './sink-run.ts';
import type { Writer } from './writer.ts';
import { writeAll, writeBeside } from './writer.ts';
import { OVER } from '../../core/waiting/over.ts';

const WRITERS = 2;
const TOPIC_WAIT_MS = 500;

/** Runs until the run is complete or the signal aborts; throws SyncError when the task failed (after it said `error`). */
export async function runSinkTask(plugin: SinkPlugin, context: TaskContext): Promise<void> {
  const run = readSinkRun(plugin, context.connector, context.config);
  const { topic } = run;
  const { clock, publish } = context;
  const speaker = createStatusSpeaker({ run, side: 'sink', topic: () => topic, clock, publish });
  const task = new SinkTask({ plugin, context, run, topic, speaker });
  try {
    await closeAll(() => task.run(), task.open);
  } catch (error) {
    // Complete is complete: a connection that breaks afterwards takes nothing back.
    if (context.signal.aborted || task.isComplete) return;
    speaker.error(task.progress(), error);
    throw error;
  }
}

interface SinkTaskParts {
  readonly plugin: SinkPlugin;
  readonly context: TaskContext;
  readonly run: SinkRunConfig;
  readonly topic: string;
  readonly speaker: StatusSpeaker;
}

class SinkTask {
  readonly #parts: SinkTaskParts;
  /** What is to be closed at the end, the last first. */
  readonly open: Closable[] = [];
  #found: FoundRun | null = null;

  constructor(parts: SinkTaskParts) {
    this.#parts = parts;
  }

  async run(): Promise<void> {
    const { plugin, context, run, speaker } = this.#parts;
    const key = await findRun({ plugin, run, context });
    const store = await this.#openStore();
    const { found, partitions } = await this.#loadRun(key, store);
    this.#found = found;
    const repeat = found.state.complete;
    if (!repeat) {
      speaker.start(progressOf(found), partitions.length > 0);
      try {
        await this.#waitForTopic(found);
        await this.#pump(found, store, partitions);
      } finally {
        await this.#endWithSource(found);
      }
    }
    if (!found.state.complete) return;
    const progress = progressOf(found);
    speaker.end(progress, progress.counts.written ?? 0, repeat);
  }

  /** By hand nobody else ends a run whose source failed. Put again, or restarted, it begins anew where it began. */
  async #endWithSource({ state, target }: FoundRun): Promise<void> {
    const { plugin, context, run } = this.#parts;
    const { sourceFailed, signal } = context;
    if (run.epoch !== null || !sourceFailed.aborted || state.complete || signal.aborted) return;
    const ledger = await plugin.openLedger(context.config);
    const { taskId } = run;
    await closeAll(() => ledger.abort({ job: target.key.job, taskId }), [ledger]);
    await noteAborted(context, taskId);
    const cause = sourceFailed.reason as unknown;
    throw new SyncError('TASK_FAILED', {
      message: `writing the rows of task ${taskId}: its source failed`,
      cause,
    });
  }

  get isComplete(): boolean {
    return this.#found?.state.complete ?? false;
  }

  progress(): Progress {
    const unknown = { epoch: 0, predicted: { rows: null, exact: false }, counts: noCounts };
    return this.#found === null ? unknown : progressOf(this.#found);
  }

  async #openStore(): Promise<SinkStore> {
    const { plugin, context } = this.#parts;
    const store = await plugin.openStore(context.config, context.signal);
    this.open.push(store);
    return store;
  }

  async #loadRun(
    key: ApplyKey,
    store: SinkStore,
  ): Promise<{ found: FoundRun; partitions: readonly LedgerPartition[] }> {
    const { context, speaker, topic, run } = this.#parts;
    const { dirtyLimit, removalLimit } = run;
    const target = { key, topic, dirtyLimit, removalLimit };
    const { state, partitions } = await loadState(store, target);
    const plan = new PlanInHand((schema) => prepare(store, schema, key));
    if (state.plan !== null && !state.complete) plan.adopt(state.plan);
    return { found: { context, speaker, target, state, plan }, partitions };
  }

  /** By hand the sink may be made before the source, and so before the topic. */
  async #waitForTopic(found: FoundRun): Promise<void> {
    const { context, topic, speaker, run } = this.#parts;
    for (;;) {
      try {
        await context.log.readOffsets(topic);
        return;
      } catch (error) {
        if (run.epoch !== null || toSyncError(error).code !== 'TOPIC_MISSING') throw error;
      }
      speaker.processing(() => progressOf(found));
      const either = AbortSignal.any([context.signal, context.sourceFailed]);
      await context.clock.sleep(TOPIC_WAIT_MS, either);
    }
  }

  /** Fetching and writing side by side; the first that fails ends both. */
  async #pump(found: FoundRun, store: SinkStore, known: readonly LedgerPartition[]): Promise<void> {
    const { context, topic } = this.#parts;
    const positions = await this.#positions(found, store, known);
    const from = positions.map(({ partition, next }) => ({ partition, offset: next }));
    const run = this.#sinkRun(found, positions);
    const reader = await context.log.openReader({ topic, from, signal: context.signal });
    this.open.push(reader);
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, context.signal, context.sourceFailed]);
    const others = Array.from({ length: WRITERS - 1 }, () =>
      writeBeside(run, () => this.#openWriter(found), signal),
    );
    const work = [fetchAll(run, reader, signal), writeAll(run, { store, table: null }, signal), ...others];
    try {
      await Promise.all(work.map((each) => each.finally(() => stop.abort(OVER))));
    } catch (error) {
      if (!found.state.complete) throw error;
    } finally {
      await Promise.allSettled(work);
    }
  }

  async #openWriter({ plan, target }: FoundRun): Promise<Writer> {
    const store = await this.#openStore();
    const table = plan.schema === null ? null : await prepare(store, plan.schema, target.key);
    return { store, table };
  }

  #positions(
    { target: { key } }: FoundRun,
    store: SinkStore,
    known: readonly LedgerPartition[],
  ): Promise<readonly LedgerPartition[]> {
    const { context, run, topic } = this.#parts;
    return ensurePartitions({ store, log: context.log, run, key, topic, context, known });
  }

  #sinkRun(found: FoundRun, positions: readonly LedgerPartition[]): SinkRun {
    const { plugin, context, run, topic } = this.#parts;
    const pool = createBufferPool({ minSize: UNIT_BYTES, keep: WRITERS * 2 });
    const inboxes = positions.map(
      ({ partition, next }) =>
        new SinkInbox({
          topic,
          partition,
          next,
          taskId: run.taskId,
          passesOthers: run.hasTaskId,
          maxRows: run.batchRows,
          byTimestamp: plugin.readsTimestamps?.(context.config) ?? false,
          decoder: () => found.plan.decoder,
          onBegin: (begin) => found.plan.begin(begin),
          pool,
        }),
    );
    return { ...found, inboxes: new Inboxes(inboxes), retryMs: run.retryMs, news: new Wakeup() };
  }
}

type ApplyKey = FoundRun['target']['key'];

async function prepare(store: SinkStore, schema: RowSchema, key: ApplyKey): Promise<PreparedTarget> {
  const { key: columns, ...found } = await store.prepareTable(schema, key);
  return { ...found, place: { key: columns, fields: schema.fields.length } };
}
