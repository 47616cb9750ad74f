// The 61 bytes in front of a batch's records (grammar: record-batch.ts), read and written in place by builder, cursor and logs.

export const BATCH_HEADER_BYTES = 61;
/** Bytes in front of what the length field counts. */
const LENGTH_END = 12;
const MAGIC_AT = 16;
const CRC_AT = 17;
/** The CRC covers everything from here to the end of the batch. */
export const CHECKED_FROM = 21;
const ATTRIBUTES_AT = 21;
const LAST_DELTA_AT = 23;
const FIRST_TIMESTAMP_AT = 27;
const MAX_TIMESTAMP_AT = 35;
const PRODUCER_ID_AT = 43;
const PRODUCER_EPOCH_AT = 51;
const SEQUENCE_AT = 53;
const COUNT_AT = 57;

const MAGIC = 2;
export const CODEC_MASK = 0x07;
export const CONTROL_BIT = 0x20;
/** The records' time is when the broker got the batch. */
export const APPEND_TIME_BIT = 0x08;

/** A batch as the log fills it in for an idempotent producer. */
export interface ProducerStamp {
  readonly producerId: number;
  readonly producerEpoch: number;
  /** Sequence of the first record, 0 … 2^31 - 1. */
  readonly sequence: number;
}

/** Writes the whole header of an uncompressed batch; base offset, producer and CRC are left for the log to fill in. */
export function writeBatchHeader(bytes: Buffer, records: number, timestampMs: number): void {
  bytes.fill(0, 0, BATCH_HEADER_BYTES);
  bytes.writeInt32BE(bytes.length - LENGTH_END, 8);
  bytes.writeInt32BE(-1, LENGTH_END);
  bytes[MAGIC_AT] = MAGIC;
  bytes.writeInt32BE(records - 1, LAST_DELTA_AT);
  writeInt64(bytes, timestampMs, FIRST_TIMESTAMP_AT);
  writeInt64(bytes, timestampMs, MAX_TIMESTAMP_AT);
  stampProducer(bytes, { producerId: -1, producerEpoch: -1, sequence: -1 });
  bytes.writeInt32BE(records, COUNT_AT);
}

export function stampProducer(bytes: Buffer, stamp: ProducerStamp): void {
  writeInt64(bytes, stamp.producerId, PRODUCER_ID_AT);
  bytes.writeInt16BE(stamp.producerEpoch, PRODUCER_EPOCH_AT);
  bytes.writeInt32BE(stamp.sequence, SEQUENCE_AT);
}

export function writeBaseOffset(bytes: Buffer, offset: number): void {
  writeInt64(bytes, offset, 0);
}

export function writeCrc(bytes: Buffer, crc: number): void {
  bytes.writeUInt32BE(crc, CRC_AT);
}

/** Index after the batch that begins at `at`; -1 when the bytes end before it does. */
export function findBatchEnd(bytes: Buffer, at: number): number {
  if (bytes.length - at < BATCH_HEADER_BYTES) return -1;
  const end = at + LENGTH_END + bytes.readInt32BE(at + 8);
  return end > bytes.length ? -1 : end;
}

export const readBaseOffset = (bytes: Buffer, at: number): number => readInt64(bytes, at);
export const readLastOffset = (bytes: Buffer, at: number): number =>
  readInt64(bytes, at) + bytes.readInt32BE(at + LAST_DELTA_AT);
export const readMagic = (bytes: Buffer, at: number): number => bytes[at + MAGIC_AT] ?? 0;
export const readCrc = (bytes: Buffer, at: number): number => bytes.readUInt32BE(at + CRC_AT);
export const readFirstTimestamp = (bytes: Buffer, at: number): number =>
  readInt64(bytes, at + FIRST_TIMESTAMP_AT);
export const readMaxTimestamp = (bytes: Buffer, at: number): number =>
  readInt64(bytes, at + MAX_TIMESTAMP_AT);
export const readAttributes = (bytes: Buffer, at: number): number => bytes.readInt16BE(at + ATTRIBUTES_AT);
export const readRecordCount = (bytes: Buffer, at: number): number => bytes.readInt32BE(at + COUNT_AT);

/** A big-endian int64 as a number: exact to 2^53, which offsets, producer ids and times never pass. */
export function readInt64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);
}

export function writeInt64(bytes: Buffer, value: number, at: number): void {
  bytes.writeInt32BE(Math.floor(value / 0x1_0000_0000), at);
  bytes.writeUInt32BE(value >>> 0, at + 4);
}
