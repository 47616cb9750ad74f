// What a job's words stand for in this process: its clusters, its plugins, its connectors' names.
import { createHash } from 'node:crypto';
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import type { SinkPlugin, SourcePlugin } from '../../src/core/connector/contract.ts';
import { KEY } from '../../src/core/connector/keys.ts';
import { SyncError } from '../../src/core/errors.ts';
import { findPlugin } from '../../src/core/connector/plugin-registry.ts';
import type { ConnectorSpec, JobSpec, SinkSpec } from '../../src/core/job.ts';
import { clusterOf, connectorNames } from '../../src/core/job.ts';
import type { ConnectCluster } from '../../src/core/ports/connect-cluster.ts';
import { isStock } from '../../src/core/connector/stock-connector.ts';
import type { ExecutorParts } from '../executor-parts.ts';

export interface Wiring {
  readonly source: ConnectorPlace;
  readonly sink: ConnectorPlace;
  readonly plugins: {
    readonly source: SourcePlugin;
    /** null: not one of ours, so there is no ledger and nothing is proved. */
    readonly sink: SinkPlugin | null;
  };
  /** Data topic of the job. */
  readonly topic: string;
}

export interface ConnectorPlace {
  readonly cluster: ConnectCluster;
  readonly name: string;
  /** The user's configuration with the name in it, but nothing of a run. */
  readonly config: ConnectorConfig;
}

/**
 * Throws NOT_FOUND for an unknown cluster, BAD_INPUT for a source that isn't one of ours, and what the cluster of a sink says that
 * must be asked whose it is.
 */
export async function wireJob(
  parts: Pick<ExecutorParts, 'clusters' | 'plugins'>,
  jobId: string,
  spec: JobSpec,
): Promise<Wiring> {
  const names = connectorNames(jobId);
  const place = (side: 'source' | 'sink'): ConnectorPlace => ({
    cluster: findCluster(parts, spec, side),
    name: names[side],
    config: baseConfig(spec[side], names[side]),
  });
  const [source, sink] = [place('source'), place('sink')];
  const plugin = findPlugin(parts.plugins, spec.source.connector);
  if (plugin?.type !== 'source')
    throw new SyncError('BAD_INPUT', {
      message: `no source connector named ${spec.source.connector}`,
      field: 'source.connector',
    });
  const topic = plugin.topicOf(source.config);
  return {
    source,
    sink: { ...sink, config: { ...sink.config, [KEY.topics]: topic } },
    plugins: { source: plugin, sink: await findSink(parts, spec.sink, sink.cluster) },
    topic,
  };
}

function findCluster(
  { clusters }: Pick<ExecutorParts, 'clusters'>,
  spec: JobSpec,
  side: 'source' | 'sink',
): ConnectCluster {
  const name = clusterOf(spec, side);
  const cluster = clusters.get(name);
  if (cluster !== undefined) return cluster;
  throw new SyncError('NOT_FOUND', {
    message: `no Connect cluster named ${name}`,
    field: name === spec.cluster ? 'cluster' : 'sink.cluster',
  });
}

async function findSink(
  { plugins }: Pick<ExecutorParts, 'plugins'>,
  { connector, cluster: named }: SinkSpec,
  cluster: ConnectCluster,
): Promise<SinkPlugin | null> {
  const plugin = findPlugin(plugins, connector);
  if (plugin?.type !== 'sink') return null;
  // On the source's cluster all is ours: asked is only one that is named for the sink, and about a name that may mean another's.
  const isOurs = named === undefined || !isStock(connector, null);
  return isOurs || !isStock(connector, await cluster.readIncarnation()) ? plugin : null;
}

/** Identity of what is read, what is written and by which key: when it changes the job must be read in full again. */
export function digestOf({ plugins, source, sink }: Wiring, to: SinkPlugin): string {
  const identity = [plugins.source.identity(source.config), to.identity(sink.config)];
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex');
}

/** All else that decides what rows hold: when it changes, rows that are not read again keep what they had. */
export function contentOf({ plugins, source, sink }: Wiring, to: SinkPlugin): string {
  const content = [plugins.source.content(source.config), to.content(sink.config)];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

function baseConfig(spec: ConnectorSpec, name: string): ConnectorConfig {
  return { ...spec.config, name, 'connector.class': spec.connector };
}
