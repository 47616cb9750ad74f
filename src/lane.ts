// The worker thread of a lane, composed: the plugins, the log, the task runners.
import { parentPort, workerData } from 'node:worker_threads';
import { createPlugins } from '../connectors/registry.ts';
import { runLane } from '../connectors/runtime/lane.ts';
import { systemClock } from './core/clock.ts';
import type { RecordLog } from './core/ports.ts';
import type { LaneData } from './compose/spawn-lane.ts';

if (parentPort === null) throw new Error('src/lane.ts runs in a worker thread only');
const data = workerData as LaneData;
const log = await openLog();
runLane({
  port: parentPort,
  plugins: createPlugins(data.connectors),
  openLog: () => log,
  clock: systemClock,
});

async function openLog(): Promise<RecordLog> {
  if (data.log.kind === 'kafka') {
    const { openKafkaLog } = await import('./log/kafka/kafka-log.ts');
    const { brokers, retryForMs } = data.log;
    return openKafkaLog({ brokers, retryForMs, clientId: 'syncline-lane' });
  }
  const { openMemoryLogClient } = await import('./log/memory/memory-log-client.ts');
  return openMemoryLogClient(data.log.port);
}
