// A sink task: log → inboxes (one per partition) → writers (one connection each) → target, until the run is complete.
//
//   find run ─► say start ─► read positions ─► [ poll ─► inbox ─► unit ─► transaction ]* ─► complete ─► say end ─► idle
import type { SinkPlugin } from '../../src/core/connector/contract.ts';
import { KEY } from '../../src/core/connector/keys.ts';
import { SyncError, toSyncError } from '../../src/core/errors.ts';
import type { BeginControl, ValueFormat } from '../../src/core/headers.ts';
import type { RowSchema } from '../../src/core/field-type.ts';
import type { LedgerPlan } from '../../src/core/ledger.ts';
import { createBufferPool } from '../../src/core/buffer-pool.ts';
import type { LogReader } from '../../src/core/ports.ts';
import type { RunKey, SinkStore } from '../../src/core/sink-store.ts';
import { Wakeup } from '../../src/core/waiting/wakeup.ts';
import { noCounts } from '../../src/core/status.ts';
import type { Predicted } from '../../src/core/status.ts';
import type { Text } from '../../src/core/text.ts';
import { applyUnit } from './apply-unit.ts';
import type { ApplyTarget, SinkState } from './apply-unit.ts';
import { createDecoder } from './converters/value-converter.ts';
import type { ValueDecoder } from './converters/value-converter.ts';
import { readRunConfig } from './run-config.ts';
import type { RunConfig } from './run-config.ts';
import { SinkInbox, UNIT_BYTES } from './sink-inbox.ts';
import type { Unit } from './sink-inbox.ts';
import { ensurePartitions, findRun, loadState } from './sink-ledger.ts';
import { createStatusSpeaker } from './status-speaker.ts';
import type { Progress, StatusSpeaker } from './status-speaker.ts';
import type { TaskContext } from './task-context.ts';

const WRITERS = 2;
/** Transactions below this wait up to LINGER_MS for more rows. */
const MIN_ROWS = 5_000;
const MAX_ROWS = 20_000;
const LINGER_MS = 100;
/** A partition stops being fetched while more units wait, the open one included. */
const MAX_DEPTH = 1;
const RETRY_MS = 60_000;
const TOPIC_WAIT_MS = 500;

interface PlanDetail {
  readonly format: ValueFormat;
  readonly schema: RowSchema;
}

/** Runs until the signal; throws SyncError when the task failed (after it said `error`). */
export async function runSinkTask(plugin: SinkPlugin, context: TaskContext): Promise<void> {
  const run = readRunConfig(context.connector, context.config);
  const topic = singleTopic(context);
  const speaker = createStatusSpeaker({
    run,
    side: 'sink',
    topic: () => topic,
    clock: context.clock,
    publish: context.publish,
  });
  const task = new SinkTaskRun({ plugin, context, run, topic, speaker });
  try {
    await task.run();
  } catch (error) {
    if (context.signal.aborted) return;
    speaker.error(task.progress(), error);
    throw error;
  } finally {
    await task.close();
  }
}

function singleTopic(context: TaskContext): string {
  const topics = (context.config[KEY.topics] ?? '')
    .split(',')
    .map((topic) => topic.trim())
    .filter((topic) => topic !== '');
  const [topic] = topics;
  if (topic !== undefined && topics.length === 1) return topic;
  throw new SyncError('BAD_INPUT', {
    message: `reading topics: '${context.config[KEY.topics] ?? ''}': a Syncline sink reads exactly one topic`,
    field: KEY.topics,
  });
}

function wholeOf({ config }: TaskContext, key: string, absent: number): number {
  return Number(config[key] ?? '') || absent;
}

interface SinkTaskOptions {
  readonly plugin: SinkPlugin;
  readonly context: TaskContext;
  readonly run: RunConfig;
  readonly topic: string;
  readonly speaker: StatusSpeaker;
}

