// What a job's words stand for in this process: its cluster, its plugins, its connectors' names.
import { createHash } from 'node:crypto';
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import type { SinkPlugin, SourcePlugin } from '../../src/core/connector/contract.ts';
import { KEY } from '../../src/core/connector/keys.ts';
import { SyncError } from '../../src/core/errors.ts';
import { findPlugin } from '../../src/core/connector/plugin-registry.ts';
import type { ConnectorSpec, JobSpec } from '../../src/core/job.ts';
import { connectorNames } from '../../src/core/job.ts';
import type { ConnectCluster } from '../../src/core/ports.ts';
import type { ExecutorParts } from '../executor-parts.ts';

export interface Wiring {
  readonly cluster: ConnectCluster;
  readonly names: { readonly source: string; readonly sink: string };
  readonly source: SourcePlugin;
  /** null: not one of ours, so there is no ledger and nothing is proved. */
  readonly sink: SinkPlugin | null;
  /** Data topic of the job. */
  readonly topic: string;
  /** The user's configuration with the names in it, but nothing of a run. */
  readonly sourceConfig: ConnectorConfig;
  readonly sinkConfig: ConnectorConfig;
}

/** Throws NOT_FOUND for an unknown cluster, BAD_INPUT for a source that isn't one of ours. */
export function wireJob(
  parts: Pick<ExecutorParts, 'clusters' | 'plugins'>,
  jobId: string,
  spec: JobSpec,
): Wiring {
  const cluster = parts.clusters.get(spec.cluster);
  if (cluster === undefined)
    throw new SyncError('NOT_FOUND', {
      message: `no Connect cluster named ${spec.cluster}`,
      field: 'cluster',
    });
  const source = findPlugin(parts.plugins, spec.source.connector);
  if (source?.type !== 'source')
    throw new SyncError('BAD_INPUT', {
      message: `no source connector named ${spec.source.connector}`,
      field: 'source.connector',
    });
  const sink = findPlugin(parts.plugins, spec.sink.connector);
  const names = connectorNames(jobId);
  const sourceConfig = baseConfig(spec.source, names.source);
  const topic = source.topicOf(sourceConfig);
  return {
    cluster,
    names,
    source,
    sink: sink?.type === 'sink' ? sink : null,
    topic,
    sourceConfig,
    sinkConfig: { ...baseConfig(spec.sink, names.sink), [KEY.topics]: topic },
  };
}

/** Identity of what is read, what is written and by which key: when it changes the job must be read in full again. */
export function digestOf(wiring: Wiring, sink: SinkPlugin): string {
  const identity = [wiring.source.identity(wiring.sourceConfig), sink.identity(wiring.sinkConfig)];
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex');
}

/** All else that decides what rows hold: when it changes, rows that are not read again keep what they had. */
export function contentOf(wiring: Wiring, sink: SinkPlugin): string {
  const content = [wiring.source.content(wiring.sourceConfig), sink.content(wiring.sinkConfig)];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

function baseConfig(spec: ConnectorSpec, name: string): ConnectorConfig {
  return { ...spec.config, name, 'connector.class': spec.connector };
}
