// Random field types and values for the property tests of targets, edges on purpose, and the one canonical form in which what was
// sent is compared with what is read back.
import type { FieldType } from '../../src/core/connector/field-type.ts';

/** Whole numbers from 0 up to, not including, the argument (random.ts). */
export type Random = (below: number) => number;

export function oneOf<T>(random: Random, values: readonly [T, ...T[]]): T {
  return values[random(values.length)] ?? values[0];
}

/** Every kind that a row in flight can have, with every edge of its parameters. */
export function anyFieldType(random: Random): FieldType {
  return oneOf<() => FieldType>(random, [
    () => ({ kind: oneOf(random, ['int8', 'int16', 'int32', 'int64']) }),
    () => ({ kind: oneOf(random, ['float32', 'float64']) }),
    () => ({ kind: 'boolean' }),
    () => ({ kind: 'date' }),
    () => ({ kind: 'time', precision: oneOf(random, [0, 1, 3, 6]) }),
    () => ({ kind: 'timestamp', precision: oneOf(random, [0, 1, 3, 6]) }),
    () =>
      oneOf<FieldType>(random, [
        { kind: 'decimal', precision: 4, scale: 2 },
        { kind: 'decimal', precision: 2, scale: 2 },
        { kind: 'decimal', precision: 18, scale: 0 },
        { kind: 'decimal', precision: 38, scale: 10 },
        { kind: 'decimal', precision: 65, scale: 30 },
      ]),
    () => ({ kind: 'json' }),
    () => ({ kind: 'string', length: oneOf(random, [0, 1, 5, 64]) }),
    () => ({ kind: 'bytes', length: oneOf(random, [0, 1, 5, 64]) }),
  ])();
}

/** A value of the type as it stands in a row, unescaped; now and then one that is no value of it, or none at all. */
export function anyValue(random: Random, type: FieldType): Buffer | null {
  if (random(12) === 0) return null;
  if (random(25) === 0) return Buffer.from(anyText(random));
  return Buffer.from(valueOf(random, type));
}

function valueOf(random: Random, type: FieldType): string | Buffer {
  switch (type.kind) {
    case 'int8':
      return anyInteger(random, 8n);
    case 'int16':
      return anyInteger(random, 16n);
    case 'int32':
      return anyInteger(random, 32n);
    case 'int64':
      return anyInteger(random, 64n);
    case 'float32':
      return anyFloat(random, Math.fround);
    case 'float64':
      return anyFloat(random, (value) => value);
    case 'boolean':
      return oneOf(random, ['1', '0']);
    case 'decimal':
      return anyDecimal(random, type);
    case 'date':
      return anyDate(random);
    case 'time':
      return anyTime(random, type.precision);
    case 'timestamp':
      return `${anyDate(random)} ${anyTime(random, type.precision)}`;
    case 'json':
      return anyJson(random);
    case 'string':
      return cut(random, anyText(random), type.length);
    case 'bytes':
      return anyBytes(random, type.length);
  }
}

function anyInteger(random: Random, bits: bigint): string {
  const half = 1n << (bits - 1n);
  const near = BigInt(random(3));
  const values = [
    0n,
    near,
    -near,
    half - 1n - near,
    near - half,
    1n << 53n,
    (1n << 53n) + 1n,
    BigInt(random(1e9)),
  ];
  const fitting = values.filter((value) => value >= -half && value < half);
  return String(fitting[random(fitting.length)] ?? 0n);
}

function anyFloat(random: Random, round: (value: number) => number): string {
  const value = oneOf(random, [
    0,
    -0,
    1,
    -1,
    0.1,
    -0.5,
    1 / 3,
    16_777_217,
    2 ** 53,
    2 ** 53 + 2,
    2 ** 63,
    -(2 ** 63),
    2 ** 64,
    1e15,
    1e16,
    1e21,
    1e-7,
    5e-324,
    1.401298464324817e-45,
    2.2250738585072014e-308,
    3.4028234663852886e38,
    1.7976931348623157e308,
    123_456_789.123_456_78,
    random(1e9) / 1000,
    random(1e6),
  ]);
  const rounded = round(value);
  if (!Number.isFinite(rounded)) return '1.5';
  return Object.is(rounded, -0)
    ? '-0'
    : oneOf(random, [String(rounded), String(rounded), rounded.toExponential()]);
}

function anyDecimal(random: Random, { precision, scale }: { precision: number; scale: number }): string {
  const digits = (count: number): string =>
    oneOf(random, [
      '9'.repeat(count),
      '0'.repeat(count),
      Array.from({ length: count }, () => random(10)).join(''),
    ]);
  const whole = digits(oneOf(random, [precision - scale, Math.min(1, precision - scale)])).replace(
    /^0+(?=\d)/,
    '',
  );
  const fraction = scale === 0 ? '' : `.${digits(scale)}`;
  return `${oneOf(random, ['', '', '-'])}${whole === '' ? '0' : whole}${fraction}`;
}

function anyDate(random: Random): string {
  return oneOf(random, [
    '0001-01-01',
    '0999-12-31',
    '1000-01-01',
    '1582-10-10',
    '1901-12-13',
    '1969-12-31',
    '1970-01-01',
    '2000-02-29',
    '2024-03-31',
    '2038-01-19',
    '2155-12-31',
    '9999-12-31',
    `20${String(random(100)).padStart(2, '0')}-0${random(9) + 1}-1${random(10)}`,
  ]);
}

