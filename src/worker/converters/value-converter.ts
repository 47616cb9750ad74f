// The border between a row in the row format and a record's value in the log: one converter per value format.
import type { RowSchema } from '../../core/connector/field-type.ts';
import type { ValueFormat } from '../../core/record/headers.ts';
import type { ByteWriter } from '../../core/record/row-format.ts';
import { createJsonDecoder, createJsonEncoder } from './json-converter.ts';

export interface ValueEncoder {
  /** Appends the value that stands for the row `bytes[start, end)` to `out`. Throws ROW_INVALID when the format can't hold it. */
  encode(row: { bytes: Uint8Array; start: number; end: number }, out: ByteWriter): void;
}

/** Where a decoded row lies; valid until the next decode. */
export interface DecodedRow {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

export interface ValueDecoder {
  /** Throws ROW_INVALID when the value is not of the format or schema. */
  decode(bytes: Buffer, start: number, end: number): DecodedRow;
}

/** null: rows go as they are. */
export function createEncoder(format: ValueFormat, schema: RowSchema): ValueEncoder | null {
  return format === 'row' ? null : createJsonEncoder(schema, format === 'json');
}

export function createDecoder(format: ValueFormat, schema: RowSchema): ValueDecoder {
  return format === 'row' ? createPassThrough() : createJsonDecoder(schema, format === 'json');
}

function createPassThrough(): ValueDecoder {
  const row: { bytes: Buffer; start: number; end: number } = { bytes: Buffer.alloc(0), start: 0, end: 0 };
  return {
    decode: (bytes, start, end) => {
      row.bytes = bytes;
      row.start = start;
      row.end = end;
      return row;
    },
  };
}
