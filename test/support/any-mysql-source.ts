// Random columns of a MariaDB server, and their values with the edges of each type.
import type { AnyColumn } from '../conformance/any-source-values.ts';
import { anyText, oneOf, type Random } from './any-values.ts';
import { asItIs, date, float, time, timestamp } from './source-value-rules.ts';

const text = (value: string): string => `_utf8mb4 X'${Buffer.from(value).toString('hex')}'`;
const sayText = (quoted: string): string => `HEX(CONVERT(${quoted} USING utf8mb4))`;
const sayNumber = (quoted: string): string => sayText(`CAST(${quoted} + 0 AS CHAR)`);

const bytesOf: Readonly<Record<string, bigint>> = {
  TINYINT: 8n,
  SMALLINT: 16n,
  MEDIUMINT: 24n,
  INT: 32n,
  BIGINT: 64n,
};

function whole(random: Random): AnyColumn {
  const [name, bits] = oneOf(random, Object.entries(bytesOf) as [[string, bigint]]);
  const attribute = oneOf(random, ['', '', ' UNSIGNED', ' ZEROFILL']);
  const half = 1n << (bits - 1n);
  return {
    declared: `${name}${attribute}`,
    value: (next) => {
      const near = BigInt(next(4));
      return String(
        oneOf(next, [near, -near, half - near, -half + near, half * 2n - 1n - near, BigInt(next(1e6))]),
      );
    },
    ...{ say: sayNumber, rule: asItIs, grows: 'number', isKey: true },
  };
}

const nines = (count: number): string => '9'.repeat(count);

function decimal(random: Random): AnyColumn {
  const [precision, scale] = oneOf<[number, number]>(random, [
    [4, 2],
    [18, 0],
    [20, 0],
    [38, 10],
    [65, 30],
    [65, 0],
    [30, 30],
  ]);
  const attribute = oneOf(random, ['', '', ' UNSIGNED', ' ZEROFILL']);
  return {
    declared: `DECIMAL(${precision},${scale})${attribute}`,
    value: (next) =>
      oneOf(next, [
        '0',
        '-0.0',
        '1',
        '-1',
        `${nines(precision - scale) || '0'}.${nines(scale) || '0'}`,
        `-${nines(precision - scale) || '0'}`,
        '0.5',
        `${next(1e6)}.${next(1e6)}`,
      ]),
    say: sayNumber,
    rule: asItIs,
    ...(scale === 0 ? { grows: 'number' } : {}),
    isKey: true,
  };
}

function floating(random: Random): AnyColumn {
  const declared = oneOf(random, [
    'FLOAT',
    'FLOAT UNSIGNED',
    'DOUBLE',
    'DOUBLE ZEROFILL',
    'FLOAT(7,2)',
    'DOUBLE(10,3)',
  ]);
  const isFloat = declared.startsWith('FLOAT');
  return {
    declared,
    value: (next) =>
      oneOf(next, [
        '0',
        '-0e0',
        '0.1',
        '-0.1',
        '1e30',
        '-1e-30',
        '1.17549435e-38',
        '1.40129846e-45',
        '3.4028234e38',
        '1.7976931348623157e308',
        '5e-324',
        '16777217',
        '123456.789',
        String(next(1e6) / 7),
      ]),
    // As it stands a FLOAT has six digits.
    say: (quoted) => sayText(isFloat ? `CAST(CAST(${quoted} AS DOUBLE) AS CHAR)` : quoted),
    ...{ rule: float(isFloat ? 32 : 64), isKey: false },
  };
}

const days = [
  '0000-00-00',
  '2026-00-01',
  '2026-01-00',
  '0001-01-01',
  '1000-01-01',
  '1582-10-10',
  '1969-12-31',
  '1970-01-01',
  '2024-02-29',
  '2038-01-19',
  '9999-12-31',
] as const;
const clocks = ['00:00:00', '00:00:01.5', '12:34:56.000001', '23:59:59.999999', '02:30:00'] as const;
const aDay = (next: Random): string =>
  oneOf(next, [...days, `20${10 + next(90)}-0${1 + next(9)}-1${next(10)}`]);
const digits = (random: Random): string => oneOf(random, ['', '(1)', '(3)', '(6)']);

function aTime(random: Random): AnyColumn {
  return oneOf<() => AnyColumn>(random, [
    () => ({
      declared: 'DATE',
      value: (next) => `'${aDay(next)}'`,
      say: sayText,
      rule: date,
      grows: 'time',
      isKey: true,
    }),
    () => ({
      declared: `${oneOf(random, ['DATETIME', 'TIMESTAMP'])}${digits(random)}`,
      value: (next) => `'${aDay(next)} ${oneOf(next, clocks)}'`,
      ...{ say: sayText, rule: timestamp, grows: 'time', isKey: true },
    }),
    () => ({
      declared: `TIME${digits(random)}`,
      value: (next) =>
        `'${oneOf(next, [...clocks, '24:00:00', '-00:00:01', '838:59:59', '-838:59:59', '100:00:00'])}'`,
      ...{ say: sayText, rule: time, isKey: true },
    }),
    () => ({
      declared: 'YEAR',
      value: (next) => oneOf(next, ["'0000'", '1901', '2155', '2026']),
      ...{ say: sayNumber, rule: asItIs, grows: 'number', isKey: true },
    }),
  ])();
}

