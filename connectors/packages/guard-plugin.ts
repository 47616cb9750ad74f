// A connector of somebody else, held to the contract: what it throws becomes an error that names it, what never answers is given up, and
// what can't be true is not believed. Ours keep the contract by themselves; nothing of this lies on their way.
import type { ConnectorPlugin, SinkPlugin, SourcePlugin } from '../../src/core/connector/contract.ts';
import { systemClock, type Clock } from '../../src/core/clock.ts';
import { fault } from './faults.ts';
import { call, type TimedGuard } from './guard-calls.ts';
import { guardLedger } from './guard-ledger.ts';
import { guardStore } from './guard-store.ts';
import { guardTask } from './guard-task.ts';

/** So long it may give no sign; a connector may name another time. */
const ANSWER_MS = 600_000;

export function guardPlugin(
  plugin: ConnectorPlugin,
  name: string,
  clock: Clock = systemClock,
): ConnectorPlugin {
  const { answerWithinMs: said } = plugin;
  const answerMs = Number.isFinite(said) && Number(said) > 0 ? Number(said) : ANSWER_MS;
  const guard: TimedGuard = { name, answerMs, clock };
  const guarded: Record<string, unknown> = { ...plugin };
  for (const [key, value] of Object.entries(plugin))
    if (typeof value === 'function')
      guarded[key] = (...args: unknown[]) => call(guard, key, () => (value as Act).apply(plugin, args));
  if (plugin.type === 'sink') guardSink(guarded, guard);
  else guardSource(guarded, guard);
  return guarded as unknown as ConnectorPlugin;
}

type Act = (...args: unknown[]) => unknown;

function guardSource(guarded: Record<string, unknown>, guard: TimedGuard): void {
  const open = guarded['openTask'] as SourcePlugin['openTask'];
  guarded['openTask'] = async (opening: Parameters<SourcePlugin['openTask']>[0]) =>
    guardTask(await open(opening), { ...guard, clock: opening.clock, signal: opening.signal });
}

function guardSink(guarded: Record<string, unknown>, guard: TimedGuard): void {
  const openLedger = guarded['openLedger'] as SinkPlugin['openLedger'];
  const openStore = guarded['openStore'] as SinkPlugin['openStore'];
  guarded['openLedger'] = async (config: Parameters<SinkPlugin['openLedger']>[0]) =>
    guardLedger(thing(guard, 'openLedger', await openLedger(config)), guard);
  guarded['openStore'] = async (...opening: Parameters<SinkPlugin['openStore']>) =>
    guardStore(thing(guard, 'openStore', await openStore(...opening)), guard, opening[1]);
}

function thing<T>({ name }: TimedGuard, what: string, given: T): T {
  if (typeof given === 'object' && given !== null) return given;
  throw fault(name, `${what}: it answers ${String(given)}`);
}
