// Kafka's record batch, format v2: the unit that moves between source, log and sink, in Kafka and in the memory log alike.
//
//   batch  = base offset 8 · length 4 · leader epoch 4 · magic 1 (2) · crc32c 4 · attributes 2 · last offset delta 4 · first
//            timestamp 8 · max timestamp 8 · producer id 8 · producer epoch 2 · base sequence 4 · record count 4 · record*
//   record = length varint · attributes 1 · timestamp delta varlong · offset delta varint · key length varint · key · value
//            length varint · value · header count varint · ( name length varint · name · value length varint · value )*
// All integers big-endian; varints are zigzag. A log fills in base offset, producer fields and CRC.

/** One whole batch. */
export interface EncodedBatch {
  readonly bytes: Buffer;
  readonly records: number;
}

/** What a batch builder and a record cursor look like; the classes below this line implement exactly these. */
export interface BatchBuilder {
  readonly records: number;
  /** Bytes used so far, header included. */
  readonly length: number;
  /**
   * Hot path: one row; `bytes[0, keyEnd)` is the key, `bytes[keyEnd, end)` the value; headers = the constant ones, then
   * `currentIndex`. false: it does not fit behind what is there, `take` first (an empty builder takes a row of any size).
   */
  appendRow(bytes: Uint8Array, keyEnd: number, end: number, currentIndex: number): boolean;
  /** Slow path: a control or dirty record with its own headers in the given order. */
  append(record: {
    key: Uint8Array;
    value: Uint8Array;
    headers: readonly (readonly [string, string])[];
  }): boolean;
  /** Finishes the batch and starts a new one; null when empty. */
  take(): EncodedBatch | null;
  /** Gives the memory of an acknowledged batch back for reuse. */
  release(batch: EncodedBatch): void;
}

/** Walks the records of batches that lie back to back; no object per record. Offsets are indexes into `bytes`. */
export interface RecordCursor {
  readonly bytes: Buffer;
  readonly offset: number;
  readonly keyStart: number;
  /** keyStart - 1 when the key is null; the value likewise. */
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  readonly headersStart: number;
  readonly headersEnd: number;
  /** Starts over on another buffer; records before offset `from` are passed over. A cut-off batch at the end is left out. */
  open(bytes: Buffer, from: number): void;
  next(): boolean;
  /** utf-8 value of a header of the current record; null when absent. */
  header(name: string): string | null;
}
