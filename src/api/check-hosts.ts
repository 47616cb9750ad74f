// Hosts that a user named are looked up before anything dials them: 0x7f.1 is 127.0.0.1, whatever it is called. A host that nobody
// knows here is let pass: the worker may know it, and who dials it is told.
import { lookup } from 'node:dns/promises';
import type { RefuseAddress } from '../core/network/address-guard.ts';
import { systemClock } from '../core/clock.ts';
import type { ConnectorPlugin } from '../core/connector/contract.ts';
import { SyncError } from '../core/errors.ts';
import type { JobSpec } from '../core/job.ts';
import { findPlugin } from '../core/connector/plugin-registry.ts';
import { within } from '../core/waiting/within.ts';
import type { ApiParts } from './api-parts.ts';

const LOOKUP_LIMIT_MS = 3_000;

/** `host 10.0.0.1 is …`; null: it may be reached. */
export async function refusalOf(host: string, refuse: RefuseAddress): Promise<string | null> {
  for (const address of await addressesOf(host.replace(/^\[|\]$/g, ''))) {
    const why = refuse(address);
    if (why !== null) return `host ${host} ${address === host ? '' : `(${address}) `}${why}`;
  }
  return null;
}

/** What may not be reached of the hosts that a connector's configuration names. */
export async function findRefusedHosts(
  { plugins, refuseAddress }: Pick<ApiParts, 'plugins' | 'refuseAddress'>,
  { connector, config }: JobSpec['source'],
): Promise<readonly string[]> {
  const hosts = hostsOf(findPlugin(plugins, connector), config);
  const refusals = await Promise.all(hosts.map((host) => refusalOf(host, refuseAddress.connector)));
  return refusals.filter((refusal) => refusal !== null);
}

/** Throws BAD_INPUT. */
export async function requireReachable(parts: ApiParts, connector: JobSpec['source']): Promise<void> {
  const [first] = await findRefusedHosts(parts, connector);
  if (first !== undefined)
    throw new SyncError('BAD_INPUT', {
      message: `checking where the connector leads: ${first}`,
      field: 'config',
    });
}

/** A configuration that can't be read names none: what is wrong with it is said elsewhere. */
function hostsOf(plugin: ConnectorPlugin | null, config: JobSpec['source']['config']): readonly string[] {
  try {
    return plugin?.hosts?.(config) ?? [];
  } catch {
    return [];
  }
}

function addressesOf(host: string): Promise<readonly string[]> {
  const found = lookup(host, { all: true }).then(
    (all) => all.map(({ address }) => address),
    () => [],
  );
  return within<readonly string[]>({ clock: systemClock, ms: LOOKUP_LIMIT_MS, onLimit: () => [] }, found);
}
