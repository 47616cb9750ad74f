// The border between a row in the row format and a record's value in the log: one converter per value format.
import type { RowSchema } from '../../core/connector/field-type.ts';
import type { ValueFormat } from '../../core/record/headers.ts';
import type { ValueDecoder, ValueEncoder } from './converter.ts';
import { createJsonDecoder, createJsonEncoder } from './json-converter.ts';

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
