// The sessions that a task reads by, and the view of the data that they share:
//
//   opened ─first: a view of its own─► joined ─others: the same view, where the server can say so─► reading ─► closed
//                                        └─no common view: the others are closed, the first reads every range─► reading
//
// Views opened one after the other are never read side by side: a row whose key moves between two ranges meanwhile would be missing, or stand twice.
// A view lasts as long as the task: rows that change meanwhile are read as they were. A task that is started again has another one.
import { systemClock } from '../../../src/core/clock.ts';
import { SyncError } from '../../../src/core/errors.ts';
import { retry } from '../../../src/core/waiting/retry.ts';
import { Semaphore } from '../../../src/core/waiting/semaphore.ts';
import type { SqlSourceOwnConfig } from './config.ts';
import type { FoundTable, SourceSession } from './dialect.ts';

export interface OpenView {
  /** All of them see the same. */
  readonly sessions: readonly SourceSession[];
  /** As the view sees it; it stays so while the view is open. */
  readonly table: FoundTable;
}

type Opening = Pick<SqlSourceOwnConfig, 'server' | 'attempts' | 'backoffMs' | 'place' | 'name'>;

/** On a server where much is written, two views are seldom opened at the same place at the first try. */
const joinTries = 20;

/** Of `count` sessions at most. Throws SOURCE_*. Sessions of which one could not be opened are closed. */
export async function openView(opening: Opening, count: number, signal: AbortSignal): Promise<OpenView> {
  const sessions: SourceSession[] = [];
  try {
    for (let i = 0; i < count; i += 1) sessions.push(await openSourceSession(opening, signal));
    const [first, ...others] = sessions;
    if (first === undefined) throw new TypeError('a view without sessions');
    const isShared = await beginAll(first, others);
    if (!isShared) for (const session of others) session.close();
    await first.holdTable(opening.place);
    const table = await describeOrThrow(first, opening);
    return { sessions: isShared ? sessions : [first], table };
  } catch (error) {
    for (const session of sessions) session.close();
    throw error;
  }
}

/** Tries as often as connection.attempts says, where the server is away. Throws SOURCE_UNREACHABLE, SOURCE_DENIED. */
export function openSourceSession(
  { server, attempts, backoffMs }: Pick<Opening, 'server' | 'attempts' | 'backoffMs'>,
  signal: AbortSignal,
): Promise<SourceSession> {
  return retry(
    {
      clock: systemClock,
      signal,
      pauseMs: () => backoffMs,
      isPassing: (error, failures) =>
        error instanceof SyncError && error.code === 'SOURCE_UNREACHABLE' && failures < attempts,
    },
    () => server.open(signal),
  );
}

export async function describeOrThrow(
  session: SourceSession,
  { place, name }: Pick<Opening, 'place' | 'name'>,
): Promise<FoundTable> {
  const found = await session.describe(place);
  if (found !== null) return found;
  throw new SyncError('SOURCE_SCHEMA', {
    message: `reading ${name}: there is no such table, or this user may not read it`,
    field: 'table.whitelist',
  });
}

/** false: only the first one's view is to be read. */
async function beginAll(first: SourceSession, others: readonly SourceSession[]): Promise<boolean> {
  for (let tries = 0; tries < joinTries; tries += 1) {
    const view = await first.beginView();
    const joined = await Promise.all(others.map((session) => session.beginView(view ?? undefined)));
    if (others.length === 0 || (view !== null && joined.every((each) => each !== null))) return true;
    if (view === null) return false;
    if (tries + 1 < joinTries) await Promise.all([first, ...others].map((session) => session.endView()));
  }
  return false;
}

/** Lends the sessions of a view to one reader each. */
export class SessionPool {
  readonly #free: SourceSession[];
  readonly #places: Semaphore;

  constructor(sessions: readonly SourceSession[]) {
    this.#free = [...sessions];
    this.#places = new Semaphore(sessions.length);
  }

  use<T>(work: (session: SourceSession) => Promise<T>): Promise<T> {
    return this.#places.run(async () => {
      const session = this.#free.pop();
      if (session === undefined) throw new TypeError('a place without a session');
      try {
        return await work(session);
      } finally {
        this.#free.push(session);
      }
    });
  }
}
