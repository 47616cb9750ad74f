// Sessions of a sink whose connection breaks at a statement of one's choice: before the server has it, or when it has done it.
import { SyncError } from '../../src/core/errors.ts';
import type { SqlSession } from '../../connectors/sql/target/session.ts';

export interface Deaths {
  /** Counts on from here; 0: nothing is counted. */
  statement: number;
  /** It dies at that one. */
  readonly at: number;
  readonly when: 'before' | 'after';
  /** What the statement was. */
  died: string | null;
}

export function deathAt(at: number, when: Deaths['when']): Deaths {
  return { statement: 0, at, when, died: null };
}

/** From the next statement on. */
export function arm(deaths: Deaths): void {
  deaths.statement = 1;
}

/** To break at one that only reads is to break before the next one that does not. */
const statements = ['command', 'change', 'begin', 'commit', 'write', 'load', 'copy'];

export function dying<S extends SqlSession>(session: S, deaths: Deaths): S {
  return new Proxy(session, {
    get: (target, name) => {
      const found: unknown = Reflect.get(target, name, target);
      if (typeof found !== 'function') return found;
      const act = (...values: unknown[]): unknown => Reflect.apply(found, target, values);
      if (typeof name !== 'string' || !statements.includes(name)) return act;
      return async (...values: unknown[]): Promise<unknown> => {
        const dies = deaths.statement > 0 && deaths.statement === deaths.at;
        if (deaths.statement > 0) deaths.statement += 1;
        if (!dies) return act(...values);
        deaths.died = `${name} ${typeof values[0] === 'string' ? values[0].slice(0, 60) : ''}`;
        if (deaths.when === 'after') await act(...values);
        session.destroy();
        throw new SyncError('TARGET_UNREACHABLE', { message: 'the connection broke', retriable: true });
      };
    },
  });
}
