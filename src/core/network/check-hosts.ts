// Hosts that a user named are looked up before anything dials them: 0x7f.1 is 127.0.0.1, whatever it is called. A host that nobody
// knows here is let pass: the worker may know it, and who dials it is told.
import { lookup } from 'node:dns/promises';
import type { ConnectorConfig } from '../connector/config-def.ts';
import type { ConnectorPlugin } from '../connector/contract.ts';
import { findPlugin } from '../connector/plugin-registry.ts';
import { SyncError } from '../errors.ts';
import type { RefuseAddress } from './address-guard.ts';

const LOOKUP_LIMIT_MS = 3_000;

/** What of a connector says where it dials. */
export interface Dialling {
  readonly connector: string;
  readonly config: ConnectorConfig;
}

export interface HostGuard {
  readonly plugins: readonly ConnectorPlugin[];
  readonly refuse: RefuseAddress;
}

/** `host 10.0.0.1 is …`; null: it may be reached. */
export async function refusalOf(host: string, refuse: RefuseAddress): Promise<string | null> {
  for (const address of await addressesOf(host)) {
    const why = refuse(address);
    if (why !== null) return `host ${host} ${address === host ? '' : `(${address}) `}${why}`;
  }
  return null;
}

/** What may not be reached of the hosts that a connector's configuration names. */
export async function findRefusedHosts(
  { plugins, refuse }: HostGuard,
  { connector, config }: Dialling,
): Promise<readonly string[]> {
  const hosts = hostsOf(findPlugin(plugins, connector), config);
  const refusals = await Promise.all(hosts.map((host) => refusalOf(host, refuse)));
  return refusals.filter((refusal) => refusal !== null);
}

/** Called before anything dials: a name may lead elsewhere than when it was saved. Throws BAD_INPUT naming host and `field`. */
export async function requireReachable(
  guard: HostGuard,
  dialling: Dialling,
  field = 'config',
): Promise<void> {
  const [first] = await findRefusedHosts(guard, dialling);
  if (first === undefined) return;
  throw new SyncError('BAD_INPUT', { message: `checking where the connector leads: ${first}`, field });
}

/** Throws BAD_INPUT naming the host. */
export async function requireReachableHosts(hosts: readonly string[], refuse: RefuseAddress): Promise<void> {
  for (const host of hosts) {
    const refusal = await refusalOf(host, refuse);
    if (refusal !== null) throw new SyncError('BAD_INPUT', { message: refusal });
  }
}

/** A configuration that can't be read names none: what is wrong with it is said elsewhere. */
export function hostsOf(plugin: ConnectorPlugin | null, config: ConnectorConfig): readonly string[] {
  try {
    return plugin?.hosts?.(config) ?? [];
  } catch {
    return [];
  }
}

/** By an address that both have. */
export async function isSameHost(one: string, other: string): Promise<boolean> {
  if (one.toLowerCase() === other.toLowerCase()) return true;
  const [first, second] = await Promise.all([addressesOf(one), addressesOf(other)]);
  return first.some((address) => second.includes(address));
}

/** None: it is not known here. */
async function addressesOf(named: string): Promise<readonly string[]> {
  const host = named.replace(/^\[|\]$/g, '');
  const limit = new Promise<never[]>((resolve) => {
    setTimeout(() => resolve([]), LOOKUP_LIMIT_MS).unref();
  });
  const found = lookup(host, { all: true }).then(
    (all) => all.map(({ address }) => address),
    () => [],
  );
  return Promise.race([found, limit]);
}