const collations = [
  'utf8mb4 COLLATE utf8mb4_bin',
  'utf8mb4 COLLATE utf8mb4_nopad_bin',
  'utf8mb4 COLLATE utf8mb4_general_ci',
  'utf8mb4 COLLATE utf8mb4_unicode_ci',
  'utf8mb4 COLLATE utf8mb4_uca1400_ai_ci',
  'utf8mb3 COLLATE utf8mb3_general_ci',
  'latin1 COLLATE latin1_swedish_ci',
  'latin1 COLLATE latin1_bin',
  'ucs2',
  'utf16',
  'utf32',
  'gbk',
  'sjis',
  'koi8r',
  'ascii',
] as const;

function aText(random: Random): AnyColumn {
  const type = oneOf(random, [
    'CHAR(1)',
    'CHAR(5)',
    'CHAR(64)',
    'VARCHAR(1)',
    'VARCHAR(5)',
    'VARCHAR(64)',
    'VARCHAR(20) COMPRESSED',
    'TINYTEXT',
    'TEXT',
    'LONGTEXT',
  ]);
  const [name = '', attribute = ''] = type.split(' ');
  return {
    declared: `${name} ${attribute} CHARACTER SET ${oneOf(random, collations)}`,
    // Of a query's columns nobody says that they are compressed, and such a column takes more characters than it declares.
    value: (next) => text(attribute === '' ? anyText(next) : Array.from(anyText(next)).slice(0, 20).join('')),
    say: sayText,
    rule: asItIs,
    isKey: /^(VAR)?CHAR/.test(type) && attribute === '',
  };
}

const members = ["'25','4','7'", "'a','B','ß'", "'','x'", "'it''s','a\\\\b'", "'中','é','K'"] as const;

function rest(random: Random): AnyColumn {
  return oneOf<() => AnyColumn>(random, [
    () => ({
      declared: `${oneOf(random, ['ENUM', 'SET'])}(${oneOf(random, members)}) CHARACTER SET ${oneOf(random, ['utf8mb4', 'utf16', 'gbk'])}`,
      value: (next) => oneOf(next, ['0', '1', '2', '3', "''", "'a'", "'x'", "'no such'"]),
      ...{ say: sayText, rule: asItIs, isKey: true },
    }),
    () => ({
      declared: `BIT(${oneOf(random, [1, 2, 8, 9, 31, 32, 63, 64])})`,
      value: (next) =>
        oneOf(next, ['0', '1', "b'101'", '18446744073709551615', '9223372036854775808', '255']),
      ...{ say: sayNumber, rule: asItIs, grows: 'number', isKey: true },
    }),
    () => ({
      declared: oneOf(random, ['BINARY(1)', 'BINARY(5)', 'VARBINARY(5)', 'VARBINARY(64)']),
      value: (next) => bytes(next),
      ...{ say: (quoted) => `HEX(${quoted})`, rule: asItIs, isKey: true },
    }),
    () => ({
      declared: oneOf(random, ['TINYBLOB', 'BLOB', 'LONGBLOB']),
      value: (next) => bytes(next),
      ...{ say: (quoted) => `HEX(${quoted})`, rule: asItIs, isKey: false },
    }),
    () => ({
      declared: 'JSON',
      value: (next) => text(oneOf(next, ['{}', '[1, "\\n"]', '{"中": "😀"}', '1.50', 'null'])),
      ...{ say: sayText, rule: asItIs, isKey: false },
    }),
    () => ({
      declared: 'UUID',
      value: (next) => `'${next(9)}23e4567-e89b-12d3-a456-42661417400${next(9)}'`,
      ...{ say: sayText, rule: asItIs, isKey: true },
    }),
    () => ({
      declared: oneOf(random, ['INET4', 'INET6']),
      value: (next) =>
        oneOf(next, [
          "'0.0.0.0'",
          "'255.255.255.255'",
          "'::1'",
          "'ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe'",
          "'::ffff:1.2.3.4'",
        ]),
      ...{ say: sayText, rule: asItIs, isKey: true },
    }),
    () => ({
      declared: oneOf(random, ['POINT', 'GEOMETRY', 'POLYGON']),
      value: () => 'NULL',
      ...{ say: (quoted) => `HEX(${quoted})`, rule: 'refused', isKey: false },
    }),
  ])();
}

function bytes(next: Random): string {
  return `X'${oneOf(next, [
    '',
    '00',
    '0000',
    '20',
    'ff',
    '80ff00',
    '5c4e',
    '090a0d',
    '4142',
    Buffer.from(Array.from({ length: next(20) }, () => next(256))).toString('hex'),
  ])}'`;
}

export function anyMysqlColumn(random: Random): AnyColumn {
  // Those that are refused are rare: a table has several columns.
  return oneOf(random, [whole, whole, decimal, floating, aTime, aTime, aText, aText, aText, rest, rest])(
    random,
  );
}
