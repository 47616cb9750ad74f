// A connector of somebody else, held to the contract: what it throws becomes an error that names it, what never answers is given up, and
// a plan that is none is refused. Ours keep the contract by themselves; nothing of this lies on their way.
import type { ConnectorPlugin, SourcePlugin } from '../../src/core/connector/contract.ts';
import { systemClock } from '../../src/core/clock.ts';
import { within } from '../../src/core/waiting/within.ts';
import { faultOf, silent } from './faults.ts';
import type { Guard } from './faults.ts';
import { guardTask } from './guard-task.ts';

/** So long it may give no sign; a connector may name another time. */
const ANSWER_MS = 600_000;

export function guardPlugin(plugin: ConnectorPlugin, name: string): ConnectorPlugin {
  const { answerWithinMs: said } = plugin;
  const answerMs = Number.isFinite(said) && Number(said) > 0 ? Number(said) : ANSWER_MS;
  const guard: Guard = { name, answerMs };
  const guarded: Record<string, unknown> = { ...plugin };
  for (const [key, value] of Object.entries(plugin))
    if (typeof value === 'function')
      guarded[key] = (...args: unknown[]) => call(guard, key, () => (value as Act).apply(plugin, args));
  if (plugin.type === 'sink') return guarded as unknown as ConnectorPlugin;
  const open = guarded['openTask'] as SourcePlugin['openTask'];
  guarded['openTask'] = async (opening: Parameters<SourcePlugin['openTask']>[0]) =>
    guardTask(await open(opening), { ...guard, clock: opening.clock, signal: opening.signal });
  return guarded as unknown as ConnectorPlugin;
}

type Act = (...args: unknown[]) => unknown;

/** What it gives back, in time if it is a promise. Throws PLUGIN_FAULT for what is no error of ours. */
function call({ name, answerMs }: Guard, what: string, act: () => unknown): unknown {
  try {
    const given = act();
    if (!(given instanceof Promise)) return given;
    const onLimit = (): never => {
      throw silent(name, what, answerMs);
    };
    const answer = within({ clock: systemClock, ms: answerMs, onLimit }, given as Promise<unknown>);
    return answer.catch((error: unknown) => {
      throw faultOf(name, what, error);
    });
  } catch (error) {
    throw faultOf(name, what, error);
  }
}
