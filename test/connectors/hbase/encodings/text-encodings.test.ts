// Numbers, dates, strings and bytes as text, and epochs: what is taken, what is refused, and with which words.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileEncoding } from '../../../../connectors/hbase/encodings/all-encodings.ts';
import { convert, hex } from '../convert-value.ts';

describe('numbers as text', () => {
  it.each([
    ['int', '0', '0'],
    ['int', '-0', '0'],
    ['int', '+12', '12'],
    ['int', '007', '7'],
    ['int', '-2147483648', '-2147483648'],
    ['bigint', '9223372036854775807', '9223372036854775807'],
    ['bigint', '-9223372036854775808', '-9223372036854775808'],
    ['bigint', '0000000000000000000000000012', '12'],
    ['tinyint', '-128', '-128'],
  ])('%s takes %s', (type, value, text) => {
    expect(convert('text', type, value)).toBe(text);
  });

  it.each([
    ['int', 'abc', 'not an integer where int is expected'],
    ['int', '', 'no digits where int is expected'],
    ['int', '-', 'no digits where int is expected'],
    ['int', '1.0', 'not an integer where int is expected'],
    ['int', ' 1', 'not an integer where int is expected'],
    ['int', '１２', 'not an integer where int is expected'],
    ['int', '2147483648', 'out of the range of int'],
    ['int', '-2147483649', 'out of the range of int'],
    ['bigint', '9223372036854775808', 'out of the range of bigint'],
    ['tinyint', '128', 'out of the range of tinyint'],
  ])('%s refuses %j', (type, value, reason) => {
    expect(convert('text', type, value)).toBe(`! ${reason}`);
  });

  it.each([
    ['decimal(10,2)', '12.5', '12.50'],
    ['decimal(10,2)', '-0.00', '0.00'],
    ['decimal(4,2)', '12.34', '12.34'],
    ['decimal(4,2)', '00.50', '0.50'],
    ['decimal(4,0)', '9876', '9876'],
    ['decimal(2,2)', '0.50', '0.50'],
    ['decimal(10,2)', '.5', '0.50'],
    ['decimal(10,2)', '7.', '7.00'],
    ['decimal(10,2)', '0012.3400', '12.34'],
    ['decimal(10,2)', '1.2345e3', '1234.50'],
    ['decimal(10,2)', '5E-2', '0.05'],
    ['decimal(10,0)', '1e9', '1000000000'],
    ['decimal(38,10)', '1234567890123456789012345678.0123456789', '1234567890123456789012345678.0123456789'],
    ['decimal(65,30)', '0.000000000000000000000000000001', '0.000000000000000000000000000001'],
  ])('%s takes %s', (type, value, text) => {
    expect(convert('text', type, value)).toBe(text);
  });

  it.each([
    ['decimal(10,2)', '1.005', /more than 2 digits behind/],
    ['decimal(10,2)', '123456789', /more than 8 digits before/],
    ['decimal(10,2)', '1e9', /more than 8 digits before/],
    ['decimal(10,2)', '1e999999', /more than 8 digits before/],
    ['decimal(10,2)', '1.2.3', /not a number/],
    ['decimal(10,2)', '1x.34', /not a number/],
    ['decimal(10,2)', '12.3x', /not a number/],
    ['decimal(4,2)', '123.45', /more than 2 digits before/],
    ['decimal(2,2)', '1.50', /more than 0 digits before/],
    ['decimal(10,2)', '', /no digits/],
    ['decimal(10,2)', '1e', /not a number/],
    ['decimal(10,2)', '1,5', /not a number/],
  ])('%s refuses %j', (type, value, reason) => {
    expect(convert('text', type, value)).toMatch(reason);
  });

  it('floating-point text is checked and copied', () => {
    expect(convert('text', 'double', '1.50')).toBe('1.50');
    expect(convert('text', 'double', '+1e-300')).toBe('1e-300');
    expect(convert('text', 'double', '-.5')).toBe('-.5');
    expect(convert('text', 'double', '1e309')).toBe('! out of the range of double');
    expect(convert('text', 'float', '1e39')).toBe('! out of the range of float');
    expect(convert('text', 'float', `1${'0'.repeat(39)}`)).toBe('! out of the range of float');
    for (const value of ['NaN', '', '.', 'e5', '1e', '0x10', '1 ']) {
      expect(convert('text', 'double', value)).toBe('! not a number where double is expected');
    }
  });

  it('booleans are words of a closed list', () => {
    expect(['true', 'T', '1', 'Yes', 'y'].map((value) => convert('text', 'boolean', value))).toEqual(
      Array(5).fill('1'),
    );
    expect(['FALSE', 'f', '0', 'no', 'N'].map((value) => convert('text', 'boolean', value))).toEqual(
      Array(5).fill('0'),
    );
    expect(convert('text', 'boolean', 'on')).toMatch(/^! not a boolean; known: /);
    expect(convert('text', 'boolean', '\x11')).toMatch(/^! not a boolean/);
  });
});

