// A transaction of somebody else's target: each of its answers is looked at before anybody believes it.
import type { RefusedRow, RowBatch, SinkTransaction } from '../../src/core/connector/sink-store.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { LedgerPartition, RunKey } from '../../src/core/ledger/ledger.ts';
import { counted } from '../../src/core/text.ts';
import { fault, named, type Guard } from './faults.ts';
import type { Signs } from './hear.ts';

/** Whose turn it is: the plug-in's, or the worker's. */
export class Turns implements Signs {
  signs = 0;
  #asked = 0;

  get waits(): boolean {
    return this.#asked === 0;
  }

  /** The plug-in is asked, and has answered when this resolves. */
  async of<T>(act: () => Promise<T>): Promise<T> {
    this.ask();
    try {
      return await act();
    } finally {
      this.answer();
    }
  }

  ask(): void {
    this.#asked += 1;
    this.signs += 1;
  }

  answer(): void {
    this.#asked -= 1;
    this.signs += 1;
  }
}

/** What was kept of a run in transactions that were committed. */
export interface Kept {
  /** Partition, with its run and topic → next offset. */
  readonly positions: Map<string, number>;
}

export interface Noted {
  readonly moved: Map<string, number>;
  completed: RunKey | null;
}

type Move = Parameters<SinkTransaction['movePartition']>[1];

type Asked = <T>(what: string, act: () => Promise<T>) => Promise<T>;

export function guardTransaction(
  tx: SinkTransaction,
  guard: Guard,
  { turns, kept, noted }: { readonly turns: Turns; readonly kept: Kept; readonly noted: Noted },
): SinkTransaction {
  const asked: Asked = (what, act) =>
    turns.of(() => named(guard.name, `${what} in the target`, async () => act()));
  const own = { ...ledgerCalls(tx, guard, { asked, kept, noted }), ...rowCalls(tx, guard, asked) };
  return new Proxy(tx, {
    get: (target, method) => {
      if (Object.hasOwn(own, method)) return Reflect.get(own, method) as unknown;
      const found: unknown = Reflect.get(target, method, target);
      if (typeof found !== 'function') return found;
      return (...args: unknown[]) =>
        asked(String(method), () => Reflect.apply(found, target, args) as Promise<unknown>);
    },
  });
}

function ledgerCalls(
  tx: SinkTransaction,
  guard: Guard,
  { asked, kept, noted }: { readonly asked: Asked; readonly kept: Kept; readonly noted: Noted },
): Partial<SinkTransaction> {
  return {
    movePartition: async (key, move) => {
      const read = async (): Promise<number | null> =>
        nextOf(await asked('readPartitions', () => tx.readPartitions(key)), move);
      const before = await read();
      const moved = await asked('movePartition', () => tx.movePartition(key, move));
      const place = placeOf(key, move);
      const known = kept.positions.get(place) ?? null;
      if (moved) noted.moved.set(place, move.to);
      else requireMoved(guard, { key, move, before, kept: known, now: await read() });
      return moved;
    },
    completeRun: async (key, to) => {
      const complete = await asked('completeRun', () => tx.completeRun(key, to));
      if (complete) noted.completed = key;
      return complete;
    },
  };
}

function rowCalls(tx: SinkTransaction, { name }: Guard, asked: Asked): Partial<SinkTransaction> {
  return {
    writeRows: async (batch) => {
      const refused = await asked('writeRows', () => tx.writeRows(batch));
      const problem = refusedProblem(refused, batch);
      if (problem !== null) throw fault(name, `writing rows: ${problem}`);
      return refused;
    },
    digestRows: async (batch, columns) => {
      const digests = await asked('digestRows', () => tx.digestRows(batch, columns));
      if (areDigests(digests, batch.rows)) return digests;
      throw fault(name, `looking at ${counted(batch.rows, 'row')}: it does not tell of each what it holds`);
    },
    isEmpty: async () => {
      const empty = await asked('isEmpty', () => tx.isEmpty());
      if (empty === null || typeof empty === 'boolean') return empty;
      throw fault(name, `asking whether the target has rows: it answers ${String(empty)}`);
    },
    unclaimedKeys: async function* (claim) {
      const pages = tx.unclaimedKeys(claim)[Symbol.asyncIterator]();
      for (;;) {
        const page = await asked('unclaimedKeys', () => pages.next());
        if (page.done === true) return;
        yield page.value;
      }
    },
  };
}

interface Unmoved {
  readonly key: RunKey;
  readonly move: Move;
  /** Next offsets, before and after it said that it did not move it; null: it has none. */
  readonly before: number | null;
  readonly now: number | null;
  /** By an earlier transaction. */
  readonly kept: number | null;
}

/** A position that is not moved stands elsewhere, and only grows while its run goes on. Throws PLUGIN_FAULT. */
function requireMoved({ name }: Guard, { key, move, before, now, kept }: Unmoved): void {
  const { topic, partition, from, to } = move;
  const where = `${topic}/${partition} of ${key.job}`;
  if (kept === from && (now === null || now < from))
    throw fault(
      name,
      `moving a position: its ledger has forgotten it: ${where} was kept at ${from}, and is ${now === null ? 'gone' : `at ${now}`}`,
    );
  // Between two transactions somebody else may have moved it: the next attempt tells.
  if (before === from && (now === from || now === to))
    throw new SyncError('PLUGIN_FAULT', {
      message: `${name}, moving a position: it says that it did not move ${where} from ${from} to ${to}, where it ${now === to ? 'is now' : 'has to be moved from'}`,
      retriable: true,
    });
}

function nextOf(partitions: readonly LedgerPartition[], { topic, partition }: Move): number | null {
  return partitions.find((each) => each.topic === topic && each.partition === partition)?.next ?? null;
}

function placeOf({ job, epoch }: RunKey, { topic, partition }: Move): string {
  return JSON.stringify([job, epoch, topic, partition]);
}

function refusedProblem(refused: readonly RefusedRow[], { rows }: RowBatch): string | null {
  if (!Array.isArray(refused))
    return `it answers ${JSON.stringify(refused)}, which is no list of refused rows`;
  const indexes = new Set<unknown>();
  for (const row of refused as readonly (RefusedRow | null | undefined)[]) {
    const index = row?.index;
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= rows)
      return `it refuses row ${String(index)} of ${rows}`;
    if (indexes.has(index)) return `it refuses row ${index} twice`;
    indexes.add(index);
  }
  return null;
}

function areDigests(value: unknown, rows: number): boolean {
  const isDigest = (each: unknown): boolean => each === null || typeof each === 'string';
  return Array.isArray(value) && value.length === rows && value.every(isDigest);
}
