// What the sink writes, the source of the same encoding reads back.
import { describe, expect, it } from 'vitest';
import { compileEncoding } from '../../../../connectors/hbase/encodings/all-encodings.ts';
import { compileEncoder, writableEncodings } from '../../../../connectors/hbase/encodings/encoder.ts';
import type { Charset } from '../../../../connectors/hbase/encodings/text/charset.ts';
import { findZone, utc } from '../../../../src/core/time/time-zone.ts';
import type { Zone } from '../../../../src/core/time/time-zone.ts';
import { parseFieldType } from '../../../../src/core/connector/field-type.ts';
import { ByteWriter, readRow } from '../../../../src/core/record/row-format.ts';

function write(
  encoding: string,
  type: string,
  text: string,
  { zone = utc, charset = 'utf-8' }: { zone?: Zone; charset?: Charset } = {},
): Buffer | string {
  const encode = compileEncoder(encoding, parseFieldType(type, 'f'), { zone, charset });
  if (typeof encode === 'string') return encode;
  const out = new ByteWriter(8);
  // In the middle of other bytes, as a field of a row stands.
  const bytes = Buffer.from(`x${text}x`);
  const problem = encode(out, bytes, 1, bytes.length - 1);
  return problem ?? Buffer.from(out.bytes.subarray(0, out.length));
}

function readBack(encoding: string, type: string, bytes: Buffer): string | null {
  const read = compileEncoding(encoding, parseFieldType(type, 'f'));
  if (typeof read === 'string') throw new Error(read);
  const out = new ByteWriter();
  const problem = read(out, bytes, 0, bytes.length);
  return problem ?? readRow(out.bytes, 0, out.length)[0]?.toString('utf8') ?? null;
}

const samples: Readonly<Record<string, readonly (readonly [type: string, ...texts: string[]])[]>> = {
  text: [
    ['string', 'a\tb', '中'],
    ['decimal(10,2)', '-1.50'],
    ['boolean', '1', '0'],
  ],
  int8: [['tinyint', '-128', '127']],
  int16: [['smallint', '-32768', '32767']],
  int32: [['int', '-2147483648', '2147483647', '0']],
  int64: [['bigint', '-9223372036854775808', '9223372036854775807', '-1']],
  float: [['float', '0.1', '-3.5']],
  double: [['double', '0.1', '-1.7976931348623157e+308']],
  boolean: [['boolean', '1', '0']],
  bigdecimal: [
    ['decimal(38,10)', '-9999999999999999999999999999.9999999999', '0.0000000001', '128.0000000000'],
  ],
  bytes: [['bytes', '\u0001x']],
  hex: [
    ['string', '00ff'],
    ['bytes', 'ab'],
  ],
  base64: [
    ['string', 'AP8='],
    ['bytes', 'ab'],
  ],
  'epoch-ms': [
    ['datetime(3)', '2024-02-29 12:34:56.789', '1969-12-31 23:59:59.999'],
    ['date', '2024-02-29'],
  ],
  'epoch-s': [['datetime(0)', '2024-02-29 12:34:56']],
  'epoch-ms-text': [['datetime(3)', '2024-02-29 12:34:56.789']],
  'epoch-s-text': [['datetime(0)', '2024-02-29 12:34:56']],
};

