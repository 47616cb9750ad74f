// A row's key as the ledger keeps it, apart from the row: the key's values in their order, and back into rows that hold them only.
import { ByteWriter, readRow, writeRow } from './row-format.ts';
import { printBytes } from './refused-row.ts';
import type { KeyValues } from './key-order.ts';
import type { RowBatch } from '../connector/sink-store.ts';

const LF = 0x0a;

/** Indexes of the key among a row's fields, and how many there are. */
export interface KeyPlace {
  readonly key: readonly number[];
  readonly fields: number;
}

/** null: the row has no whole key. */
export function sentKey(bytes: Uint8Array, { start, end }: RowBounds, { key }: KeyPlace): string | null {
  if (key.length === 0) return null;
  const row = readRow(bytes, start, end);
  return writeKey(key.map((index) => row[index]));
}

/** The values of a key, as the ledger keeps it; null: one is NULL. */
export function writeKey(values: KeyValues): string | null {
  const texts = values.map((value) => value?.toString('base64'));
  return texts.includes(undefined) ? null : JSON.stringify(texts);
}

/** What `writeKey` wrote. */
export function readKey(key: string): readonly Buffer[] {
  return (JSON.parse(key) as readonly string[]).map((value) => Buffer.from(value, 'base64'));
}

/** Of a key as sentKey gives it. */
export function printKey(sent: string): string {
  const values = JSON.parse(sent) as readonly string[];
  return values.map((value) => printBytes(Buffer.from(value, 'base64'))).join(',');
}

interface RowBounds {
  readonly start: number;
  readonly end: number;
}

/** The bounds of each row of a batch. */
export function* rowsOf({ bytes }: RowBatch): Generator<RowBounds> {
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(LF, start);
    yield { start, end };
    start = end + 1;
  }
}

/** Rows with the key's fields set and all others NULL. */
export function keyRows(keys: readonly string[], { key, fields }: KeyPlace): RowBatch {
  const out = new ByteWriter();
  for (const each of keys) {
    const values = readKey(each);
    const row = new Array<Buffer | null>(fields).fill(null);
    for (const [part, index] of key.entries()) row[index] = values[part] ?? null;
    writeRow(out, row);
    out.ensure(1);
    out.bytes[out.length] = LF;
    out.length += 1;
  }
  return { bytes: Buffer.from(out.bytes.subarray(0, out.length)), rows: keys.length };
}
