// Puts a run on its Connect cluster: topic, start offsets, both configurations, then resume – the sink first, so that it is
// there when the source's first record is.
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import { KEY } from '../../src/core/connector/keys.ts';
import { dataTopic } from '../../src/core/record/data-topic.ts';
import { SyncError, toSyncError } from '../../src/core/errors.ts';
import { isTerminal } from '../../src/core/run.ts';
import { isStock } from '../../src/core/connector/stock-connector.ts';
import { sinkConfig, sourceConfig } from './connector-configs.ts';
import type { RunFacts } from './connector-configs.ts';
import type { Starting } from '../patience.ts';
import { patiently } from '../patience.ts';
import type { Begun, ConnectWrites } from './run-session.ts';
import { guardWrites } from './run-session.ts';
import type { ConnectorPlace, Wiring } from './wire-job.ts';

const STOP_WAIT_MS = 10_000;
const STOP_POLL_MS = 250;

export interface StartedConnectors {
  readonly resumedAt: number;
  /** Worker process that took the configurations; null: not one of ours. */
  readonly incarnation: string | null;
  readonly logIncarnation: string;
  /** End of the topic when the run began, in partition order. */
  readonly startOffsets: readonly number[];
}

/** A run whose records have a place, and whose clusters were looked at: nothing of it stands there yet, or is about to. */
export interface Prepared extends Begun {
  readonly place: Pick<StartedConnectors, 'incarnation' | 'logIncarnation' | 'startOffsets'>;
}

/** Throws CONNECT_*, KAFKA_*, TOPIC_MISSING, BAD_INPUT. */
export async function prepareStart(starting: Starting, reached: Begun): Promise<Prepared> {
  const { executor } = starting.session;
  const { wiring } = reached;
  const { cluster } = wiring.source;
  requireKafka(wiring, executor.log.kind);
  const { topic } = wiring;
  const { incarnation: logIncarnation, partitions } = await patiently(
    starting,
    `preparing topic ${topic}`,
    async () => {
      await executor.log.createTopic({ name: topic, ...dataTopic });
      return executor.log.readOffsets(topic);
    },
  );
  const startOffsets = partitions.map((partition) => partition.end);
  const incarnation = await patiently(starting, `asking Connect cluster ${cluster.name}`, () =>
    cluster.readIncarnation(),
  );
  requireOwn(wiring, incarnation);
  return { ...reached, connectorsTouched: true, place: { incarnation, logIncarnation, startOffsets } };
}

/** Throws CONNECT_*; FENCED when a connector holds a newer run; the signal's reason. */
export async function startConnectors(
  starting: Starting,
  { place: began, ...begun }: Prepared,
): Promise<StartedConnectors> {
  const { executor, run, spec } = starting.session;
  const { wiring, epoch, base, deletesFrom } = begun;
  const { source, sink, topic } = wiring;
  const facts: RunFacts = {
    ...{ run, spec, wiring, epoch, base, deletesFrom },
    brokers: executor.brokers,
    ...{ logIncarnation: began.logIncarnation, startOffsets: began.startOffsets },
  };
  const give = (place: ConnectorPlace, config: ConnectorConfig): Promise<void> =>
    patiently(starting, `configuring connector ${place.name}`, () =>
      configure(starting, place, { config, epoch }),
    );
  await give(sink, sinkConfig(facts));
  await give(source, sourceConfig(facts));
  if (wiring.plugins.sink === null)
    await patiently(starting, `setting where connector ${sink.name} begins`, () =>
      setOffsets(starting, sink, { topic, startOffsets: began.startOffsets }),
    );
  for (const place of [sink, source])
    await patiently(starting, `resuming connector ${place.name}`, () =>
      writesTo(starting, place).resume(place.name),
    );
  return { ...began, resumedAt: executor.clock.monotonic() };
}

/** Checked when the job is saved, too. */
function requireKafka({ plugins, sink }: Wiring, kind: 'memory' | 'kafka'): void {
  if (plugins.sink !== null || kind === 'kafka') return;
  throw new SyncError('BAD_INPUT', {
    message: `starting the connectors: the sink on the Connect cluster '${sink.cluster.name}' reads from Kafka, and this installation keeps its records in memory`,
    field: 'sink.connector',
  });
}

