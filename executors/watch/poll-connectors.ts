// One look at both connectors of a run over REST.
import { KEY } from '../../src/core/connector/keys.ts';
import type { ErrorShape } from '../../src/core/errors.ts';
import type { ConnectCluster, ConnectorStatus } from '../../src/core/ports/connect-cluster.ts';
import { readForeignTrace } from '../connect/foreign-trace.ts';

export interface ConnectorPoll {
  readonly exists: boolean;
  /** The run that its configuration names. */
  readonly taskId: string | null;
  /** null: no status yet. */
  readonly state: string | null;
  /** Why the connector or its task failed; null: none did. */
  readonly failure: ErrorShape | null;
}

export interface ConnectorsPoll {
  /** Of the source's worker. */
  readonly incarnation: string | null;
  readonly source: ConnectorPoll;
  readonly sink: ConnectorPoll;
}

interface Place {
  readonly cluster: Pick<ConnectCluster, 'readIncarnation' | 'readConfig' | 'readStatus'>;
  readonly name: string;
}

interface Places {
  readonly source: Place;
  readonly sink: Place;
}

/** Throws CONNECT_UNREACHABLE, CONNECT_REJECTED. */
export async function pollConnectors({ source: from, sink: to }: Places): Promise<ConnectorsPoll> {
  const [incarnation, source, sink] = await Promise.all([
    from.cluster.readIncarnation(),
    pollConnector(from),
    pollConnector(to),
  ]);
  return { incarnation, source, sink };
}

async function pollConnector({ cluster, name }: Place): Promise<ConnectorPoll> {
  const [config, status] = await Promise.all([cluster.readConfig(name), cluster.readStatus(name)]);
  return {
    exists: config !== null,
    taskId: config?.[KEY.taskId] ?? null,
    state: status?.state ?? null,
    failure: status === null ? null : failureIn(status),
  };
}

/** Our worker says it in parts. */
function failureIn(status: ConnectorStatus): ErrorShape | null {
  const failed = [...status.tasks, status].find((part) => part.state === 'FAILED');
  if (failed === undefined) return null;
  return status.error ?? readForeignTrace(failed.trace ?? 'the connector failed and gave no trace');
}
