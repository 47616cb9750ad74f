// A Connect cluster in memory: connectors with a configuration and a state, whose tasks do nothing by themselves.
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { ErrorShape } from '../../src/core/errors.ts';
import type { ConnectCluster } from '../../src/core/ports/connect-cluster.ts';

interface FakeConnector {
  config: ConnectorConfig;
  state: string;
  trace: string | null;
  error: ErrorShape | null;
  tasks: { id: number; state: string; trace: string | null }[];
}

export interface FakeConnectCluster extends ConnectCluster {
  readonly connectors: Map<string, FakeConnector>;
  /** Every write as `verb connector`. */
  readonly writes: string[];
  /** What sinks committed, by `connector topic partition`. */
  readonly offsets: Map<string, number>;
  incarnation: string | null;
  /** Thrown by every call while not null. */
  failure: SyncError | null;
  /** Called before each write is done; may throw, or wait. */
  beforeWrite: (write: string) => Promise<void> | void;
}

export function createFakeConnectCluster(name: string): FakeConnectCluster {
  const connectors = new Map<string, FakeConnector>();
  const find = (id: string): FakeConnector => {
    const connector = connectors.get(id);
    if (connector === undefined)
      throw new SyncError('CONNECT_REJECTED', { message: `Unknown connector ${id}` });
    return connector;
  };
  const read = async <T>(work: () => T): Promise<T> => {
    await Promise.resolve();
    if (cluster.failure !== null) throw cluster.failure;
    return work();
  };
  const write = async (verb: string, id: string, work: () => void): Promise<void> => {
    cluster.writes.push(`${verb} ${id}`);
    await cluster.beforeWrite(`${verb} ${id}`);
    await read(work);
  };
  const cluster: FakeConnectCluster = {
    name,
    connectors,
    writes: [],
    offsets: new Map(),
    incarnation: 'worker-1',
    failure: null,
    beforeWrite: () => undefined,
    readIncarnation: () => read(() => cluster.incarnation),
    readConfig: (id) => read(() => connectors.get(id)?.config ?? null),
    readStatus: (id) =>
      read(() => {
        const connector = connectors.get(id);
        if (connector === undefined) return null;
        const { state, trace, tasks } = connector;
        return { state, trace, error: connector.error, tasks: tasks.map((task) => ({ ...task })) };
      }),
    putConfig: (id, config) =>
      write('put', id, () => {
        const known = connectors.get(id);
        connectors.set(id, known === undefined ? stopped(config) : { ...known, config });
      }),
    resume: (id) =>
      write('resume', id, () => {
        const connector = find(id);
        connector.state = 'RUNNING';
        if (connector.tasks.length === 0) connector.tasks = [{ id: 0, state: 'RUNNING', trace: null }];
      }),
    stop: (id) =>
      write('stop', id, () => {
        connectors.set(id, stopped(find(id).config));
      }),
    remove: (id) => write('remove', id, () => void connectors.delete(id)),
    readOffsets: (id, topic) =>
      read(() => {
        if (!connectors.has(id)) return null;
        const own = [...cluster.offsets].filter(([key]) => key.startsWith(`${id} ${topic} `));
        return new Map(own.map(([key, offset]) => [Number(key.split(' ')[2]), offset]));
      }),
    setOffsets: (id, topic, offsets) =>
      write('set-offsets', id, () => {
        if (find(id).state !== 'STOPPED') throw new SyncError('CONNECT_REJECTED', { message: 'not stopped' });
        for (const [partition, offset] of offsets.entries())
          cluster.offsets.set(`${id} ${topic} ${partition}`, offset);
      }),
    validate: () => Promise.resolve([]),
    ping: () => read(() => undefined),
  };
  return cluster;
}

function stopped(config: ConnectorConfig): FakeConnector {
  return { config, state: 'STOPPED', trace: null, error: null, tasks: [] };
}