describe('dates', () => {
  it.each([
    ['date', '2026-02-28', '2026-02-28'],
    ['date', '2024-02-29', '2024-02-29'],
    ['time', '23:59:59', '23:59:59'],
    ['time(3)', '00:00:00.5', '00:00:00.500'],
    ['datetime(0)', '2026-01-31 23:59:59', '2026-01-31 23:59:59'],
    ['datetime', '2026-01-31T23:59:59.123', '2026-01-31 23:59:59.123'],
    ['datetime(6)', '2026-01-31 23:59:59.123456', '2026-01-31 23:59:59.123456'],
    ['datetime(6)', '2026-01-31 23:59:59.123456000', '2026-01-31 23:59:59.123456'],
    ['datetime(0)', '2026-01-31', '2026-01-31 00:00:00'],
    ['datetime(0)', '2026-01-01T00:30:00+08:00', '2025-12-31 16:30:00'],
    ['datetime(0)', '2024-02-28T23:30:00-0100', '2024-02-29 00:30:00'],
    ['datetime(0)', '2026-01-01T00:30:00Z', '2026-01-01 00:30:00'],
  ])('%s takes %s', (type, value, text) => {
    expect(convert('text', type, value)).toBe(text);
  });

  it.each([
    ['date', '2026-02-29', 'no day 29 in month 2 of 2026'],
    ['date', '1900-02-29', 'no day 29 in month 2 of 1900'],
    ['date', '2026-13-01', 'no month 13'],
    ['date', '0000-01-01', 'a year outside 1 to 9999'],
    ['date', 'yesterday', 'not a date like 2026-01-31'],
    ['date', '2026/01/31', 'not a date like 2026-01-31'],
    ['date', '2026-01-31 00:00:00', 'not a date like 2026-01-31'],
    ['time', '24:00:00', 'no such time of day'],
    ['time', '12:00:00.5', 'a fraction of a second finer than the 0 digits of the field'],
    ['datetime', '2026-01-31 23:59', 'not a date and time like 2026-01-31 23:59:59'],
    ['datetime', '2026-01-31 23:59:59.1234', 'a fraction of a second finer than the 3 digits of the field'],
    ['datetime', '2026-01-31 23:59:59+1', 'not a date and time like 2026-01-31 23:59:59'],
    ['datetime', '', 'not a date and time like 2026-01-31 23:59:59'],
  ])('%s refuses %j', (type, value, reason) => {
    expect(convert('text', type, value)).toBe(`! ${reason}`);
  });

  it('a text in the form of the field is taken exactly where Date takes it, wherever it stands in its cell', () => {
    const two = (max: number) => fc.integer({ min: 0, max }).map((value) => String(value).padStart(2, '0'));
    const year = fc.oneof(
      fc.constantFrom('0000', '0001', '1900', '2000', '2024', '9999'),
      fc.constant('2026'),
    );
    const text = fc.tuple(
      year,
      two(13),
      two(32),
      two(25),
      two(61),
      two(61),
      fc.constantFrom('', '.5', '.123'),
    );
    const spoilt = fc.option(fc.tuple(fc.nat(22), fc.constantFrom('x', '/', ':', ' ', '9')), { nil: null });
    fc.assert(
      fc.property(text, spoilt, fc.nat(3), ([y, mo, d, h, mi, s, f], spoil, offset) => {
        let value = `${y}-${mo}-${d} ${h}:${mi}:${s}${f}`;
        if (spoil !== null && spoil[0] < value.length)
          value = value.slice(0, spoil[0]) + spoil[1] + value.slice(spoil[0] + 1);
        const isLaidOut = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,3})?$/.test(value);
        const date = new Date(`${value.replace(' ', 'T')}Z`);
        // Date takes 24:00:00, and the years before 1.
        const printed = Number.isNaN(date.getTime())
          ? ''
          : date.toISOString().replace('T', ' ').replace('Z', '');
        const isReal = isLaidOut && printed.slice(0, 19) === value.slice(0, 19) && !value.startsWith('0000');
        const cell = Buffer.concat([Buffer.from('::0'.slice(0, offset)), Buffer.from(value)]);
        const found = convert('text', 'datetime', cell.subarray(offset));
        if (isReal) expect(found).toBe(printed);
        else expect(found, value).toMatch(/^!/);
      }),
      { numRuns: 3_000 },
    );
  });

  it('an epoch is the same instant that Date shows, far into both directions', () => {
    const bytes = Buffer.alloc(8);
    for (let step = -3000; step < 3000; step += 1) {
      const ms = step * 19_916_800_123 + step;
      bytes.writeBigInt64BE(BigInt(ms));
      const expected = new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
      expect(convert('epoch-ms', 'datetime', bytes)).toBe(expected);
      expect(convert('epoch-ms', 'date', bytes)).toBe(expected.slice(0, 10));
      expect(convert('epoch-ms-text', 'datetime', String(ms))).toBe(expected);
    }
  });

  it('seconds and text are encodings of their own, never guessed', () => {
    expect(convert('epoch-s', 'datetime(0)', hex('0000000069557f80'))).toBe('2025-12-31 19:54:40');
    expect(convert('epoch-s-text', 'datetime(0)', '0')).toBe('1970-01-01 00:00:00');
    expect(convert('epoch-ms', 'datetime', '1767225600000')).toBe('! not an 8-byte long, which epoch-ms is');
    expect(convert('epoch-ms-text', 'datetime', hex('0000000069557f80'))).toBe(
      '! not digits, which epoch-ms-text is',
    );
    expect(convert('epoch-ms', 'datetime', hex('7fffffffffffffff'))).toBe('! a year outside 1 to 9999');
    expect(convert('epoch-ms', 'datetime(0)', hex('0000000000000001'))).toMatch(
      /^! a fraction of a second finer/,
    );
  });
});

