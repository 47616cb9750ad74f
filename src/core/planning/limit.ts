// Limits: how many runs may go at a time that share a source, a target or a label, on all executors together.
import type { ConnectorSpec, JobSpec } from '../job.ts';

export const limitKinds = ['source', 'target', 'label'] as const;

/** What several runs take up together. Of a source or target: a host that its configuration names. */
export interface Place {
  readonly kind: (typeof limitKinds)[number];
  readonly name: string;
}

export interface Limit extends Place {
  /** Runs at a time; 0: none starts. */
  readonly max: number;
}

export interface LimitInUse extends Limit {
  /** Runs that go; more than `max` where it was lowered. */
  readonly going: number;
}

/** Host names of a connector's configuration; [] where it dials none. */
export type HostsOf = (connector: ConnectorSpec) => readonly string[];

/** Each once. What dials no host is named by its connector. */
export function placesOf({ source, sink, labels }: JobSpec, hostsOf: HostsOf): readonly Place[] {
  const namesOf = (side: ConnectorSpec): readonly string[] => {
    const hosts = hostsOf(side).map((host) => host.toLowerCase());
    return hosts.length === 0 ? [side.connector] : [...new Set(hosts)].sort();
  };
  return [
    ...namesOf(source).map((name): Place => ({ kind: 'source', name })),
    ...namesOf(sink).map((name): Place => ({ kind: 'target', name })),
    ...labels.map((name): Place => ({ kind: 'label', name })),
  ];
}

export function samePlace(a: Place, b: Place): boolean {
  return a.kind === b.kind && a.name === b.name;
}

/** The limit that keeps a run which takes up `places` from starting; null: none does. */
export function fullLimit(places: readonly Place[], limits: readonly LimitInUse[]): LimitInUse | null {
  const isFull = ({ going, max }: LimitInUse): boolean => going >= max;
  return limits.find((limit) => isFull(limit) && places.some((place) => samePlace(place, limit))) ?? null;
}

/** Those of `waiting`, first come first, that may all start now; of one job one runs at a time, so it takes up its places once. */
export function startable<T extends { readonly jobId: string }>(
  waiting: readonly T[],
  placesOf: (item: T) => readonly Place[],
  limits: readonly LimitInUse[],
): readonly T[] {
  const started = new Set<string>();
  let left = limits;
  return waiting.filter((item) => {
    if (started.has(item.jobId)) return true;
    const places = placesOf(item);
    if (fullLimit(places, left) !== null) return false;
    started.add(item.jobId);
    left = left.map((limit) =>
      places.some((place) => samePlace(place, limit)) ? { ...limit, going: limit.going + 1 } : limit,
    );
    return true;
  });
}
