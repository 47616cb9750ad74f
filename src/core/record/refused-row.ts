// A row that a target refused, described for the dirty store: key printable, the offending bytes in hex.
import type { Field } from '../connector/field-type.ts';
import { readRow } from './row-format.ts';
import type { RefusedRow } from '../connector/sink-store.ts';

/** Of the offending bytes. */
export const MAX_HEX_BYTES = 256;

export function describeRow(row: {
  readonly index: number;
  /** The row in the row format. */
  readonly bytes: Uint8Array;
  readonly fields: readonly Field[];
  /** Indexes of the key among the fields. */
  readonly key: readonly number[];
  /** '' when the target did not say which. */
  readonly field: string;
  readonly reason: string;
  readonly conflict?: boolean;
}): RefusedRow {
  const values = readRow(row.bytes);
  const key = row.key.map((at) => printBytes(values[at] ?? null)).join(',');
  const wrong = values[row.fields.findIndex((field) => field.name === row.field)] ?? row.bytes;
  return {
    index: row.index,
    key,
    field: row.field,
    reason: row.reason,
    bytesHex: Buffer.from(wrong).subarray(0, MAX_HEX_BYTES).toString('hex'),
    ...(row.conflict === true ? { conflict: true } : {}),
  };
}

/** ASCII as it is, every other byte as `\xHH`; a backslash too, so that the text is not ambiguous. */
export function printBytes(bytes: Uint8Array | null): string {
  if (bytes === null) return 'NULL';
  let text = '';
  for (const byte of bytes)
    text +=
      byte >= 0x20 && byte < 0x7f && byte !== 0x5c
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return text;
}
