// A source task: plan once, then read the splits side by side into the log, each from its start, until all are ended.
//
//   read or make plan ─► say start ─► [ split: BEGIN ─► rows ─► acknowledged ─► END ─► noted as ended ]* ─► say end ─► idle
import { randomBytes } from 'node:crypto';
import { createBufferPool } from '../../src/core/buffer-pool.ts';
import { MAX_BATCH_BYTES } from '../../src/core/record-batch.ts';
import type { SourcePlugin, SourceTask } from '../../src/core/connector/contract.ts';
import { KEY } from '../../src/core/connector/keys.ts';
import { STATUS_TOPIC, noCounts } from '../../src/core/status.ts';
import type { LogProducer } from '../../src/core/ports.ts';
import { createEncoder } from './converters/value-converter.ts';
import { readRunConfig } from './run-config.ts';
import type { RunConfig } from './run-config.ts';
import { readOrMakePlan, writePlan } from './source-plan.ts';
import type { StoredPlan } from './source-plan.ts';
import { SplitAttempt } from './split-attempt.ts';
import type { RunCounters } from './split-attempt.ts';
import { createStatusSpeaker } from './status-speaker.ts';
import type { Progress } from './status-speaker.ts';
import type { TaskContext } from './task-context.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { Text } from '../../src/core/text.ts';

const PARTITIONS = 4;
const RETENTION_MS = 3 * 24 * 3_600_000;
const HEARTBEAT_MS = 1_000;
const DEFAULT_BATCH_ROWS = 4_000;
/** Buffers that wait for their next batch; more are in use only while the log is slow. */
const FREE_BATCHES = 8;

/** Runs until all splits are ended; throws SyncError when the task failed (after it said `error`). */
export async function runSourceTask(plugin: SourcePlugin, context: TaskContext): Promise<void> {
  const run = readRunConfig(context.connector, context.config);
  const topic = context.config[KEY.topic] ?? plugin.topicOf(context.config);
  const source = new SourceTaskRun(context, run, topic);
  try {
    await source.run(plugin);
  } catch (error) {
    if (context.signal.aborted) return;
    source.speaker.error(source.progress(), error);
    throw error;
  }
}