function anyTime(random: Random, precision: number): string {
  const time = oneOf(random, ['00:00:00', '00:00:01', '02:30:00', '03:14:07', '12:00:00', '23:59:59']);
  if (precision === 0) return time;
  const digits = oneOf(random, ['0', '9', '1', '5']).repeat(precision);
  return `${time}.${oneOf(random, [digits, String(random(1e6)).padStart(6, '0').slice(0, precision)])}`;
}

function anyJson(random: Random): string {
  return oneOf(random, [
    '{}',
    '[]',
    'null',
    'true',
    '0',
    '-0',
    '1.0',
    '1e2',
    '12345678901234567890',
    '""',
    '"x"',
    '{"b": 1, "a": [1, 2.50, null]}',
    '{"a":1,"a":2}',
    ' { "a" : "中\\n\\u0000" } ',
  ]);
}

/** Texts that some target takes for something else, or for another one. */
export function anyText(random: Random): string {
  return oneOf<() => string>(random, [
    () => '',
    () => oneOf(random, [' ', '  ', 'a ', ' a', 'a\t', 'a\n', 'a\r\n', 'a\r']),
    () =>
      oneOf(random, ['a', 'A', 'á', 'a\u0301', 'ß', 'ss', 'ı', 'I', 'i', 'K', '\u212a', 'AB', 'ab', 'Ab']),
    () =>
      oneOf(random, [
        '0',
        '7',
        '07',
        '007',
        '+7',
        '-7',
        '-0',
        '7.0',
        '07.0',
        '7.',
        '.7',
        '7e0',
        '0x7',
        ' 7',
        '7 ',
      ]),
    () =>
      oneOf(random, [
        '9007199254740993',
        '9223372036854775807',
        '9223372036854775808',
        '-9223372036854775808',
      ]),
    () => oneOf(random, ['0.1', '0.10', '1e400', '1e-400', 'NaN', 'Infinity', '-Infinity', 'inf', 'nan']),
    () =>
      oneOf(random, [
        'NULL',
        '\\N',
        '\\',
        '\\\\',
        '\\0',
        "'",
        '"',
        '`',
        '%',
        '_',
        ';--',
        'true',
        'TRUE',
        't',
      ]),
    () => oneOf(random, ['|', 'a|', '|b', 'a|b', '||', '\0', 'x\0y', '\u001a', '\u007f', '\u0080', '\u2028']),
    () =>
      oneOf(random, [
        '中',
        '中文',
        '😀',
        '😀😀',
        '\ufeff',
        '\ufeffa',
        '\ufffd',
        '\ufffe',
        '\uffff',
        '\u{10ffff}',
      ]),
    () =>
      oneOf(random, [
        '2024-01-01',
        '0000-00-00',
        '2024-01-01 00:00:00',
        '00:00:00',
        '2024',
        '24',
        '99',
        '1970',
      ]),
    () =>
      oneOf(random, [
        'abcd',
        'ABCD',
        '4142',
        'YWI=',
        'YWJj',
        'YWJ=',
        'x'.repeat(64),
        '中'.repeat(64),
        '25',
        '4',
      ]),
    () =>
      Array.from({ length: random(12) }, () =>
        oneOf(random, ['a', 'B', ' ', '\t', '\\', '\0', 'é', '中', '😀', '|']),
      ).join(''),
  ])();
}

function anyBytes(random: Random, length: number): Buffer {
  const bytes = oneOf<() => Buffer>(random, [
    () => Buffer.from(anyText(random)),
    () => Buffer.from([0x80, 0xff, 0x00]),
    () => Buffer.from([0xed, 0xa0, 0x80]),
    () => Buffer.from([0x20, 0x00]),
    () => Buffer.from(Array.from({ length: random(20) }, () => random(256))),
  ])();
  return length === 0 || random(20) === 0 ? bytes : bytes.subarray(0, length);
}

/** To at most so many characters, and now and then one more than that. */
function cut(random: Random, text: string, length: number): string {
  if (length === 0 || random(20) === 0) return text;
  return Array.from(text).slice(0, length).join('');
}

/**
 * The value that the text stands for, so that two texts of one value are the same: digits without a sign or zeros that say nothing,
 * floating ones as the nearest of their width (0 and -0 are one number), fractions of a second without zeros at the end; all else by its
 * bytes. JSON, too: a target that prints it anew has stored something else.
 */
export function canonicalOf(type: FieldType, raw: Uint8Array | null): string {
  if (raw === null) return 'NULL';
  const bytes = Buffer.from(raw);
  const value = canonicalText(type, bytes.toString('latin1'));
  return value ?? `bytes ${bytes.toString('hex')}`;
}

/** null: it has none but its bytes. */
function canonicalText(type: FieldType, text: string): string | null {
  switch (type.kind) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      return /^[+-]?\d+$/.test(text) ? String(BigInt(text.replace('+', ''))) : null;
    case 'float32':
    case 'float64': {
      if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return null;
      const value = type.kind === 'float32' ? Math.fround(Number(text)) : Number(text);
      return String(value === 0 ? 0 : value);
    }
    case 'decimal': {
      const match = /^([+-]?)0*(\d*?)(?:\.(\d*?)0*)?$/.exec(text);
      if (match === null || !/\d/.test(text)) return null;
      const [, sign, whole = '', fraction = ''] = match;
      const size = `${whole === '' ? '0' : whole}${fraction === '' ? '' : `.${fraction}`}`;
      return sign === '-' && size !== '0' ? `-${size}` : size;
    }
    case 'time':
    case 'timestamp':
      return /^[\d :-]+(?:\.\d+)?$/.test(text)
        ? text.replace(/\.(\d*?)0*$/, (_, kept) => (kept === '' ? '' : `.${String(kept)}`))
        : null;
    default:
      return null;
  }
}
