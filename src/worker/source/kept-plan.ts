// The plan of a run as the worker keeps it: made once per task id, stored before the first record, never made again. The plan itself is
// one note that does not change; what has ended is added to another one, a line per split, so that 20,000 splits cost 20,000 lines.
//
//   note `plan`  = head (JSON) LF shared LF *( split LF )        note `ended` = *( EndedSplit (JSON, with its plan's id) LF )
import { randomUUID } from 'node:crypto';
import type { SourcePlan, SourceTask } from '../../core/connector/contract.ts';
import { SyncError } from '../../core/errors.ts';
import { readPositionOf, requirePosition } from '../../core/position.ts';
import type { Position, Positions } from '../../core/position.ts';
import type { SourceRunConfig } from '../run-config.ts';
import type { TaskContext } from '../lanes/task-context.ts';

interface PlanHead {
  readonly id: string;
  readonly taskId: string;
  /** The connector's generation that planned: by hand, the same task id put again after its end is a new plan. */
  readonly generation: number;
  readonly partitions: number;
  readonly plan: Omit<SourcePlan, 'shared' | 'splits'>;
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
const ENDED = 'ended';
/** By hand: upper end of the last finished window, a position; `…/offsets` shows and sets it. */
export const LAST_TO = 'last-to';

export class KeptPlan {
  readonly id: string;
  readonly plan: SourcePlan;
  readonly partitions: number;
  /** Splits whose END was acknowledged. */
  readonly #ended: Map<number, EndedSplit>;
  readonly #context: TaskContext;
  readonly #isByHand: boolean;

  constructor(
    context: TaskContext,
    kept: { head: PlanHead; plan: SourcePlan; ended: Map<number, EndedSplit>; isByHand: boolean },
  ) {
    this.#isByHand = kept.isByHand;
    this.#context = context;
    this.id = kept.head.id;
    this.plan = kept.plan;
    this.partitions = kept.head.partitions;
    this.#ended = kept.ended;
  }

  get ended(): ReadonlyMap<number, EndedSplit> {
    return this.#ended;
  }

  /** Splits without END, in their order. */
  open(): number[] {
    return this.plan.splits.map((_, split) => split).filter((split) => !this.#ended.has(split));
  }

  /** Called once per split, one at a time. */
  async noteEnded(ended: EndedSplit): Promise<void> {
    const { notes } = this.#context;
    const { to } = this.plan.window;
    // First: a crash between the two reads the last split again, and nothing more.
    const isLast = this.#ended.size + 1 === this.plan.splits.length;
    if (isLast && to !== null && this.#isByHand) await notes.write(LAST_TO, to);
    await notes.append(ENDED, JSON.stringify({ plan: this.id, ...ended }));
    this.#ended.set(ended.split, ended);
  }
}

/** The stored plan of this run, or a new one; `repeat` tells which. Throws PLAN_LOST and what the source's plan throws. */
export async function readOrMakePlan(options: {
  task: SourceTask;
  /** null: the source has none. */
  positions: Positions | null;
  run: SourceRunConfig;
  context: TaskContext;
  partitions: number;
}): Promise<{ kept: KeptPlan; repeat: boolean }> {
  const { task, positions, run, context, partitions } = options;
  const isByHand = run.epoch === null;
  const known = await readPlan(context);
  if (known?.head.taskId === run.taskId) {
    const ended = await readEnded(context, known.head.id);
    const finished = ended.size === known.plan.splits.length;
    if (!finished || known.head.generation === context.generation)
      return { kept: new KeptPlan(context, { ...known, ended, isByHand }), repeat: true };
  }
  const base = isByHand ? await baseByHand(context, run, positions) : run.base;
  const { mode, lagMs, taskId, deletesFrom } = run;
  const deletes = deletesFrom === null ? {} : { deletesFrom };
  const previous = known === null ? {} : { previous: known.plan };
  const plan = await task.plan({ base, mode, lagMs, ...deletes, ...previous });
  requirePositions(plan, context.connector);
  const { shared, splits, ...rest } = plan;
  const head = { id: randomUUID(), taskId, generation: context.generation, partitions, plan: rest };
  await writePlan(context, head, [shared, ...splits]);
  return { kept: new KeptPlan(context, { head, plan, ended: new Map(), isByHand }), repeat: false };
}

/** Once it is there, what ended of the plan before it is of no use; its lines name their plan, should they outlive it. */
async function writePlan({ notes }: TaskContext, head: PlanHead, texts: readonly string[]): Promise<void> {
  if (texts.some((text) => text.includes('\n')))
    throw new SyncError('INTERNAL', {
      message: "keeping a source's plan: one of its texts has more than one line",
    });
  await notes.write(PLAN, [JSON.stringify(head), ...texts].join('\n'));
  await notes.clear(ENDED);
}

async function readPlan(context: TaskContext): Promise<{ head: PlanHead; plan: SourcePlan } | null> {
  const text = await context.notes.read(PLAN);
  if (text === null) return null;
  try {
    const [first = '', shared = '', ...splits] = text.split('\n');
    const head = JSON.parse(first) as PlanHead;
    return { head, plan: { ...head.plan, shared, splits } };
  } catch (cause) {
    throw new SyncError('PLAN_LOST', { message: `reading back the plan of ${context.connector}`, cause });
  }
}

async function readEnded({ notes }: TaskContext, plan: string): Promise<Map<number, EndedSplit>> {
  const ended = new Map<number, EndedSplit>();
  for (const line of ((await notes.read(ENDED)) ?? '').split('\n')) {
    const { plan: of, ...split } = parseEnded(line) ?? {};
    if (of === plan) ended.set((split as EndedSplit).split, split as EndedSplit);
  }
  return ended;
}

/** null: no line, or what a crash left of one; its split is read again. */
function parseEnded(line: string): (EndedSplit & { readonly plan: string }) | null {
  try {
    return JSON.parse(line) as EndedSplit & { readonly plan: string };
  } catch {
    return null;
  }
}

/** An incremental source by hand starts at `pkuse.lastincrementvalue`, else its own last position, else reads all. */
async function baseByHand(
  context: TaskContext,
  run: SourceRunConfig,
  positions: Positions | null,
): Promise<Position | null> {
  if (run.mode === 'full') return null;
  const said = run.startByHand;
  if (said === '') return context.notes.read(LAST_TO);
  return readPositionOf('pkuse.lastincrementvalue', () => {
    if (positions === null) throw new SyncError('BAD_INPUT', { message: 'this source has no positions' });
    return positions.readLastValue?.(said) ?? positions.read(said, context.clock.now());
  });
}

function requirePositions({ window: { from, to }, follows }: SourcePlan, of: string): void {
  const since = typeof follows === 'object' ? follows.since : null;
  for (const position of [from, to, since]) if (position !== null) requirePosition(position, of);
}