class SinkTaskRun {
  readonly #options: SinkTaskOptions;
  readonly #stores: SinkStore[] = [];
  readonly #inboxes = new Map<number, SinkInbox>();
  readonly #busy = new Set<number>();
  readonly #pool = createBufferPool({ minSize: UNIT_BYTES, keep: WRITERS * 2 });
  #key: RunKey = { job: '', epoch: 0 };
  #state: SinkState = {
    plan: null,
    splits: new Map(),
    skipped: 0,
    complete: false,
    removalsSeen: 0,
    doubts: [],
  };
  #reader: LogReader | null = null;
  #decoder: ValueDecoder | null = null;
  #prepared: Promise<void> | null = null;
  #plan: LedgerPlan | null = null;
  #predicted: Predicted = { rows: null, exact: false };
  #notes: readonly Text[] = [];
  /** Not known before the target table was looked at; each unit is applied after that. */
  #doubts: readonly Text[] = [];
  /** Something was fetched, or a writer is free. */
  readonly #news = new Wakeup();

  constructor(options: SinkTaskOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { plugin, context, run, speaker } = this.#options;
    const ledger = await plugin.openLedger(context.config);
    try {
      this.#key = await findRun({ plugin, ledger, run, context });
    } finally {
      await ledger.close();
    }
    for (let i = 0; i < WRITERS; i += 1)
      this.#stores.push(await plugin.openStore(context.config, context.signal));
    const loaded = await loadState(this.#store(0), this.#target());
    this.#state = loaded.state;
    if (this.#state.complete) {
      this.#sayEnd(true);
      return;
    }
    speaker.start(this.progress(), loaded.partitions.length > 0);
    if (this.#state.plan !== null) this.#adopt(this.#state.plan);
    await this.#openInboxes(loaded.partitions);
    await this.#pump();
    this.#sayEnd(false);
  }

  progress(): Progress {
    const counts = { written: 0, dirty: 0, deleted: 0, removed: 0, ended: 0 };
    for (const split of this.#state.splits.values()) {
      counts.written += split.written;
      counts.dirty += split.dirty;
      counts.deleted += split.deleted;
      // They go when the run completes.
      if (this.#state.complete) counts.removed += split.removed;
      counts.ended += split.ended ? 1 : 0;
    }
    const plan = this.#state.plan;
    const { written, dirty, deleted, removed } = counts;
    return {
      epoch: this.#key.epoch,
      predicted: this.#predicted,
      counts: { ...noCounts, written, dirty, deleted, removed, skipped: this.#state.skipped },
      ...(plan === null ? {} : { window: plan.window, splits: { total: plan.splits, ended: counts.ended } }),
      notes: this.#notes,
    };
  }

  async close(): Promise<void> {
    this.#news.wake();
    await this.#reader?.close();
    await Promise.all(this.#stores.map((store) => store.close()));
  }

  #target(): ApplyTarget {
    const { topic, run } = this.#options;
    return { key: this.#key, topic, dirtyLimit: run.dirtyLimit, removalLimit: run.removalLimit };
  }

  #store(index: number): SinkStore {
    const store = this.#stores[index];
    if (store === undefined) throw new SyncError('INTERNAL', { message: `no writer ${index}` });
    return store;
  }

  async #openInboxes(known: Awaited<ReturnType<typeof loadState>>['partitions']): Promise<void> {
    const { plugin, context, run, topic } = this.#options;
    await this.#waitForTopic();
    const byTimestamp = plugin.readsTimestamps?.(context.config) ?? false;
    const positions = await ensurePartitions({
      store: this.#store(0),
      log: context.log,
      run,
      key: this.#key,
      topic,
      context,
      known,
    });
    for (const { partition, next } of positions) {
      const inbox = new SinkInbox({
        partition,
        next,
        taskId: run.taskId,
        maxRows: wholeOf(context, KEY.batchSize, MAX_ROWS),
        byTimestamp,
        decoder: () => this.#decoder,
        onBegin: (begin) => this.#onBegin(begin),
        pool: this.#pool,
      });
      this.#inboxes.set(partition, inbox);
    }
    const from = positions.map(({ partition, next }) => ({ partition, offset: next }));
    this.#reader = await context.log.openReader({ topic, from, signal: context.signal });
  }

  /** By hand the sink may be made before the source, and so before the topic. */
  async #waitForTopic(): Promise<void> {
    const { context, topic, speaker, run } = this.#options;
    for (;;) {
      try {
        await context.log.readOffsets(topic);
        return;
      } catch (error) {
        if (run.epoch !== null || toSyncError(error).code !== 'TOPIC_MISSING') throw error;
      }
      speaker.processing(this.progress());
      await context.clock.sleep(TOPIC_WAIT_MS, context.signal);
    }
  }

  #onBegin(begin: BeginControl): void {
    const rows = Number(begin.predictedTotal);
    this.#predicted = { rows: Number.isFinite(rows) && rows >= 0 ? rows : null, exact: false };
    this.#plan ??= {
      id: begin.plan,
      splits: begin.splits,
      window: { from: begin.from, to: begin.to },
      detail: JSON.stringify({ format: begin.format, schema: begin.schema } satisfies PlanDetail),
    };
    this.#adopt(this.#plan);
  }

  /** The schema is known: rows can be decoded, and the target table is looked at once, before the first transaction. */
  #adopt(plan: LedgerPlan): void {
    this.#plan = plan;
    if (this.#decoder !== null) return;
    const detail = JSON.parse(plan.detail) as PlanDetail;
    this.#decoder = createDecoder(detail.format, detail.schema);
    this.#prepared = Promise.all(this.#stores.map((store) => store.prepareTable(detail.schema))).then(
      (all) => {
        this.#notes = all[0]?.notes ?? [];
        this.#doubts = all.flatMap((each) => each.doubts);
      },
    );
    // Awaited by each writer before its first transaction; here only so that a failure has a handler at once.
    this.#prepared.catch(() => undefined);
  }

  /** Fetching and writing side by side; the first that fails ends both. */
  async #pump(): Promise<void> {
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, this.#options.context.signal]);
    const work = [this.#fetch(signal), ...this.#stores.map((store) => this.#write(store, signal))];
    try {
      await Promise.all(work.map((each) => each.finally(() => stop.abort())));
    } finally {
      stop.abort();
      this.#news.wake();
      await Promise.allSettled(work);
    }
  }

  async #fetch(signal: AbortSignal): Promise<void> {
    const { context, speaker } = this.#options;
    while (!signal.aborted && !this.#state.complete) {
      const full = [...this.#inboxes.values()].filter((inbox) => inbox.depth > MAX_DEPTH);
      this.#reader?.setPaused(full.map((inbox) => inbox.partition));
      const fetched = (await this.#reader?.poll(LINGER_MS)) ?? [];
      for (const each of fetched) this.#inboxes.get(each.partition)?.accept(each, context.clock.now());
      this.#news.wake();
      speaker.processing(this.progress());
    }
  }

  async #write(store: SinkStore, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.#state.complete) {
      const inbox = this.#nextInbox();
      if (inbox === null) {
        await this.#news.wait(LINGER_MS, this.#options.context.clock, signal);
        continue;
      }
      const { unit } = inbox;
      try {
        await this.#prepared;
        await this.#applyWithRetry({ store, inbox: inbox.inbox, unit, signal });
      } finally {
        this.#busy.delete(unit.partition);
        inbox.inbox.release(unit);
        this.#news.wake();
      }
    }
  }

  #nextInbox(): { inbox: SinkInbox; unit: Unit } | null {
    const now = this.#options.context.clock.now();
    for (const inbox of this.#inboxes.values()) {
      if (this.#busy.has(inbox.partition)) continue;
      const unit = inbox.take(now, MIN_ROWS, LINGER_MS);
      if (unit === null) continue;
      this.#busy.add(inbox.partition);
      // The next search begins behind this partition, so that a busy one does not starve the others.
      this.#inboxes.delete(inbox.partition);
      this.#inboxes.set(inbox.partition, inbox);
      return { inbox, unit };
    }
    return null;
  }

  async #applyWithRetry(work: {
    store: SinkStore;
    inbox: SinkInbox;
    unit: Unit;
    signal: AbortSignal;
  }): Promise<void> {
    const { context } = this.#options;
    const { unit } = work;
    const deadline = context.clock.now() + wholeOf(context, KEY.retryMs, RETRY_MS);
    for (let delayMs = 100; ; delayMs = Math.min(delayMs * 2, 5_000)) {
      try {
        const outcome = await applyUnit({
          store: work.store,
          target: this.#target(),
          state: this.#state,
          unit,
          planOf: () => this.#plan,
          doubts: this.#doubts,
        });
        if (outcome.kind === 'applied' || (await this.#alreadyApplied(work.store, unit))) return;
      } catch (error) {
        const failure = toSyncError(error, 'TARGET_FAILED');
        if (!failure.retriable || failure.code === 'INCOMPLETE' || context.clock.now() > deadline)
          throw failure;
        await context.clock.sleep(delayMs, work.signal);
        if (await this.#alreadyApplied(work.store, unit).catch(() => false)) return;
      }
    }
  }

  /** After an unknown outcome: true when the ledger stands behind the unit; false when it stands before it; else FENCED. */
  async #alreadyApplied(store: SinkStore, unit: Unit): Promise<boolean> {
    const loaded = await loadState(store, this.#target());
    const position = loaded.partitions.find((each) => each.partition === unit.partition);
    if (position?.next === unit.from) return false;
    if (position?.next !== unit.to) {
      throw new SyncError('FENCED', {
        message: `writing ${this.#options.topic}-${unit.partition} from ${unit.from}: another task moved the position to ${position?.next ?? 'nowhere'}`,
      });
    }
    // Other partitions' splits may be newer in memory than in this reading; only this partition's are taken.
    for (const split of loaded.state.splits.values()) {
      if (split.partition === unit.partition) this.#state.splits.set(split.split, split);
    }
    this.#state.plan = loaded.state.plan;
    this.#state.complete ||= loaded.state.complete;
    return true;
  }

  #sayEnd(repeat: boolean): void {
    if (this.#options.context.signal.aborted && !this.#state.complete) return;
    const progress = this.progress();
    this.#options.speaker.end(progress, progress.counts.written ?? 0, repeat);
  }
}
