// Sessions whose store or ledger was closed, kept for a moment for the next one of the same login in this thread: runs without rows follow
// one another closely, and making a session costs more than all they say over it.
import type { KeptSession } from '../target/session.ts';

/** Well below the time after which a server closes a sleeping session of ours. */
const KEEP_MS = 5_000;
/** What a server decides at log-in, and its limits, may change: a session is not older than this when it is taken. */
const OLDEST_MS = 60_000;
const MOST = 16;

interface Kept<S> {
  readonly session: S;
  readonly key: string;
  readonly late: NodeJS.Timeout;
}

export interface SessionKeeper<S> {
  /** One that is alive and was ended by nobody; null: none. */
  take(key: string, signal: AbortSignal | undefined): S | null;
  /** False: it is not kept, and the caller's to destroy. No transaction is open on it. */
  keep(key: string, session: S): boolean;
}

export function createSessionKeeper<S extends KeptSession>(): SessionKeeper<S> {
  const kept = new Set<Kept<S>>();
  const forget = (each: Kept<S>): void => {
    kept.delete(each);
    clearTimeout(each.late);
  };
  return {
    take: (key, signal) => {
      for (const each of kept) {
        if (each.key !== key) continue;
        forget(each);
        if (each.session.alive && Date.now() - each.session.bornAt < OLDEST_MS) {
          each.session.wake(signal);
          return each.session;
        }
        each.session.destroy();
      }
      return null;
    },
    keep: (key, session) => {
      if (!session.alive || kept.size >= MOST) return false;
      session.rest();
      const late = setTimeout(() => {
        forget(each);
        session.destroy();
      }, KEEP_MS).unref();
      const each: Kept<S> = { session, key, late };
      kept.add(each);
      return true;
    },
  };
}
