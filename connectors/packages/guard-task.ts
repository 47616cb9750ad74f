// A source's task of somebody else: its plan is looked at, its rows are counted, and a silence that lasts too long ends it.
import { counted } from '../../src/core/text.ts';
import type { RowOutput, SourcePlan, SourceTask, TaskOpening } from '../../src/core/connector/contract.ts';
import { SyncError } from '../../src/core/errors.ts';
import { missingParts } from '../../src/core/connector/define.ts';
import { untilAborted } from '../../src/core/waiting/until-aborted.ts';
import { within } from '../../src/core/waiting/within.ts';
import { planProblem } from './check-plan.ts';
import { fault, named, silent } from './faults.ts';
import type { Guard } from './faults.ts';
import { GRACE_MS, hear } from './hear.ts';

type TaskGuard = Guard & Pick<TaskOpening<unknown>, 'clock' | 'signal'>;

export function guardTask(task: SourceTask, guard: TaskGuard): SourceTask {
  const { name, answerMs, clock } = guard;
  const problem = missingParts(task, ['plan', 'readSplit', 'close']);
  if (problem !== null)
    throw new SyncError('PLUGIN_FAULT', { message: `opening a task of ${name}: ${problem}` });
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
        const { signal } = read;
        const hearing = { clock, signal, signs: watched, what: 'reading' };
        await named(name, 'reading', () =>
          hear(guard, hearing, () => task.readSplit({ ...read, out: watched })),
        );
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