class SourceTaskRun {
  readonly #context: TaskContext;
  readonly #run: RunConfig;
  readonly #topic: string;
  readonly #counters: RunCounters = {
    currentIndex: 0,
    read: 0,
    filtered: 0,
    emitted: 0,
    nulled: 0,
    filteredBy: new Map(),
    remarks: new Map(),
  };
  readonly #pool = createBufferPool({ minSize: MAX_BATCH_BYTES, keep: FREE_BATCHES });
  readonly speaker;
  #stored: StoredPlan | null = null;
  /** END records go one after another, so that the run's last record is the one with isEnd. */
  #ending: Promise<void> = Promise.resolve();
  /** `end.marker=record`: the ended attempt whose last row waits to learn whether it is the run's last. */
  #holder: { attempt: SplitAttempt; split: number } | null = null;
  #closingNotesOf: (read: number) => readonly Text[] = () => [];
  /** Once all is read. */
  #closingNotes: readonly Text[] = [];

  constructor(context: TaskContext, run: RunConfig, topic: string) {
    this.#context = context;
    this.#run = run;
    this.#topic = topic;
    this.speaker = createStatusSpeaker({
      run,
      side: 'source',
      topic: () => topic,
      clock: context.clock,
      publish: context.publish,
    });
  }

  progress(): Progress {
    const { read, filtered, emitted, nulled, filteredBy, remarks } = this.#counters;
    const plan = this.#stored?.plan;
    const reasons = [...filteredBy.values()].map(({ said, times }): Text => ({
      en: `filtered (${said.en}): ${times}`,
      zh: `滤除(${said.zh}):${times}`,
    }));
    return {
      epoch: this.#run.epoch ?? 0,
      predicted: plan?.predicted ?? { rows: null, exact: false },
      counts: { ...noCounts, read, filtered, emitted, nulled },
      notes: [
        ...(plan?.notes ?? []),
        ...reasons,
        ...[...remarks.values()].map(({ said, times }): Text => ({
          en: `${said.en}: ${times}`,
          zh: `${said.zh}:${times}`,
        })),
        ...this.#closingNotes,
      ],
      ...(plan === undefined
        ? {}
        : {
            window: plan.window,
            ...(plan.deletes === undefined ? {} : { deletes: plan.deletes }),
            splits: { total: plan.splits.length, ended: this.#stored?.ended.length ?? 0 },
          }),
    };
  }

  async run(plugin: SourcePlugin): Promise<void> {
    const { log, config, signal, slots } = this.#context;
    const task = await plugin.openTask(config, signal, slots);
    try {
      const partitions = await this.#ensureTopic();
      const { stored, repeat } = await readOrMakePlan({
        task,
        run: this.#run,
        context: this.#context,
        partitions,
      });
      this.#take(stored);
      this.speaker.start(this.progress(), repeat);
      if (this.#open().length > 0) {
        const producer = await log.openProducer();
        try {
          // What a task before this one read, this one can say nothing of.
          if (stored.ended.length === 0) this.#closingNotesOf = (read) => task.closingNotes?.(read) ?? [];
          await this.#readAll(task, producer);
        } finally {
          await producer.close();
        }
      }
      if (!signal.aborted)
        this.speaker.end(this.progress(), this.#counters.emitted, repeat && this.#counters.read === 0);
    } finally {
      await task.close();
    }
  }

  async #ensureTopic(): Promise<number> {
    const { log } = this.#context;
    if (this.#topic === STATUS_TOPIC) {
      throw new SyncError('BAD_INPUT', {
        message: `writing rows to ${STATUS_TOPIC}: that topic is for statuses only`,
      });
    }
    await log.createTopic({ name: this.#topic, partitions: PARTITIONS, retentionMs: RETENTION_MS });
    return (await log.readOffsets(this.#topic)).partitions.length;
  }

  #take(stored: StoredPlan): void {
    this.#stored = stored;
    for (const each of stored.ended) {
      this.#counters.read += each.read;
      this.#counters.filtered += each.filtered;
      this.#counters.emitted += each.emitted;
      this.#counters.nulled += each.nulled;
      this.#counters.currentIndex += each.emitted;
    }
  }

  /** Splits without END. */
  #open(): number[] {
    const stored = this.#stored;
    if (stored === null) return [];
    const ended = new Set(stored.ended.map((each) => each.split));
    return stored.plan.splits.map((_, split) => split).filter((split) => !ended.has(split));
  }

  async #readAll(task: SourceTask, producer: LogProducer): Promise<void> {
    const open = this.#open();
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, this.#context.signal]);
    const heartbeat = this.#beat(signal);
    const reader = async (): Promise<void> => {
      for (let split = open.shift(); split !== undefined && !signal.aborted; split = open.shift()) {
        await this.#readSplit({ task, producer, split, signal });
      }
    };
    const readers = Array.from({ length: Math.min(task.concurrency, open.length) }, reader);
    try {
      await Promise.all(readers);
    } finally {
      stop.abort();
      await Promise.allSettled([...readers, heartbeat]);
    }
    this.#context.signal.throwIfAborted();
  }

  /** A sign of life while a source is slow to give rows. */
  async #beat(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.speaker.processing(() => this.progress());
      await this.#context.clock.sleep(HEARTBEAT_MS, signal).catch(() => undefined);
    }
  }

  async #readSplit(work: {
    task: SourceTask;
    producer: LogProducer;
    split: number;
    signal: AbortSignal;
  }): Promise<void> {
    const stored = this.#stored;
    const text = stored?.plan.splits[work.split];
    if (stored === null || text === undefined) return;
    const attempt = this.#attempt(stored, work);
    await attempt.begin();
    await work.task.readSplit({ plan: stored.plan, split: text, out: attempt, signal: work.signal });
    work.signal.throwIfAborted();
    await attempt.acknowledged();
    const ending = this.#ending.then(() => this.#endSplit(attempt, work.split));
    this.#ending = ending.catch(() => undefined);
    await ending;
  }

  #attempt(stored: StoredPlan, work: { producer: LogProducer; split: number }): SplitAttempt {
    const { plan } = stored;
    const { config, clock } = this.#context;
    const format = this.#run.valueFormat;
    const predictedTotal = String(plan.predicted.rows ?? 'unknown');
    const batchRows = Number(config['pkuse.kafka.batch.size'] ?? '') || DEFAULT_BATCH_ROWS;
    return new SplitAttempt({
      producer: work.producer,
      topic: this.#topic,
      partition: work.split % stored.partitions,
      taskId: this.#run.taskId,
      predictedTotal,
      begin: {
        plan: stored.id,
        from: plan.window.from,
        to: plan.window.to,
        splits: plan.splits.length,
        partitions: stored.partitions,
        split: work.split,
        attempt: randomBytes(6).toString('base64url'),
        format,
        schema: plan.schema,
        predictedTotal,
        doubts: plan.doubts,
      },
      encoder: createEncoder(format, plan.schema),
      control: this.#run.endMarker === 'control',
      batchRows,
      pool: this.#pool,
      counters: this.#counters,
      now: () => clock.now(),
    });
  }

  async #endSplit(attempt: SplitAttempt, split: number): Promise<void> {
    const stored = this.#stored;
    if (stored === null) return;
    const others = stored.ended.length + (this.#holder === null ? 0 : 1);
    const isLast = others + 1 === stored.plan.splits.length;
    if (isLast) {
      // Before the sink can complete the run: then nobody waits for this side's end any more.
      this.#closingNotes = this.#closingNotesOf(this.#counters.read);
      this.speaker.allRead(this.progress());
    }
    if (this.#run.endMarker === 'control') {
      await attempt.end(isLast);
      await this.#noteEnded(attempt, split);
    } else {
      await this.#endWithoutControl(attempt, split, isLast);
    }
  }

  /** A split is noted as ended only when its last row is in the log; the newest such row of the run waits for isEnd. */
  async #endWithoutControl(attempt: SplitAttempt, split: number, isLast: boolean): Promise<void> {
    if (attempt.holdsRow) {
      await this.#releaseHolder(false);
      this.#holder = { attempt, split };
    } else {
      await this.#noteEnded(attempt, split);
    }
    if (isLast) await this.#releaseHolder(true);
  }

  async #releaseHolder(isEnd: boolean): Promise<void> {
    const holder = this.#holder;
    if (holder === null) return;
    this.#holder = null;
    await holder.attempt.sendHeld(isEnd);
    await this.#noteEnded(holder.attempt, holder.split);
  }

  async #noteEnded(attempt: SplitAttempt, split: number): Promise<void> {
    const stored = this.#stored;
    if (stored === null) return;
    const { read, filteredRows: filtered, emitted, nulledCells: nulled } = attempt;
    const ended = { split, read, filtered, emitted, nulled };
    this.#stored = { ...stored, ended: [...stored.ended, ended] };
    await writePlan(this.#context, this.#stored);
  }
}
