// A source's task of somebody else: its plan is looked at, its rows are counted, and a silence that lasts too long ends it.
import { counted } from '../../src/core/text.ts';
import type { RowOutput, SourcePlan, SourceTask, TaskOpening } from '../../src/core/connector/contract.ts';
import { abortReason } from '../../src/core/clock.ts';
import { untilAborted } from '../../src/core/waiting/until-aborted.ts';
import { within } from '../../src/core/waiting/within.ts';
import { planProblem } from './check-plan.ts';
import { fault, faultOf, silent } from './faults.ts';
import type { Guard } from './faults.ts';

type SplitRead = Parameters<SourceTask['readSplit']>[0];
type TaskGuard = Guard & Pick<TaskOpening<unknown>, 'clock' | 'signal'>;

/** After a stop it may end by itself for so long. */
const GRACE_MS = 5_000;

export function guardTask(task: SourceTask, guard: TaskGuard): SourceTask {
  const { name, answerMs, clock } = guard;
  if (!Number.isInteger(task.concurrency) || task.concurrency < 1)
    throw fault(name, `opening: its concurrency is ${String(task.concurrency)}`);
  const count: Count = { rows: 0, splits: 0 };
  return {
    concurrency: task.concurrency,
    plan: async (request) => {
      const onLimit = (): never => {
        throw silent(name, 'planning', answerMs);
      };
      const plan = await named(name, 'planning', () =>
        untilAborted(guard.signal, within({ clock, ms: answerMs, onLimit }, task.plan(request))),
      );
      const problem = planProblem(plan);
      if (problem !== null) throw fault(name, `planning: ${problem}`);
      return plan;
    },
    readSplit: async (read) => {
      const watched = new WatchedOutput(read.out, name);
      try {
        await named(name, 'reading', () => obey(guard, read, { watched, task }));
      } finally {
        watched.closed = true;
      }
      count.splits += 1;
      count.rows += watched.told;
      requireCount(name, read.plan, count);
    },
    ...(task.closingNotes && { closingNotes: (rows) => task.closingNotes?.(rows) ?? [] }),
    close: () => {
      const closing = Promise.resolve().then(() => task.close());
      return within(
        { clock, ms: GRACE_MS, onLimit: () => undefined },
        closing.catch(() => undefined),
      );
    },
  };
}

interface Count {
  rows: number;
  splits: number;
}

/** Only a task that read every split knows how many rows there were. */
function requireCount(name: string, { predicted, splits }: SourcePlan, { rows, splits: read }: Count): void {
  if (!predicted.exact || read !== splits.length || predicted.rows === rows) return;
  throw fault(name, `reading: it said exactly ${counted(predicted.rows, 'row')}, and gave ${rows}`);
}

/** Ends with the read, some seconds after it was stopped, or when nothing was heard for too long. */
async function obey(
  { name, answerMs, clock }: TaskGuard,
  read: SplitRead,
  { watched, task }: { readonly watched: WatchedOutput; readonly task: SourceTask },
): Promise<void> {
  const over = new AbortController();
  const stop = AbortSignal.any([read.signal, over.signal]);
  const giveUp = async (): Promise<never> => {
    while (!stop.aborted) {
      const before = watched.signs;
      await clock.sleep(answerMs, stop).catch(() => undefined);
      if (!isAborted(stop) && watched.signs === before && !watched.waits)
        throw silent(name, 'reading', answerMs);
    }
    await clock.sleep(GRACE_MS, over.signal);
    throw abortReason(read.signal);
  };
  const work = Promise.resolve().then(() => task.readSplit({ ...read, out: watched }));
  const givingUp = giveUp();
  // Whichever comes second is nobody's any more.
  for (const end of [work, givingUp]) end.catch(() => undefined);
  try {
    await Promise.race([work, givingUp]);
  } finally {
    over.abort();
  }
}

/** Asked again after a wait: it may have changed meanwhile. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

async function named<T>(name: string, what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw faultOf(name, what, error);
  }
}

/** Counts what is told, and hears no more once the split was read: such a row would lie behind its end. */
class WatchedOutput implements RowOutput {
  signs = 0;
  /** Rows that count as read. */
  told = 0;
  /** The log is slow, not the source. */
  waits = false;
  closed = false;
  readonly #out: RowOutput;
  readonly #name: string;

  constructor(out: RowOutput, name: string) {
    this.#out = out;
    this.#name = name;
  }

  row(bytes: Uint8Array, keyEnd: number, end: number): void {
    this.#tell();
    if (!(keyEnd >= 0 && keyEnd <= end && end <= bytes.length))
      throw fault(this.#name, `reading: a row of ${end} bytes with a key of ${keyEnd}, in ${bytes.length}`);
    this.#out.row(bytes, keyEnd, end);
  }

  dirty(...row: Parameters<RowOutput['dirty']>): void {
    this.#tell();
    this.#out.dirty(...row);
  }

  deleted(bytes: Uint8Array, keyEnd: number, end: number): void {
    this.#tell();
    this.#out.deleted?.(bytes, keyEnd, end);
  }

  filtered(...reason: Parameters<RowOutput['filtered']>): void {
    this.#tell();
    this.#out.filtered(...reason);
  }

  claimed(...claim: Parameters<NonNullable<RowOutput['claimed']>>): void {
    this.#sign();
    this.#out.claimed?.(...claim);
  }

  nulled(field: string): void {
    this.#sign();
    this.#out.nulled(field);
  }

  remarked(...remark: Parameters<NonNullable<RowOutput['remarked']>>): void {
    this.#sign();
    this.#out.remarked?.(...remark);
  }

  doubted(...doubt: Parameters<NonNullable<RowOutput['doubted']>>): void {
    this.#sign();
    this.#out.doubted?.(...doubt);
  }

  async drained(): Promise<void> {
    this.#sign();
    this.waits = true;
    try {
      await this.#out.drained();
    } finally {
      this.waits = false;
    }
  }

  #tell(): void {
    this.#sign();
    this.told += 1;
  }

  #sign(): void {
    if (this.closed)
      throw fault(this.#name, 'reading: it tells of a row after it said that the split is read');
    this.signs += 1;
  }
}
