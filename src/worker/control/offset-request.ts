// Reads the offsets that a user sets for a connector, with Connect's texts for what is wrong with them.
import { SyncError, toSyncError } from '../../core/errors.ts';
import type { Position, Positions } from '../../core/position.ts';

export type OffsetMap = Readonly<Record<string, unknown>>;

export interface OffsetEntry {
  readonly partition: OffsetMap | null;
  /** null: back to the beginning. */
  readonly offset: OffsetMap | null;
}

export interface WantedPosition {
  readonly topic: string;
  readonly partition: number;
  /** null: from the start of the log. */
  readonly next: number | null;
}

/** Throws BAD_INPUT. */
export function readSinkPositions(entries: readonly OffsetEntry[]): readonly WantedPosition[] {
  return entries.map(({ partition, offset }) => ({
    ...readSinkPartition(partition),
    next: offset === null ? null : readSinkOffset(offset),
  }));
}

export interface SourcePositions {
  /** null: the source has none. */
  readonly positions: Positions | null;
  readonly now: number;
}

/** `mine` false: the reset of a partition that the connector never had. Throws CONNECT_REJECTED. */
export function readSourcePosition(
  connector: string,
  { partition, offset }: OffsetEntry,
  ofSource: SourcePositions,
): { readonly mine: boolean; readonly position: Position | null } {
  if (partition === null) throw refused('Partition objects cannot be null');
  if (!Object.hasOwn(partition, 'connector'))
    throw refused("Partition objects should contain the key 'connector'");
  const mine = partition.connector === connector;
  if (offset === null) return { mine, position: null };
  if (!Object.hasOwn(offset, 'position'))
    throw refused("Offset objects should either be null or contain the key 'position'");
  const position = readOffsetPosition(offset.position, ofSource);
  if (!mine) throw refused(`The connector has one partition: {"connector": ${JSON.stringify(connector)}}`);
  return { mine, position };
}

function readOffsetPosition(said: unknown, { positions, now }: SourcePositions): Position {
  if (typeof said !== 'string')
    throw refused("The value for the 'position' key in the offset is expected to be a String value");
  if (positions === null) throw refused('This source has no positions');
  try {
    return positions.read(said, now);
  } catch (error) {
    throw refused(`The value for the 'position' key in the offset is wrong: ${toSyncError(error).message}`);
  }
}

function readSinkPartition(partition: OffsetMap | null): {
  readonly topic: string;
  readonly partition: number;
} {
  if (partition === null) throw bad('The partition for a sink connector offset cannot be null or missing');
  if (!Object.hasOwn(partition, 'kafka_topic') || !Object.hasOwn(partition, 'kafka_partition'))
    throw bad(
      "The partition for a sink connector offset must contain the keys 'kafka_topic' and 'kafka_partition'",
    );
  const { kafka_topic: topic, kafka_partition: number } = partition;
  if (topic === null) throw bad('Kafka topic names must be valid strings and may not be null');
  if (number === null) throw bad('Kafka partitions must be valid numbers and may not be null');
  return { topic: print(topic), partition: readWhole(number, 'partition', 'Partition') };
}

function readSinkOffset(offset: OffsetMap): number {
  if (!Object.hasOwn(offset, 'kafka_offset'))
    throw bad("The offset for a sink connector should either be null or contain the key 'kafka_offset'");
  return readWhole(offset.kafka_offset, 'offset', 'Offset');
}

function readWhole(value: unknown, what: string, title: string): number {
  const text = print(value);
  const whole = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(whole)) return whole;
  throw bad(
    `Failed to parse the following Kafka ${what} value in the provided offsets: '${text}'. ${title} values for sink connectors need to be integers.`,
  );
}

function print(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function bad(message: string): SyncError {
  return new SyncError('BAD_INPUT', { message, field: 'offsets' });
}

// A source refuses with an exception of its own, which Connect answers with 500.
function refused(message: string): SyncError {
  return new SyncError('CONNECT_REJECTED', { message, field: 'offsets' });
}
