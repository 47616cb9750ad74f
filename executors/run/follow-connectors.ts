// Takes up a run whose connectors another executor had started, where both still hold it.
import { KEY } from '../../src/core/connector/keys.ts';
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import { SyncError, toSyncError } from '../../src/core/errors.ts';
import type { Starting } from '../patience.ts';
import { patiently } from '../patience.ts';
import type { StartedConnectors } from './start-connectors.ts';
import type { Begun } from './run-session.ts';

/**
 * null: the source was never told of the run, so that all of it can still be started. Throws CONNECTOR_GONE or FENCED when
 * a run that went has lost its connectors, WORKER_LOST when it has lost its record log; those that stand stopped are found by the watch.
 */
export async function followConnectors(
  starting: Starting,
  { wiring, state }: Begun,
): Promise<StartedConnectors | null> {
  const { executor, run } = starting.session;
  const { topic } = wiring;
  const configs: (ConnectorConfig | null)[] = [];
  for (const { cluster, name } of [wiring.source, wiring.sink])
    configs.push(
      await patiently(starting, `asking Connect cluster ${cluster.name}`, () => cluster.readConfig(name)),
    );
  const [source, sink] = configs.map((config) => (config?.[KEY.taskId] === run.id ? config : null));
  if (source == null || sink == null) {
    if (state === 'starting') return null;
    const lost = [source == null ? wiring.source.name : null, sink == null ? wiring.sink.name : null];
    throw new SyncError(configs.includes(null) ? 'CONNECTOR_GONE' : 'FENCED', {
      message: `taking over the run: ${lost.filter((name) => name !== null).join(' and ')} no longer held by it`,
    });
  }
  const logIncarnation = source[KEY.logIncarnation] ?? '';
  const isSame = await patiently(starting, `looking for the records in ${topic}`, async () => {
    try {
      return (await executor.log.readOffsets(topic)).incarnation === logIncarnation;
    } catch (error) {
      if (toSyncError(error).code === 'TOPIC_MISSING') return false;
      throw error;
    }
  });
  if (!isSame)
    throw new SyncError('WORKER_LOST', {
      message: 'taking over the run: its record log ended with the process that held it',
    });
  const { cluster } = wiring.source;
  const incarnation = await patiently(starting, `asking Connect cluster ${cluster.name}`, () =>
    cluster.readIncarnation(),
  );
  const startOffsets = JSON.parse(sink[KEY.startOffsets] ?? '[]') as readonly number[];
  return { resumedAt: executor.clock.monotonic(), incarnation, logIncarnation, startOffsets };
}
