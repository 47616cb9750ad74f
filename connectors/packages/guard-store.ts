// A store of somebody else's target: it does the worker's work once and keeps what it says it has kept, or the run fails and names it.
import type { RowSchema } from '../../src/core/connector/field-type.ts';
import type { ReadyTable, SinkStore, SinkTransaction } from '../../src/core/connector/sink-store.ts';
import { within } from '../../src/core/waiting/within.ts';
import { fault, faultOf, named } from './faults.ts';
import { call, guardCalls, type TimedGuard } from './guard-calls.ts';
import { guardTransaction, Turns, type Kept, type Noted } from './guard-transaction.ts';
import { GRACE_MS, hear } from './hear.ts';

/** All stores of a task know what any of them kept. */
const keptBy = new WeakMap<AbortSignal, Kept>();

export function guardStore(store: SinkStore, guard: TimedGuard, signal: AbortSignal): SinkStore {
  const { name, clock } = guard;
  const kept = keptBy.get(signal) ?? { positions: new Map<string, number>() };
  keptBy.set(signal, kept);
  return guardCalls<SinkStore>(guard, 'the target', {
    plugin: store,
    by: {
      prepareTable: async (schema, run) => {
        const ready = await (call(guard, 'prepareTable in the target', () =>
          store.prepareTable(schema, run),
        ) as Promise<ReadyTable>);
        const problem = readyProblem(ready, schema);
        if (problem !== null) throw fault(name, `preparing the target: ${problem}`);
        return ready;
      },
      transaction: (work) => transaction(store, { guard, signal, kept }, work),
      close: () => {
        const closing = Promise.resolve().then(() => store.close());
        return within(
          { clock, ms: GRACE_MS, onLimit: () => undefined },
          closing.catch(() => undefined),
        );
      },
    },
  });
}

interface Watch {
  readonly guard: TimedGuard;
  readonly signal: AbortSignal;
  readonly kept: Kept;
}

type Ending<T> = { readonly result: T } | { readonly error: unknown };

async function transaction<T>(
  store: SinkStore,
  { guard, signal, kept }: Watch,
  work: (tx: SinkTransaction) => Promise<T>,
): Promise<T> {
  const { name, clock } = guard;
  const turns = new Turns();
  const noted: Noted = { moved: new Map(), completed: null };
  // A store may run the work again: what counts is how it ended last.
  let ended: Ending<T> | null = null;
  const once = async (tx: SinkTransaction): Promise<T> => {
    ended = null;
    noted.moved.clear();
    noted.completed = null;
    turns.answer();
    try {
      const result = await work(guardTransaction(tx, guard, { turns, kept, noted }));
      ended = { result };
      return result;
    } catch (error) {
      ended = { error };
      throw error;
    } finally {
      turns.ask();
    }
  };
  turns.ask();
  const hearing = { clock, signal, signs: turns, what: 'a transaction' };
  try {
    await hear(guard, hearing, () => store.transaction(once));
  } catch (error) {
    // The worker's own errors go through as they are.
    const last = ended as Ending<T> | null;
    throw last !== null && 'error' in last && last.error === error
      ? error
      : faultOf(name, 'a transaction', error);
  }
  const result = resultOf<T>(name, ended);
  for (const [place, next] of noted.moved) kept.positions.set(place, next);
  if (noted.completed !== null && store.finishSwap === undefined)
    await requireComplete(store, guard, noted.completed);
  return result;
}

function resultOf<T>(name: string, ended: Ending<T> | null): T {
  if (ended === null)
    throw fault(name, 'a transaction: it says that it is committed, and never did what belongs into it');
  // Whoever commits what failed has committed half of it.
  if ('error' in ended)
    throw fault(name, `a transaction: it was committed although its work failed: ${String(ended.error)}`);
  return ended.result;
}

/** In a transaction of its own, behind the one that completed it. */
async function requireComplete(
  store: SinkStore,
  { name }: TimedGuard,
  key: NonNullable<Noted['completed']>,
): Promise<void> {
  const run = await named(name, 'a transaction', () => store.transaction((tx) => tx.readRun(key)));
  if (run?.state === 'complete') return;
  throw fault(
    name,
    `completing the run: its ledger said that epoch ${key.epoch} of ${key.job} is complete, and does not know it afterwards`,
  );
}

function readyProblem(ready: ReadyTable | null | undefined, { fields }: RowSchema): string | null {
  if (typeof ready !== 'object' || ready === null) return `it answers ${String(ready)}`;
  const { key, notes, doubts, replaceable, mark } = ready as { readonly [name in keyof ReadyTable]: unknown };
  if (!Array.isArray(notes) || !Array.isArray(doubts)) return 'its notes or doubts are no array';
  const isField = (at: unknown): boolean => Number.isInteger(at) && fields[Number(at)] !== undefined;
  if (!Array.isArray(key) || !key.every(isField))
    return `its key is ${JSON.stringify(key)}, which are no fields`;
  if (mark !== undefined && typeof mark !== 'string') return `its mark is no text but ${typeof mark}`;
  return typeof replaceable === 'boolean' ? null : `its replaceable is ${String(replaceable)}`;
}
