// Random columns of a PostgreSQL server, and their values with the edges of each type.
import type { AnyColumn } from '../conformance/any-source-values.ts';
import { anyText, oneOf, type Random } from './any-values.ts';
import { asItIs, date, decimal, float, time, timestamp } from './source-value-rules.ts';

const sayText = (quoted: string): string => `encode(convert_to(${quoted}::text, 'UTF8'), 'hex')`;
/** A NUL is in no text of this server. */
const text = (value: string): string => `'${value.replaceAll('\0', '').replaceAll("'", "''")}'`;
const say = { say: sayText } as const;

/** Enums and domains of the suite's own. */
export const typesSql = `
  CREATE TYPE colour AS ENUM ('red', 'a', 'B', 'é中', '');
  CREATE DOMAIN named AS varchar(20);
  CREATE DOMAIN small AS integer CHECK (value BETWEEN -1000 AND 1000);
  CREATE DOMAIN price AS numeric(10,2);
  CREATE TYPE pair AS (a int, b text);
  CREATE COLLATION folding (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`;

const sizes: Readonly<Record<string, bigint>> = { smallint: 16n, integer: 32n, bigint: 64n };

function whole(random: Random): AnyColumn {
  const [declared, bits] = oneOf(random, Object.entries(sizes) as [[string, bigint]]);
  const half = 1n << (bits - 1n);
  return {
    declared,
    value: (next) =>
      `'${oneOf(next, [BigInt(next(4)), BigInt(-next(4)), half - 1n, -half, BigInt(next(30_000))])}'`,
    ...{ ...say, rule: asItIs, grows: 'number', isKey: true },
  };
}

const nines = (count: number): string => '9'.repeat(count);

function numeric(random: Random): AnyColumn {
  const [declared, precision, scale] = oneOf<[string, number, number]>(random, [
    ['numeric', 65, 30],
    ['numeric(4,2)', 4, 2],
    ['numeric(18,0)', 18, 0],
    ['numeric(38,10)', 38, 10],
    ['numeric(65,0)', 65, 0],
    ['numeric(100,50)', 65, 30],
    ['numeric(10,-2)', 12, 0],
    ['numeric(3,5)', 5, 5],
    ['price', 10, 2],
  ]);
  return {
    declared,
    value: (next) =>
      `'${oneOf(next, ['0', '-0', '1', '-1', 'NaN', 'Infinity', '-Infinity', '1e40', '1e-31', '0.00999', '1234500', nines(38), `0.${nines(31)}`, `-${nines(2)}.${nines(2)}`, `${next(1e6)}`])}'`,
    ...say,
    rule: decimal(precision, scale),
    isKey: true,
  };
}

function floating(random: Random): AnyColumn {
  const declared = oneOf(random, ['real', 'double precision']);
  return {
    declared,
    value: (next) =>
      `'${oneOf(next, ['0', '-0', 'NaN', 'Infinity', '-Infinity', '0.1', '1e30', '1.17549435e-38', '1.40129846e-45', '3.4028234e38', '1.7976931348623157e308', '5e-324', '16777217', String(next(1e6) / 7)])}'`,
    ...{ ...say, rule: float(declared === 'real' ? 32 : 64), isKey: true },
  };
}

const days = [
  'infinity',
  '-infinity',
  '0044-03-15 BC',
  '4713-01-01 BC',
  '0001-01-01',
  '1582-10-10',
  '1969-12-31',
  '1970-01-01',
  '2024-02-29',
  '9999-12-31',
  '10000-01-01',
] as const;
const clocks = ['00:00:00', '00:00:01.5', '12:34:56.000001', '23:59:59.999999', '24:00:00'] as const;
const aDay = (next: Random): string =>
  oneOf(next, [...days, `20${10 + next(90)}-0${1 + next(9)}-1${next(10)}`]);
/** An infinity has no time of day. */
const anInstant = (next: Random): string => {
  const day = aDay(next);
  if (day.includes('inf')) return day;
  const [shown = '', era = ''] = day.split(' ');
  return `${shown} ${oneOf(next, clocks)} ${era}`;
};
const digits = (random: Random): string => oneOf(random, ['', '(0)', '(1)', '(3)', '(6)']);

