// The rows of a batch as COPY reads them: the row format as it is, but for bytea, which is text of hex digits there. Rows that are
// known to be misfits are left out.
import { isUtf8 } from 'node:buffer';
import type { Field } from '../../../src/core/connector/field-type.ts';
import { ByteWriter, RowFields } from '../../../src/core/record/row-format.ts';
import type { RowBatch } from '../../../src/core/connector/sink-store.ts';
import { RowIndex } from '../../../src/core/record/row-index.ts';
import type { Misfit } from '../../sql/target/value-checks.ts';

const [TAB, LF, BACKSLASH, LETTER_X] = [0x09, 0x0a, 0x5c, 0x78];
const hexDigits = Buffer.from('0123456789abcdef');

/** Rows in a row, each known by its index in the batch. */
export interface CopyRows {
  readonly count: number;
  /** The bytes of rows `from` to, not including, `to`. */
  readonly bytes: (from: number, to: number) => Buffer;
  /** Of the row in the batch. */
  readonly indexOf: (row: number) => number;
}

/** All rows, without looking at them. */
export function rowsAsTheyAre(batch: RowBatch): CopyRows {
  let index: RowIndex | null = null;
  return {
    count: batch.rows,
    bytes: (from, to) => {
      if (from === 0 && to === batch.rows) return batch.bytes;
      index ??= new RowIndex(batch);
      return batch.bytes.subarray(index.start(from), index.start(to));
    },
    indexOf: (row) => row,
  };
}

/** Without the misfits, the values of bytes fields in hex. */
export function rewriteRows(
  batch: RowBatch,
  fields: readonly Field[],
  misfits: ReadonlyMap<number, Misfit>,
): CopyRows {
  const isBytes = fields.map(({ type }) => type.kind === 'bytes');
  const hasBytes = isBytes.includes(true);
  const all = new RowIndex(batch);
  const out = new ByteWriter(batch.bytes.length);
  const kept: number[] = [];
  const starts = [0];
  for (let row = 0; row < batch.rows; row += 1) {
    if (misfits.has(row)) continue;
    if (hasBytes)
      writeWithHex(out, { bytes: batch.bytes, start: all.start(row), end: all.start(row + 1) - 1 }, isBytes);
    else writeAsIs(out, all.at(row));
    out.ensure(1);
    out.bytes[out.length] = LF;
    out.length += 1;
    kept.push(row);
    starts.push(out.length);
  }
  return {
    count: kept.length,
    bytes: (from, to) => out.bytes.subarray(starts[from] ?? 0, starts[to] ?? 0),
    indexOf: (row) => kept[row] ?? 0,
  };
}

function writeAsIs(out: ByteWriter, row: Buffer): void {
  out.ensure(row.length);
  row.copy(out.bytes, out.length);
  out.length += row.length;
}

const fields = new RowFields();

function writeWithHex(
  out: ByteWriter,
  row: { readonly bytes: Buffer; readonly start: number; readonly end: number },
  isBytes: readonly boolean[],
): void {
  fields.read(row.bytes, row.start, row.end);
  for (let index = 0; index < fields.count; index += 1) {
    if (index > 0) out.writeTab();
    const bytes = fields.bytes[index] ?? null;
    const [start, end] = [fields.starts[index] ?? 0, fields.ends[index] ?? 0];
    if (bytes === null) out.writeNull();
    else if (isBytes[index] === true) writeHex(out, bytes, { start, end });
    else out.writeEscaped(bytes, start, end);
  }
}

/** As `\x…`, the backslash escaped. */
function writeHex(out: ByteWriter, from: Buffer, { start, end }: { start: number; end: number }): void {
  out.ensure(3 + 2 * (end - start));
  const { bytes } = out;
  let at = out.length;
  bytes[at] = BACKSLASH;
  bytes[at + 1] = BACKSLASH;
  bytes[at + 2] = LETTER_X;
  at += 3;
  for (let place = start; place < end; place += 1) {
    const byte = from[place] ?? 0;
    bytes[at] = hexDigits[byte >> 4] ?? 0;
    bytes[at + 1] = hexDigits[byte & 0xf] ?? 0;
    at += 2;
  }
  out.length = at;
}

const notUtf8 = 'the text is not valid utf-8';

/** Fields of text that is none, by the index of their row: the server would not say which field it was. */
export function findInvalidText(batch: RowBatch, fieldsOfRow: readonly Field[]): ReadonlyMap<number, Misfit> {
  const found = new Map<number, Misfit>();
  if (isUtf8(batch.bytes)) return found;
  const all = new RowIndex(batch);
  for (let row = 0; row < batch.rows; row += 1) {
    if (isUtf8(all.at(row))) continue;
    let field = 0;
    for (let start = all.start(row), at = start; at < all.start(row + 1); at += 1) {
      const byte = batch.bytes[at];
      if (byte !== TAB && byte !== LF) continue;
      const isText = fieldsOfRow[field]?.type.kind !== 'bytes';
      if (isText && !isUtf8(batch.bytes.subarray(start, at))) found.set(row, { field, reason: notUtf8 });
      [start, field] = [at + 1, field + 1];
    }
  }
  return found;
}