/** Checked when the job is saved, too; a cluster's address may have got another worker since. */
function requireOwn({ source, sink, plugins }: Wiring, incarnation: string | null): void {
  const own = plugins.sink === null || sink.cluster !== source.cluster ? [source] : [source, sink];
  const names = own.map(({ config }) => config['connector.class'] ?? '');
  const className = names.find((name) => isStock(name, incarnation));
  if (className !== undefined)
    throw new SyncError('BAD_INPUT', {
      message: `starting the connectors: the Connect cluster '${source.cluster.name}' is not of Syncline's workers, so that ${className} there is not Syncline's`,
      field: 'cluster',
    });
}

function writesTo({ session, signal }: Starting, { cluster }: ConnectorPlace): ConnectWrites {
  return guardWrites(cluster, session.lease, signal);
}

/**
 * A connector left going by an older run is stopped first: its tasks are gone then, and their failures with them. One that holds
 * a higher epoch of a ledger that is gone (another target, or the target's tables were dropped) refuses ours: made again. What it
 * holds is read only where that may matter, as each question costs a run.
 */
async function configure(
  starting: Starting,
  place: ConnectorPlace,
  ours: { readonly config: ConnectorConfig; readonly epoch: number | null },
): Promise<void> {
  const { cluster, name } = place;
  const writes = writesTo(starting, place);
  const status = await cluster.readStatus(name);
  const isGoing = status !== null && (status.state !== 'STOPPED' || status.tasks.length > 0);
  const exists = status !== null && !(isGoing && (await removeOutranked(starting, place, ours)));
  if (exists && isGoing) {
    await writes.stop(name);
    await untilStopped(starting, place);
  }
  try {
    await writes.putConfig(name, ours.config, exists);
  } catch (error) {
    if (toSyncError(error).code !== 'FENCED' || !(await removeOutranked(starting, place, ours))) throw error;
    await writes.putConfig(name, ours.config, false);
  }
}

/** True: it held such an epoch, and is gone. */
async function removeOutranked(
  starting: Starting,
  place: ConnectorPlace,
  { epoch }: { readonly epoch: number | null },
): Promise<boolean> {
  const { cluster, name } = place;
  const held = await cluster.readConfig(name);
  if (held === null || !(await isOutranked(starting, held, { name, epoch }))) return false;
  await writesTo(starting, place).remove(name);
  return true;
}

/** Throws FENCED when the higher epoch is that of a run that goes: then it is ours that is over. */
async function isOutranked(
  { session }: Starting,
  held: ConnectorConfig,
  { name, epoch }: { readonly name: string; readonly epoch: number | null },
): Promise<boolean> {
  const holder = held[KEY.taskId];
  if (holder === undefined || holder === session.run.id || epoch === null) return false;
  if (Number(held[KEY.epoch] ?? 0) <= epoch) return false;
  const run = await session.executor.runs.read(holder);
  if (run !== null && !isTerminal(run.state))
    throw new SyncError('FENCED', { message: `connector ${name} belongs to the newer run ${holder}` });
  return true;
}

/** Connect takes them of a stopped connector only: one that somebody paused or resumed meanwhile is stopped again. */
async function setOffsets(
  starting: Starting,
  place: ConnectorPlace,
  { topic, startOffsets }: { readonly topic: string; readonly startOffsets: readonly number[] },
): Promise<void> {
  const { cluster, name } = place;
  const writes = writesTo(starting, place);
  try {
    await writes.setOffsets(name, topic, startOffsets);
  } catch (cause) {
    const state = (await cluster.readStatus(name))?.state ?? 'STOPPED';
    if (state === 'STOPPED') throw cause;
    await writes.stop(name);
    await untilStopped(starting, place);
    const message = `setting where connector ${name} begins: somebody changed it to ${state} meanwhile`;
    throw new SyncError('CONNECT_REJECTED', { message, cause, retriable: true });
  }
}

async function untilStopped({ session, signal }: Starting, { cluster, name }: ConnectorPlace): Promise<void> {
  const { clock } = session.executor;
  const deadline = clock.monotonic() + STOP_WAIT_MS;
  while (clock.monotonic() < deadline) {
    const status = await cluster.readStatus(name);
    if (status === null || (status.state === 'STOPPED' && status.tasks.length === 0)) return;
    await clock.sleep(STOP_POLL_MS, signal);
  }
  // An old task that can't be stopped is fenced in the target; its new configuration replaces it.
}
