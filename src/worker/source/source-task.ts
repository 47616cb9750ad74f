// A source task: plan once, then read the splits side by side into the log, each from its start, until all are ended.
//
//   starting ─topic there─► planning ─plan kept, or read back─► say start ─► reading ─all splits ended─► say end
//       │                     └─ says `processing: planning` each second
//       └─ any failure, in any state ─► say error; by the signal ─► say nothing
import type { SourcePlugin, SourceTask } from '../../core/connector/contract.ts';
import { closeAll } from '../../core/closing.ts';
import type { Closable } from '../../core/closing.ts';
import { dataTopic } from '../../core/record/data-topic.ts';
import { SyncError } from '../../core/errors.ts';
import { noCounts, STATUS_TOPIC } from '../../core/status.ts';
import { readSourceRun } from '../run-config.ts';
import type { SourceRunConfig } from '../run-config.ts';
import { createStatusSpeaker } from '../status-speaker.ts';
import type { Progress, StatusSpeaker } from '../status-speaker.ts';
import type { TaskContext } from '../lanes/task-context.ts';
import { readOrMakePlan } from './kept-plan.ts';
import { readSplits } from './read-splits.ts';
import { countersOf, progressOf } from './source-run.ts';
import type { SourceRun } from './source-run.ts';
import { OVER } from '../../core/waiting/over.ts';

const HEARTBEAT_MS = 1_000;

/** Runs until all splits are ended; throws SyncError when the task failed (after it said `error`). */
export async function runSourceTask(plugin: SourcePlugin, context: TaskContext): Promise<void> {
  const run = readSourceRun(plugin, context.connector, context.config);
  const { topic } = run;
  const { clock, publish } = context;
  const speaker = createStatusSpeaker({ run, side: 'source', topic: () => topic, clock, publish });
  const task = new SourceTaskLife({ plugin, context, run, topic, speaker });
  try {
    await closeAll(() => task.run(), task.open);
  } catch (error) {
    // Ended is ended: a connection that breaks afterwards takes nothing back.
    if (context.signal.aborted || task.hasEnded) return;
    speaker.error(task.progress(), error);
    throw error;
  }
}

interface SourceTaskParts {
  readonly plugin: SourcePlugin;
  readonly context: TaskContext;
  readonly run: SourceRunConfig;
  readonly topic: string;
  readonly speaker: StatusSpeaker;
}

class SourceTaskLife {
  readonly #parts: SourceTaskParts;
  /** What is to be closed at the end, the last first. */
  readonly open: Closable[] = [];
  hasEnded = false;
  #planned: SourceRun | null = null;

  constructor(parts: SourceTaskParts) {
    this.#parts = parts;
  }

  async run(): Promise<void> {
    const { plugin, context, topic, speaker } = this.#parts;
    const { log, signal } = context;
    const task = await plugin.openTask(context);
    this.open.push(task);
    const partitions = await ensureTopic(context, topic);
    const { source, repeat } = await this.#plan(task, partitions);
    this.#planned = source;
    speaker.start(progressOf(source), repeat);
    if (source.kept.open().length > 0) {
      const producer = await log.openProducer();
      this.open.push(producer);
      await beating(
        context,
        () => speaker.processing(() => progressOf(source)),
        readSplits(source, producer),
      );
    }
    if (signal.aborted) return;
    const { emitted, read } = source.counters;
    speaker.end(progressOf(source), emitted, repeat && read === 0);
    this.hasEnded = true;
  }

  progress(): Progress {
    if (this.#planned !== null) return progressOf(this.#planned);
    return { epoch: this.#parts.run.epoch ?? 0, predicted: { rows: null, exact: false }, counts: noCounts };
  }

  async #plan(task: SourceTask, partitions: number): Promise<{ source: SourceRun; repeat: boolean }> {
    const { plugin, context, run, topic, speaker } = this.#parts;
    const positions = plugin.positions?.(context.config) ?? null;
    const planning = readOrMakePlan({ task, positions, run, context, partitions });
    const { kept, repeat } = await beating(context, () => speaker.planning(this.progress()), planning);
    const counters = countersOf(kept);
    const batchLimit = await context.log.readBatchLimit(topic);
    const source = { context, run, speaker, topic, batchLimit, task, kept, counters, closing: [] };
    return { source, repeat };
  }
}

async function ensureTopic({ log }: TaskContext, name: string): Promise<number> {
  if (name === STATUS_TOPIC) {
    throw new SyncError('BAD_INPUT', {
      message: `writing rows to ${STATUS_TOPIC}: that topic is for statuses only`,
    });
  }
  await log.createTopic({ name, ...dataTopic });
  return (await log.readOffsets(name)).partitions.length;
}

/** Gives a sign of life each second while a source is slow. */
async function beating<T>(context: TaskContext, beat: () => void, work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const beats = beatUntil(context, beat, AbortSignal.any([over.signal, context.signal]));
  try {
    return await work;
  } finally {
    over.abort(OVER);
    await beats;
  }
}

async function beatUntil({ clock }: TaskContext, beat: () => void, over: AbortSignal): Promise<void> {
  for (;;) {
    await clock.sleep(HEARTBEAT_MS, over).catch(() => undefined);
    if (over.aborted) return;
    beat();
  }
}