describe('strings and bytes', () => {
  it('text is escaped for the row, and measured in characters', () => {
    expect(convert('text', 'string', 'a\tb\nc\rd\\e\0f')).toBe('a\\tb\\nc\\rd\\\\e\\0f');
    expect(convert('text', 'varchar(4)', '北京😀a')).toBe('北京😀a');
    expect(convert('text', 'varchar(3)', '北京😀a')).toBe('! 4 characters where at most 3 are allowed');
    expect(convert('text', 'string', '')).toBe('');
  });

  it('every byte is escaped or not wherever it stands in a text', () => {
    const escapes: Record<number, string> = { 0: '\\0', 9: '\\t', 10: '\\n', 13: '\\r', 92: '\\\\' };
    for (let byte = 0; byte < 0x80; byte += 1) {
      for (let length = 1; length <= 9; length += 1) {
        for (let at = 0; at < length; at += 1) {
          const [before, behind] = ['x'.repeat(at), '~'.repeat(length - at - 1)];
          const shown = escapes[byte] ?? String.fromCharCode(byte);
          expect(convert('text', `varchar(${length})`, before + String.fromCharCode(byte) + behind)).toBe(
            before + shown + behind,
          );
        }
      }
    }
  });

  it.each(['80', 'c080', 'c3', 'e4b8', 'eda080', 'f4908080', 'f8888080', 'e08080', 'f0808080', 'ff'])(
    'bytes %s are not utf-8',
    (bytes) => {
      expect(convert('text', 'string', Buffer.concat([Buffer.from('ok'), hex(bytes)]))).toBe(
        '! not valid utf-8',
      );
    },
  );

  it('takes exactly what the platform decoder takes', () => {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    const isValid = (bytes: Buffer): boolean => {
      try {
        decoder.decode(bytes);
        return true;
      } catch {
        return false;
      }
    };
    for (let first = 0x7f; first < 0x100; first += 1) {
      for (const rest of [
        '',
        '80',
        '8080',
        '808080',
        '9f80',
        'a080',
        'bf80',
        '8f8080',
        '908080',
        'bfbfbf',
        '41',
        '7f',
      ]) {
        const bytes = Buffer.concat([Buffer.from([first]), hex(rest)]);
        expect(convert('text', 'string', bytes).startsWith('!'), bytes.toString('hex')).toBe(!isValid(bytes));
      }
    }
  });

  it('json is parsed before it is believed', () => {
    expect(convert('text', 'json', '{"a":[1,"x"]}')).toBe('{"a":[1,"x"]}');
    expect(convert('text', 'json', '{a:1}')).toBe('! not valid JSON');
  });

  it('bytes go through as they are, up to the length of the field', () => {
    const raw = hex('00ff095c');
    const out = Buffer.from([0x5c, 0x30, 0xff, 0x5c, 0x74, 0x5c, 0x5c]);
    expect(convert('bytes', 'bytes', raw)).toBe(out.toString('utf8'));
    expect(convert('bytes', 'varbinary(3)', raw)).toBe('! 4 bytes where at most 3 are allowed');
  });

  it('hex and base64 print into a string field, and are parsed for a bytes field', () => {
    expect(convert('hex', 'string', hex('00ff5c'))).toBe('00ff5c');
    expect(convert('base64', 'string', hex('00ff5c'))).toBe('AP9c');
    expect(convert('hex', 'bytes', '4142')).toBe('AB');
    expect(convert('base64', 'bytes', 'QUI=')).toBe('AB');
    expect(convert('hex', 'bytes', '414')).toBe('! not hex text');
    expect(convert('base64', 'bytes', 'QU')).toBe('! not base64 text');
    expect(convert('hex', 'varchar(4)', hex('00ff5c'))).toBe('! 6 characters where at most 4 are allowed');
  });

  it('an encoding that cannot fill a type says which can', () => {
    expect(compileEncoding('int64', { kind: 'date' })).toMatch(
      /cannot fill a field of type date; .*epoch-ms/,
    );
    expect(compileEncoding('utf32', { kind: 'date' })).toMatch(/^unknown; known: text, int8/);
  });
});
