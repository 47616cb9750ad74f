// Whose connector each side of a job means. A sink may be any that its cluster has, where that is a real Kafka Connect; the same name
// can mean ours on a Syncline worker.
import type { ConnectorPlugin } from '../core/connector/contract.ts';
import { toSyncError } from '../core/errors.ts';
import type { JobSpec } from '../core/job.ts';
import { clusterOf } from '../core/job.ts';
import { findPlugin } from '../core/connector/plugin-registry.ts';
import type { ConnectCluster } from '../core/ports/connect-cluster.ts';
import { isStock } from '../core/connector/stock-connector.ts';
import type { ApiParts } from './api-parts.ts';

export type SideName = 'source' | 'sink';

export interface JobSide {
  /** null: nothing is configured under that name. */
  readonly cluster: ConnectCluster | null;
  /** `unknown`: its cluster is away and alone could tell. */
  readonly whose: 'ours' | 'stock' | 'unknown';
  /** Of ours; null: there is none of that name and kind, or it is not ours that is meant. */
  readonly plugin: ConnectorPlugin | null;
}

export type JobSides = Readonly<Record<SideName, JobSide>>;

export async function resolveSides(spec: JobSpec, parts: ApiParts): Promise<JobSides> {
  const [source, sink] = [await resolve('source', spec, parts), await resolve('sink', spec, parts)];
  return { source, sink };
}

async function resolve(side: SideName, spec: JobSpec, { clusters, plugins }: ApiParts): Promise<JobSide> {
  const { connector } = spec[side];
  const cluster = clusters.get(clusterOf(spec, side)) ?? null;
  const found = findPlugin(plugins, connector);
  const plugin = found?.type === side ? found : null;
  // On the job's cluster all is ours; and nobody need be asked about a name that is ours alone.
  const mayBeStock = side === 'sink' && spec.sink.cluster !== undefined;
  if (plugin === null ? !mayBeStock : !isStock(connector, null)) return { cluster, whose: 'ours', plugin };
  if (cluster === null) return { cluster, whose: 'unknown', plugin };
  try {
    if (isStock(connector, await cluster.readIncarnation())) return { cluster, whose: 'stock', plugin: null };
  } catch (error) {
    if (toSyncError(error).code !== 'CONNECT_UNREACHABLE') throw error;
    if (mayBeStock) return { cluster, whose: 'unknown', plugin };
  }
  return { cluster, whose: 'ours', plugin };
}