describe('encodings of the sink', () => {
  it.each(writableEncodings)('%s is read back as it was written', (encoding) => {
    const lines = samples[encoding] ?? [];
    expect(lines).not.toEqual([]);
    for (const [type, ...texts] of lines)
      for (const text of texts) {
        const bytes = write(encoding, type, text);
        expect(bytes, `${encoding} ${text}`).toBeInstanceOf(Buffer);
        if (typeof bytes !== 'string') expect(readBack(encoding, type, bytes)).toBe(text);
      }
  });

  it('writes what Java writes', () => {
    expect(write('int32', 'int', '-2')).toEqual(Buffer.from('fffffffe', 'hex'));
    expect(write('boolean', 'boolean', '1')).toEqual(Buffer.of(0xff));
    // new BigDecimal("-1.28"): scale 2, unscaled -128
    expect(write('bigdecimal', 'decimal(5,2)', '-1.28')).toEqual(Buffer.from('0000000280', 'hex'));
    expect(write('bigdecimal', 'decimal(5,2)', '1.28')).toEqual(Buffer.from('000000020080', 'hex'));
    expect(write('double', 'double', '1')).toEqual(Buffer.from('3ff0000000000000', 'hex'));
  });

  it('refuses what does not fit, saying why', () => {
    expect(write('int8', 'int', '128')).toBe('out of the range of int8');
    expect(write('int32', 'decimal(5,2)', '1.50')).toBe('not an integer');
    expect(write('double', 'bigint', '9007199254740993')).toBe('more digits than a double keeps');
    expect(write('double', 'decimal(20,2)', '0.10')).toBeInstanceOf(Buffer);
    expect(write('epoch-ms', 'datetime(6)', '9999-12-31 23:59:59.999999')).toBe('finer than a millisecond');
    expect(write('float', 'double', '1e39')).toBe('out of the range of float');
    expect(write('epoch-s', 'datetime(3)', '2024-02-29 12:34:56.789')).toBe('finer than a second');
    expect(write('hex', 'string', '0g')).toBe('not hex text');
    expect(write('text', 'int', 'x')).toMatch(/number|integer/);
    expect(write('int8', 'json', '{}')).toContain('cannot hold a field of type json');
    expect(write('phoenix:nothing', 'int', '1')).toContain('cannot be written');
  });

  it.each([
    ['int64', '7', '007', '+7', '-0', '7.0'],
    ['int8', '0', '00', '-0'],
    ['double', '1', '1.0', '01', '+1', '1e0'],
    ['float', '0.1', '0.10', '0.1000000001', '1e-50'],
    ['bigdecimal', '1.0', '01.0', '+1.0', '1.0e0'],
    ['bigdecimal', '0.5', '.5', '-0', '1.', '00.5'],
    ['hex', 'ab', 'AB', 'Ab', 'abc'],
    ['base64', 'AP8=', 'AP9=', 'AP8'],
  ])(
    '%s: %s is read back as it was, and texts that would become it are refused',
    (encoding, good, ...others) => {
      const bytes = write(encoding, 'string', good);
      expect(bytes).toBeInstanceOf(Buffer);
      if (typeof bytes !== 'string') expect(readBack(encoding, 'string', bytes)).toBe(good);
      expect(others.filter((text) => typeof write(encoding, 'string', text) !== 'string')).toEqual([]);
    },
  );

  it('a double goes into a float only where that keeps it', () => {
    expect(write('float', 'double', '0.5')).toEqual(Buffer.from('3f000000', 'hex'));
    expect(write('float', 'double', '0.1')).toBe('more digits than a float keeps');
    expect(write('float', 'float', '0.1')).toBeInstanceOf(Buffer);
  });

  it('a number has one zero', () => {
    expect(write('float', 'float', '-0')).toEqual(write('float', 'float', '0'));
    expect(write('double', 'decimal(4,2)', '-0.00')).toEqual(write('double', 'decimal(4,2)', '0.00'));
    const money = (text: string) => write('bigdecimal', 'decimal(4,2)', text);
    expect(['0', '-0.00', '0.0', '0.0000'].map(money)).toEqual(
      Array.from({ length: 4 }, () => money('0.00')),
    );
    expect(money('7')).toEqual(money('7.00'));
  });

  it('a boolean is 1 or 0', () => {
    expect(write('boolean', 'boolean', 'true')).toBe("write 1 or 0, not 'true'");
  });

  it('writes timestamps as local text of a zone, and dates as the instant at which they begin there', () => {
    const berlin = { zone: findZone('Europe/Berlin') ?? utc };
    const local = (text: string): string => String(write('text', 'datetime(6)', text, berlin));
    expect(local('2026-07-01 10:00:00.123456')).toBe('2026-07-01 12:00:00.123456');
    expect(local('2026-10-25 00:30:00.000000')).toBe('2026-10-25 02:30:00.000000');
    expect(local('2026-10-25 01:30:00.000000')).toBe(
      'a time that Europe/Berlin has twice, and the second of them',
    );
    expect(local('9999-12-31 23:30:00.000000')).toBe('a year outside 1 to 9999 in Europe/Berlin');
    const begin = write('epoch-ms-text', 'date', '2026-07-01', berlin);
    expect(String(begin)).toBe(String(Date.UTC(2026, 5, 30, 22)));
  });

  it('writes text in its charset, and refuses characters that the charset does not have', () => {
    expect(write('text', 'string', '北京', { charset: 'gbk' })).toEqual(Buffer.from('b1b1bea9', 'hex'));
    expect(write('text', 'string', 'Zürich', { charset: 'latin1' })).toEqual(Buffer.from('Zürich', 'latin1'));
    expect(write('text', 'string', 'a😀', { charset: 'gbk' })).toBe("'😀' is no character of gbk");
    expect(write('text', 'string', '€', { charset: 'latin1' })).toBe("'€' is no character of latin1");
  });
});