function aTime(random: Random): AnyColumn {
  return oneOf<() => AnyColumn>(random, [
    () => ({
      declared: 'date',
      value: (next) => `'${aDay(next)}'`,
      ...say,
      rule: date,
      grows: 'time',
      isKey: true,
    }),
    () => ({
      declared: `timestamp${digits(random)}`,
      value: (next) => `'${anInstant(next)}'`,
      ...{ ...say, rule: timestamp, grows: 'time', isKey: true },
    }),
    () => ({
      declared: `timestamptz${digits(random)}`,
      value: (next) => `'${anInstant(next)}'`,
      say: (quoted) => sayText(`(${quoted} AT TIME ZONE 'UTC')`),
      ...{ rule: timestamp, grows: 'time', isKey: true },
    }),
    () => ({
      declared: `time${digits(random)}`,
      value: (next) => `'${oneOf(next, clocks)}'`,
      ...{ ...say, rule: time, isKey: true },
    }),
  ])();
}

function aText(random: Random): AnyColumn {
  const type = oneOf(random, [
    'text',
    'text',
    'varchar',
    'varchar(1)',
    'varchar(5)',
    'varchar(64)',
    'named',
    'char(1)',
    'char(5)',
    'bpchar',
    'name',
  ]);
  const collation = oneOf(random, ['', '', ' COLLATE "C"', ' COLLATE "en-x-icu"', ' COLLATE folding']);
  return {
    declared: `${type}${collation}`,
    value: (next) => text(anyText(next)),
    ...{ ...say, rule: asItIs, isKey: true },
  };
}

function rest(random: Random): AnyColumn {
  const of =
    (declared: string, values: readonly [string, ...string[]], isKey = true): (() => AnyColumn) =>
    () => ({
      declared,
      value: (next) => text(oneOf(next, values)),
      ...{ ...say, rule: asItIs, isKey },
    });
  const ofInet =
    (values: readonly [string, ...string[]]): (() => AnyColumn) =>
    () => ({
      ...of('inet', values)(),
      say: (quoted) => sayText(`textin(inet_out(${quoted}))`),
    });
  const never =
    (declared: string): (() => AnyColumn) =>
    () => ({
      ...{ declared, value: () => 'NULL', ...say, rule: 'refused', isKey: false },
    });
  return oneOf<() => AnyColumn>(random, [
    of('colour', ['red', 'a', 'B', 'é中', '']),
    of('small', ['-1000', '0', '7', '1000']),
    of('oid', ['0', '1', '2147483648', '4294967295']),
    // As text it would have its mask.
    ofInet(['10.0.0.1/8', '::1', '0.0.0.0', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/64']),
    of('cidr', ['10.0.0.0/8', '::/0']),
    of('macaddr', ['08:00:2b:01:02:03', '00:00:00:00:00:00']),
    of('bit(3)', ['101', '000']),
    of('varbit', ['', '1', '10101010101010101']),
    of('"char"', ['a', '', 'é']),
    of('json', ['{}', '{"a": "\\n\\\\"}', ' [1,  2] ', 'null', '"😀"'], false),
    of('jsonb', ['{}', '{"b": 1, "a": "\\n\\t"}', '1.50', '"\\\\"']),
    () => ({
      declared: 'boolean',
      value: (next) => oneOf(next, ['true', 'false']),
      ...{ say: (quoted) => sayText(`${quoted}::int`), rule: asItIs, isKey: true },
    }),
    () => ({
      declared: 'uuid',
      value: (next) => `'${next(9)}23e4567-e89b-12d3-a456-42661417400${next(9)}'`,
      ...{ ...say, rule: asItIs, isKey: true },
    }),
    aBytea,
    aBytea,
    oneOf(random, [
      never('integer[]'),
      never('int4range'),
      never('point'),
      never('interval'),
      never('pair'),
      never('tsvector'),
      never('money'),
      never('xml'),
      never('timetz'),
    ]),
  ])();
}

function aBytea(): AnyColumn {
  return {
    declared: 'bytea',
    value: (next) =>
      `'\\x${oneOf(next, ['', '00', '0000', '20', 'ff', '80ff00', '5c4e', '5c', '090a0d', '4142', Buffer.from(Array.from({ length: next(20) }, () => next(256))).toString('hex')])}'`,
    ...{ say: (quoted) => `encode(${quoted}, 'hex')`, rule: asItIs, isKey: true },
  };
}

export function anyPostgresColumn(random: Random): AnyColumn {
  return oneOf(random, [whole, whole, numeric, numeric, floating, aTime, aTime, aText, aText, rest, rest])(
    random,
  );
}
