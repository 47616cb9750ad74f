// A transaction of somebody else's target: each of its answers is looked at before anybody believes it.
import type { RefusedRow, RowBatch, SinkTransaction } from '../../src/core/connector/sink-store.ts';
import type { RunKey } from '../../src/core/ledger/ledger.ts';
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

export function guardTransaction(
  tx: SinkTransaction,
  guard: Guard,
  { turns, kept, noted }: { readonly turns: Turns; readonly kept: Kept; readonly noted: Noted },
): SinkTransaction {
  const { name } = guard;
  const asked = <T>(what: string, act: () => Promise<T>): Promise<T> =>
    turns.of(() => named(name, `${what} in the target`, async () => act()));
  const own: Partial<SinkTransaction> = {
    movePartition: async (key, move) => {
      const moved = await asked('movePartition', () => tx.movePartition(key, move));
      const place = placeOf(key, move);
      if (moved) noted.moved.set(place, move.to);
      else if (kept.positions.get(place) === move.from)
        await requireKept(guard, {
          key,
          move,
          read: () => asked('readPartitions', () => tx.readPartitions(key)),
        });
      return moved;
    },
    completeRun: async (key, to) => {
      const complete = await asked('completeRun', () => tx.completeRun(key, to));
      if (complete) noted.completed = key;
      return complete;
    },
    writeRows: async (batch) => {
      const refused = await asked('writeRows', () => tx.writeRows(batch));
      const problem = refusedProblem(refused, batch);
      if (problem !== null) throw fault(name, `writing rows: ${problem}`);
      return refused;
    },
    digestRows: async (batch) => {
      const digests = await asked('digestRows', () => tx.digestRows(batch));
      if (areDigests(digests, batch.rows)) return digests;
      throw fault(name, `looking at ${counted(batch.rows, 'row')}: it does not tell of each what it holds`);
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

/** A position only grows while its run goes on. Throws PLUGIN_FAULT for one that has gone back. */
async function requireKept(
  { name }: Guard,
  {
    key,
    move,
    read,
  }: {
    readonly key: RunKey;
    readonly move: Move;
    readonly read: () => ReturnType<SinkTransaction['readPartitions']>;
  },
): Promise<void> {
  const now = (await read()).find(
    ({ topic, partition }) => topic === move.topic && partition === move.partition,
  );
  if (now !== undefined && now.next > move.from) return;
  throw fault(
    name,
    `moving a position: its ledger has forgotten it: ${move.topic}/${move.partition} of ${key.job} was kept at ${move.from}, and is ${now === undefined ? 'gone' : `at ${now.next}`}`,
  );
}

export function placeOf({ job, epoch }: RunKey, { topic, partition }: Move): string {
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
