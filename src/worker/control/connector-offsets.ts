// The offsets of a connector. A sink's are its positions in the target, under what was set for its next run by hand; a
// source's is how far its last run by hand came, as partition {"connector": name} and offset {"position": text}.
import type { Clock } from '../../core/clock.ts';
import type { SinkPlugin } from '../../core/connector/contract.ts';
import { KEY } from '../../core/connector/keys.ts';
import { SyncError } from '../../core/errors.ts';
import type { LedgerPartition } from '../../core/ledger/ledger.ts';
import { topicsOf } from '../config/check-topics.ts';
import type { DefinedConnector, Herder } from './herder.ts';
import type { OffsetStore } from './offset-store.ts';
import type { OffsetEntry } from './offset-request.ts';
import { readSinkPositions, readSourcePosition } from './offset-request.ts';
import type { SetPosition } from '../sink/sink-positions.ts';
import { readSetPositions, START_POSITIONS } from '../sink/sink-positions.ts';
import type { Position, Positions } from '../../core/position.ts';
import { LAST_TO } from '../source/kept-plan.ts';

export interface OffsetsContext {
  readonly herder: Herder;
  readonly notes: OffsetStore;
  /** How many partitions a topic has; null: there is no such topic. */
  readonly countPartitions: (topic: string) => Promise<number | null>;
  readonly clock: Clock;
}

/** Throws NOT_FOUND, and for a target that can't be read its own code, in Connect's words. */
export async function readOffsets(context: OffsetsContext, name: string): Promise<readonly OffsetEntry[]> {
  const connector = context.herder.defined(name);
  if (connector.plugin?.type !== 'sink') {
    const position = await context.notes.read(name, LAST_TO);
    return position === null ? [] : [showSource(name, position)];
  }
  const { epoch, partitions } = await readLedger(connector, connector.plugin);
  const shown = new Map<string, OffsetEntry>();
  for (const at of [...partitions, ...(await readSet(context, name, epoch))])
    if (at.next === null) shown.delete(placeOf(at));
    else shown.set(placeOf(at), showSink(at, at.next));
  return [...shown.values()];
}

/** Throws NOT_FOUND, BAD_INPUT (not STOPPED, malformed), CONNECT_REJECTED for what the connector or its log refuses. */
export function alterOffsets(
  context: OffsetsContext,
  name: string,
  entries: readonly OffsetEntry[],
): Promise<void> {
  return context.herder.whileStopped(name, async (connector) => {
    if (connector.plugin?.type === 'sink') {
      await alterSink(context, connector.plugin, { connector, entries });
      return;
    }
    const ofSource = { positions: positionsOf(connector), now: context.clock.now() };
    const wanted = entries.map((entry) => readSourcePosition(name, entry, ofSource));
    for (const { mine, position } of wanted) if (mine) await context.notes.write(name, LAST_TO, position);
  });
}

/** Forgets all positions: the next run by hand starts at the beginning. Throws as alterOffsets. */
export function resetOffsets(context: OffsetsContext, name: string): Promise<void> {
  return context.herder.whileStopped(name, async (connector) => {
    if (connector.plugin?.type !== 'sink') {
      await context.notes.write(name, LAST_TO, null);
      return;
    }
    const { epoch, partitions } = await readLedger(connector, connector.plugin);
    const places = new Map(partitions.map((at) => [placeOf(at), at as Place]));
    for (const topic of topicsOf(connector.config.topics ?? ''))
      for (let left = (await context.countPartitions(topic)) ?? 0; left > 0; left -= 1) {
        const place = { topic, partition: left - 1 };
        places.set(placeOf(place), place);
      }
    const reset = [...places.values()].map(({ topic, partition }) => ({
      topic,
      partition,
      next: null,
      epoch,
    }));
    await context.notes.write(name, START_POSITIONS, JSON.stringify(reset));
  });
}

async function readSet(
  context: OffsetsContext,
  name: string,
  epoch: number,
): Promise<readonly SetPosition[]> {
  return readSetPositions(await context.notes.read(name, START_POSITIONS), epoch);
}

function positionsOf({ plugin, config }: DefinedConnector): Positions | null {
  return plugin?.type === 'source' ? (plugin.positions?.(config) ?? null) : null;
}

interface Alteration {
  readonly connector: DefinedConnector;
  readonly entries: readonly OffsetEntry[];
}

async function alterSink(
  context: OffsetsContext,
  plugin: SinkPlugin,
  { connector, entries }: Alteration,
): Promise<void> {
  const { name, config } = connector;
  const wanted = readSinkPositions(entries);
  const topics = topicsOf(config.topics ?? '');
  for (const { topic, partition, next } of wanted) {
    const known = topics.includes(topic) ? await context.countPartitions(topic) : null;
    if (known === null || partition < 0 || partition >= known)
      throw rejected(`Failed to alter consumer group offsets for connector ${name}`);
    if (next !== null && next < 0) throw rejected(`Failed to modify offsets for sink connector ${name}`);
  }
  const { epoch } = await readLedger(connector, plugin);
  const positions = new Map((await readSet(context, name, epoch)).map((at) => [placeOf(at), at]));
  for (const position of wanted) positions.set(placeOf(position), { ...position, epoch });
  await context.notes.write(name, START_POSITIONS, JSON.stringify([...positions.values()]));
}

interface LedgerView {
  /** 0: the target does not know the job. */
  readonly epoch: number;
  readonly partitions: readonly LedgerPartition[];
}

async function readLedger({ name, config }: DefinedConnector, plugin: SinkPlugin): Promise<LedgerView> {
  const job = config[KEY.job] ?? `connect:${name}`;
  try {
    const ledger = await plugin.openLedger(config);
    try {
      const partitions = await ledger.readPartitions(job);
      return { epoch: (await ledger.readJob(job))?.epoch ?? 0, partitions };
    } finally {
      await ledger.close();
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SyncError(cause instanceof SyncError ? cause.code : 'TARGET_FAILED', {
      message: `Failed to retrieve consumer group offsets for sink connector ${name}: ${reason}`,
      cause,
    });
  }
}

interface Place {
  readonly topic: string;
  readonly partition: number;
}

function placeOf({ topic, partition }: Place): string {
  return `${topic}/${partition}`;
}

function showSink({ topic, partition }: Place, next: number): OffsetEntry {
  return {
    partition: { kafka_partition: partition, kafka_topic: topic },
    offset: { kafka_offset: next },
  };
}

function showSource(connector: string, position: Position): OffsetEntry {
  return { partition: { connector }, offset: { position } };
}

function rejected(message: string): SyncError {
  return new SyncError('CONNECT_REJECTED', { message });
}
