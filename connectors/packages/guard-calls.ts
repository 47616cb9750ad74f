// The methods of a connector of somebody else, each held to its time, and to errors that name its package.
import type { Clock } from '../../src/core/clock.ts';
import { within } from '../../src/core/waiting/within.ts';
import { faultOf, silent, type Guard } from './faults.ts';

export type TimedGuard = Guard & { readonly clock: Clock };

/** What it gives back, in time if it is a promise. Throws PLUGIN_FAULT for what is no error of ours. */
export function call({ name, answerMs, clock }: TimedGuard, what: string, act: () => unknown): unknown {
  try {
    const given = act();
    if (!(given instanceof Promise)) return given;
    const onLimit = (): never => {
      throw silent(name, what, answerMs);
    };
    const answer = within({ clock, ms: answerMs, onLimit }, given as Promise<unknown>);
    return answer.catch((error: unknown) => {
      throw faultOf(name, what, error);
    });
  } catch (error) {
    throw faultOf(name, what, error);
  }
}

type Act = (...args: unknown[]) => unknown;

/** All of its methods, each of which answers with a promise, but those of `own`, which are called instead. `of`: whose they are, in words. */
export function guardCalls<T extends object>(
  guard: TimedGuard,
  of: string,
  own: { plugin: T; by: Partial<T> },
): T {
  const { plugin, by } = own;
  return new Proxy(plugin, {
    get: (target, name) => {
      if (Object.hasOwn(by, name)) return Reflect.get(by, name) as unknown;
      const found: unknown = Reflect.get(target, name, target);
      if (typeof found !== 'function') return found;
      return (...args: unknown[]) =>
        Promise.resolve().then(() =>
          call(guard, `${String(name)} in ${of}`, () => (found as Act).apply(target, args)),
        );
    },
  });
}
