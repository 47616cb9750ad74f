// Kafka's record batch, format v2: the unit that moves between source, log and sink, in Kafka and in the memory log alike.
//
//   batch  = base offset 8 · length 4 · leader epoch 4 · magic 1 (2) · crc32c 4 · attributes 2 · last offset delta 4 · first
//            timestamp 8 · max timestamp 8 · producer id 8 · producer epoch 2 · base sequence 4 · record count 4 · record*
//   record = length varint · attributes 1 · timestamp delta varlong · offset delta varint · key length varint · key · value
//            length varint · value · header count varint · ( name length varint · name · value length varint · value )*
// All integers big-endian; varints are zigzag. A log fills in base offset, producer fields and CRC.

/** Kafka's default limit of a batch is 1,048,588 bytes (topic `max.message.bytes`); this keeps well below it. */
export const MAX_BATCH_BYTES = 1_000_000;

/** One whole batch. */
export interface EncodedBatch {
  readonly bytes: Buffer;
  readonly records: number;
}
