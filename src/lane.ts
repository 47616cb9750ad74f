// The worker thread of a lane, composed: the plugins, the log, the task runners.
import { parentPort, workerData } from 'node:worker_threads';
import { loadPlugins } from '../connectors/registry.ts';
import { runLane } from './worker/lanes/lane.ts';
import type { LaneOptions } from './worker/lanes/lane.ts';
import { systemClock } from './core/clock.ts';
import type { LaneData } from './compose/spawn-lane.ts';

if (parentPort === null) throw new Error('src/lane.ts runs in a worker thread only');
const data = workerData as LaneData;
runLane({
  port: parentPort,
  plugins: await loadPlugins(data.connectors),
  logFor: await openLog(),
  clock: systemClock,
});

async function openLog(): Promise<LaneOptions['logFor']> {
  if (data.log.kind === 'kafka') {
    const { openKafkaLog } = await import('./log/kafka/kafka-log.ts');
    const { withPatience } = await import('./log/kafka/patient-log.ts');
    const { brokers, retryForMs } = data.log;
    const log = openKafkaLog({ brokers, retryForMs, clientId: 'syncline-lane' });
    return (signal) => withPatience(log, { clock: systemClock, withinMs: retryForMs, signal });
  }
  const { openMemoryLogClient } = await import('./log/memory/memory-log-client.ts');
  const log = openMemoryLogClient(data.log.port);
  return () => log;
}
