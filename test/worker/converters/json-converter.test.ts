// Rows through Connect's JSON: every value comes back as it was, or is refused.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDecoder, createEncoder } from '../../../src/worker/converters/value-converter.ts';
import type { FieldType, RowSchema } from '../../../src/core/connector/field-type.ts';
import { ByteWriter, readRow, writeRow } from '../../../src/core/record/row-format.ts';

const schemaOf = (type: FieldType): RowSchema => ({ fields: [{ name: 'f', type, optional: true }], key: [] });

/** The JSON of one value of the row format. */
function encode(type: FieldType, value: string | Buffer | null): string {
  const [row, out] = [new ByteWriter(), new ByteWriter()];
  writeRow(row, [value]);
  createEncoder('json-plain', schemaOf(type))?.encode({ bytes: row.bytes, start: 0, end: row.length }, out);
  return Buffer.from(out.bytes.subarray(0, out.length)).toString();
}

function decode(type: FieldType, json: string): string | null {
  const bytes = Buffer.from(json);
  const row = createDecoder('json-plain', schemaOf(type)).decode(bytes, 0, bytes.length);
  return readRow(row.bytes, row.start, row.end)[0]?.toString('latin1') ?? null;
}

const text = (
  kind: 'int8' | 'int16' | 'int32' | 'int64' | 'float32' | 'float64' | 'boolean' | 'date' | 'json',
): FieldType => ({ kind });

describe('a value', () => {
  it.each([
    [text('int8'), ['-128', '127', '0']],
    [text('int64'), ['-9223372036854775808', '9223372036854775807', '9007199254740993']],
    [text('float64'), ['1.7976931348623157e+308', '5e-324', '-0.5', 'NaN', 'Infinity', '-Infinity']],
    [text('boolean'), ['0', '1']],
    [text('date'), ['0001-01-01', '9999-12-31', '1969-12-31']],
    [
      { kind: 'timestamp', precision: 3 },
      ['0001-01-01 00:00:00.000', '9999-12-31 23:59:59.999', '1969-12-31 23:59:59.999'],
    ],
    [{ kind: 'timestamp', precision: 6 }, ['2026-11-30 01:02:03.123456']],
    [{ kind: 'timestamp', precision: 0 }, ['2026-11-30 01:02:03']],
    [{ kind: 'timestamp', precision: 1 }, ['2026-11-30 01:02:03.1']],
    [{ kind: 'time', precision: 0 }, ['01:02:03']],
    [{ kind: 'decimal', precision: 38, scale: 10 }, ['-12345678901234567890.0123456789', '1234567890123456']],
    [{ kind: 'string', length: 0 }, ['', '1234567890123456', 'tab\\tline\\n', 'null']],
  ] as readonly (readonly [FieldType, readonly string[]])[])('of %o comes back', (type, values) => {
    for (const value of [...values, null]) expect(decode(type, encode(type, value))).toBe(value);
  });

  it('of bytes comes back', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const type: FieldType = { kind: 'bytes', length: 0 };
        expect(decode(type, encode(type, Buffer.from(bytes)))).toBe(Buffer.from(bytes).toString('latin1'));
      }),
    );
  });

  it.each([
    [text('int8'), ['128', '-129', '1.5', '"a"', 'true', '{}', '99999999999999999999']],
    [text('int64'), ['9223372036854775808', '1e300', '1.5']],
    [text('float64'), ['"x"', '1e400', 'true']],
    [text('boolean'), ['"yes"', '2', '"false"']],
    [text('date'), ['1e300', '2932897', '-719529', '1.5', 'true']],
    [
      { kind: 'timestamp', precision: 3 },
      ['8640000000000001', '253402300800000', '1e300', '-62198755200000'],
    ],
    [{ kind: 'timestamp', precision: 0 }, ['1', '"2026-11-30 01:02:03.9"']],
    [{ kind: 'time', precision: 3 }, ['"01:02:03.1234"']],
    [{ kind: 'decimal', precision: 38, scale: 10 }, ['1e40', '"1e5"', '"a"', '[]']],
    [{ kind: 'bytes', length: 0 }, ['"A"', '"AB!!"', '7']],
  ] as readonly (readonly [FieldType, readonly string[]])[])('that is no %o is refused', (type, values) => {
    for (const value of values) expect(() => decode(type, `{"f":${value}}`), value).toThrow(/f: .* is no /);
  });

  it('that JSON can not hold is refused when it is written', () => {
    expect(() => encode(text('date'), '10000-01-01')).toThrow("f: '10000-01-01' is no date");
    expect(() => encode({ kind: 'timestamp', precision: 3 }, '0000-00-00 00:00:00')).toThrow(
      'is no timestamp',
    );
  });
});
