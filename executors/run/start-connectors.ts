// Puts a run on its Connect cluster: topic, start offsets, both configurations, then resume – the sink first, so that it is
// there when the source's first record is.
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import { KEY } from '../../src/core/connector/keys.ts';
import { dataTopic } from '../../src/core/record/data-topic.ts';
import { SyncError } from '../../src/core/errors.ts';
import { isTerminal } from '../../src/core/run.ts';
import { problemOfStock } from '../../src/core/connector/stock-connector.ts';
import { sinkConfig, sourceConfig } from './connector-configs.ts';
import type { RunFacts } from './connector-configs.ts';
import type { Starting } from '../patience.ts';
import { patiently } from '../patience.ts';
import type { ConnectWrites } from './run-session.ts';
import { guardWrites } from './run-session.ts';
import type { Wiring } from './wire-job.ts';

const STOP_WAIT_MS = 10_000;
const STOP_POLL_MS = 250;

export interface StartedConnectors {
  readonly resumedAt: number;
  /** Worker process that took the configurations; null: not one of ours. */
  readonly incarnation: string | null;
  readonly logIncarnation: string;
}

/** Throws CONNECT_*, KAFKA_*, TOPIC_MISSING; FENCED when a connector holds a newer run; the signal's reason. */
export async function startConnectors(starting: Starting, wiring: Wiring): Promise<StartedConnectors> {
  const { session, progress, signal } = starting;
  const { executor } = session;
  const { cluster, names, topic } = wiring;
  const offsets = await patiently(starting, `preparing topic ${topic}`, async () => {
    await executor.log.createTopic({ name: topic, ...dataTopic });
    return executor.log.readOffsets(topic);
  });
  const incarnation = await patiently(starting, `asking Connect cluster ${cluster.name}`, () =>
    cluster.readIncarnation(),
  );
  requireOwn(wiring, incarnation);
  const facts: RunFacts = {
    run: session.run,
    spec: session.spec,
    wiring,
    epoch: progress.epoch,
    base: progress.base,
    deletesFrom: progress.deletesFrom,
    brokers: executor.brokers,
    logIncarnation: offsets.incarnation,
    startOffsets: offsets.partitions.map((partition) => partition.end),
  };
  const writes = guardWrites(cluster, session.lease, signal);
  const configuring: Configuring = { ...starting, wiring, writes };
  progress.connectorsTouched = true;
  const configs = [
    [names.sink, sinkConfig(facts)],
    [names.source, sourceConfig(facts)],
  ] as const;
  for (const [name, config] of configs)
    await patiently(starting, `configuring connector ${name}`, () => configure(configuring, name, config));
  for (const [name] of configs)
    await patiently(starting, `resuming connector ${name}`, () => writes.resume(name));
  return { resumedAt: executor.clock.monotonic(), incarnation, logIncarnation: offsets.incarnation };
}

/** Checked when the job is saved, too; a cluster's address may have got another worker since. */
function requireOwn({ cluster, source, sink }: Wiring, incarnation: string | null): void {
  for (const plugin of sink === null ? [source] : [source, sink]) {
    const problem = problemOfStock(plugin, cluster.name, incarnation);
    if (problem !== null)
      throw new SyncError('BAD_INPUT', { message: `starting the connectors: ${problem}`, field: 'cluster' });
  }
}

interface Configuring extends Starting {
  readonly wiring: Wiring;
  readonly writes: ConnectWrites;
}

/**
 * A connector left going by an older run is stopped first: its tasks are gone then, and their failures with them. One that holds
 * a higher epoch of a ledger that is gone (another target, or the target's tables were dropped) would refuse ours: made again.
 */
async function configure(starting: Configuring, name: string, config: ConnectorConfig): Promise<void> {
  const { wiring, writes } = starting;
  const held = await wiring.cluster.readConfig(name);
  const status = await wiring.cluster.readStatus(name);
  if (held !== null && (await isOutranked(starting, name, held))) await writes.remove(name);
  else if (status !== null && (status.state !== 'STOPPED' || status.tasks.length > 0)) {
    await writes.stop(name);
    await untilStopped(starting, name);
  }
  await writes.putConfig(name, config);
}

/** Throws FENCED when the higher epoch is that of a run that goes: then it is ours that is over. */
async function isOutranked(
  { session, progress }: Starting,
  name: string,
  held: ConnectorConfig,
): Promise<boolean> {
  const holder = held[KEY.taskId];
  if (holder === undefined || holder === session.run.id || progress.epoch === null) return false;
  if (Number(held[KEY.epoch] ?? 0) <= progress.epoch) return false;
  const run = await session.executor.runs.read(holder);
  if (run !== null && !isTerminal(run.state))
    throw new SyncError('FENCED', { message: `connector ${name} belongs to the newer run ${holder}` });
  return true;
}

async function untilStopped({ session, wiring, signal }: Configuring, name: string): Promise<void> {
  const { clock } = session.executor;
  const deadline = clock.monotonic() + STOP_WAIT_MS;
  while (clock.monotonic() < deadline) {
    const status = await wiring.cluster.readStatus(name);
    if (status === null || (status.state === 'STOPPED' && status.tasks.length === 0)) return;
    await clock.sleep(STOP_POLL_MS, signal);
  }
  // An old task that can't be stopped is fenced in the target; its new configuration replaces it.
}
