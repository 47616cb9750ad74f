// The plan of a run as the worker keeps it: made once per task id, stored before the first record, never made again.
import { randomUUID } from 'node:crypto';
import type { SourcePlan, SourceTask } from '../../src/core/connector/contract.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { RunConfig } from './run-config.ts';
import type { TaskContext } from './task-context.ts';

export interface StoredPlan {
  readonly id: string;
  readonly taskId: string;
  /** The connector's generation that planned: by hand, the same task id put again after its end is a new plan. */
  readonly generation: number;
  readonly plan: SourcePlan;
  readonly partitions: number;
  /** Splits whose END was acknowledged, with their counts. */
  readonly ended: readonly EndedSplit[];
}

export interface EndedSplit {
  readonly split: number;
  readonly read: number;
  readonly filtered: number;
  readonly emitted: number;
  /** Cells that did not fit and were sent as NULL. */
  readonly nulled: number;
}

const PLAN = 'plan';
/** By hand: upper end of the last finished window, in milliseconds; `…/offsets` shows and sets it. */
export const LAST_TO = 'last-to';

/** The stored plan of this run, or a new one; `repeat` tells which. Throws PLAN_LOST and what the source's plan throws. */
export async function readOrMakePlan(options: {
  task: SourceTask;
  run: RunConfig;
  context: TaskContext;
  partitions: number;
}): Promise<{ stored: StoredPlan; repeat: boolean }> {
  const { task, run, context } = options;
  const known = await readPlan(context);
  if (known?.taskId === run.taskId) {
    const finished = known.ended.length === known.plan.splits.length;
    if (!finished || known.generation === context.generation) return { stored: known, repeat: true };
  }
  const base = run.epoch === null ? await baseByHand(context, run, task) : run.base;
  const plan = await task.plan({
    base,
    mode: run.mode,
    lagMs: run.lagMs,
    ...(known === null ? {} : { previous: known.plan }),
  });
  const stored: StoredPlan = {
    id: randomUUID(),
    taskId: run.taskId,
    generation: context.generation,
    plan,
    partitions: options.partitions,
    ended: [],
  };
  await writePlan(context, stored);
  return { stored, repeat: false };
}

export async function writePlan(context: TaskContext, stored: StoredPlan): Promise<void> {
  await context.notes.write(PLAN, JSON.stringify(stored));
  const finished = stored.ended.length === stored.plan.splits.length;
  if (finished && stored.plan.window.to !== null)
    await context.notes.write(LAST_TO, String(stored.plan.window.to));
}

async function readPlan(context: TaskContext): Promise<StoredPlan | null> {
  const text = await context.notes.read(PLAN);
  if (text === null) return null;
  try {
    return JSON.parse(text) as StoredPlan;
  } catch (cause) {
    throw new SyncError('PLAN_LOST', { message: `reading back the plan of ${context.connector}`, cause });
  }
}

/** An incremental source by hand starts at `pkuse.lastincrementvalue`, else its own last position, else reads all. */
async function baseByHand(context: TaskContext, run: RunConfig, task: SourceTask): Promise<number | null> {
  if (run.mode === 'full') return null;
  const said = (context.config['pkuse.lastincrementvalue'] ?? '').trim();
  if (said !== '' && task.readBase !== undefined) return task.readBase(said);
  const text = said === '' ? await context.notes.read(LAST_TO) : said;
  if (text === null) return null;
  const value = Number(text);
  if (Number.isSafeInteger(value) && (value >= 0 || said === '')) return value;
  throw new SyncError('BAD_INPUT', {
    message: `reading pkuse.lastincrementvalue: '${text}' is not a time in milliseconds since the epoch`,
    field: 'pkuse.lastincrementvalue',
  });
}
