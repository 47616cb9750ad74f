// Random columns of an SQLite file. Any value may stand in any of them, so what must come of one depends on its class.
import type { AnyColumn } from '../conformance/any-source-values.ts';
import { anyText, oneOf, type Random } from './any-values.ts';
import type { Rule } from './source-value-rules.ts';
import { asItIs, date, decimal, float, onlyIf, time, timestamp } from './source-value-rules.ts';

/** The value's class, and its text or bytes; of floating numbers with all digits. */
function say(quoted: string): string {
  return `CASE WHEN ${quoted} IS NOT NULL THEN hex(typeof(${quoted}) || ':') || hex(CASE typeof(${quoted}) WHEN 'real' THEN printf('%!.17g', ${quoted}) ELSE CAST(${quoted} AS BLOB) END) END`;
}

/** Of the classes that are named, each by its rule; of all others a dirty row. */
function byClass(rules: Readonly<Record<string, Rule>>): Rule {
  return (said) => {
    const at = said.indexOf(':');
    return rules[said.toString('latin1', 0, at)]?.(said.subarray(at + 1)) ?? null;
  };
}

const isUtf8: Rule = (said) => (Buffer.from(said.toString('utf8')).equals(said) ? asItIs(said) : null);
const digits = (said: Buffer): number =>
  Number(said.toString('latin1').replace(/inf/i, 'Infinity').replace('Infinityinity', 'Infinity'));

/** The shortest text that is the same number, as JavaScript has it. */
const shortest: Rule = (said) => asItIs(Buffer.from(String(digits(said))));

/** The same without an exponent, which a decimal has not. */
function plain(rule: Rule): Rule {
  return (said) => {
    const [mantissa = '', exponent] = String(digits(said)).split('e');
    if (exponent === undefined) return rule(Buffer.from(mantissa));
    const [whole = '', behind = ''] = mantissa.replace('-', '').split('.');
    const point = whole.length + Number(exponent);
    const all = `${'0'.repeat(Math.max(0, 1 - point))}${whole}${behind}`.padEnd(Math.max(point, 0), '0');
    const at = Math.max(point, 1);
    const text = `${mantissa.startsWith('-') ? '-' : ''}${all.slice(0, at)}${all.length > at ? `.${all.slice(at)}` : ''}`;
    return rule(Buffer.from(text));
  };
}

const whole = onlyIf(/^-?\d+$/);
const number: Rule = (said) => float(64)(Buffer.from(String(digits(said))));

const ofTime =
  (declared: readonly [string, ...string[]], rule: Rule) =>
  (random: Random): Shape => ({
    declared: oneOf(random, declared),
    rule: byClass({ text: rule }),
    canonical: rule,
    ...(rule === time ? {} : { grows: 'time' }),
  });

function decimals(random: Random): Shape {
  const [declared, precision, scale] = oneOf<[string, number, number]>(random, [
    ['DECIMAL(10,2)', 10, 2],
    ['NUMERIC', 65, 30],
    ['DECIMAL(38)', 38, 0],
    ['NUMBER(20,5)', 20, 5],
  ]);
  const rule = decimal(precision, scale);
  return { declared, rule: byClass({ integer: rule, real: plain(rule), text: rule }), canonical: asItIs };
}

type Shape = Pick<AnyColumn, 'declared' | 'rule' | 'canonical' | 'grows'>;
type Kind = (random: Random) => Shape;

const kinds: readonly [Kind, ...Kind[]] = [
  (random) => ({
    declared: oneOf(random, ['INTEGER', 'BIGINT', 'TINYINT', 'UNSIGNED BIG INT']),
    rule: byClass({ integer: whole }),
    canonical: asItIs,
    grows: 'number',
  }),
  () => ({ declared: 'BOOLEAN', rule: byClass({ integer: onlyIf(/^[01]$/) }), canonical: asItIs }),
  (random) => ({
    declared: oneOf(random, ['REAL', 'DOUBLE PRECISION', 'FLOAT']),
    rule: byClass({ integer: number, real: number }),
    canonical: float(64),
  }),
  decimals,
  (random) => ({
    declared: oneOf(random, ['TEXT', 'CLOB', 'NCHAR', 'VARCHAR', 'TEXT COLLATE NOCASE']),
    rule: byClass({ text: isUtf8 }),
    canonical: asItIs,
  }),
  () => ({ declared: 'BLOB', rule: byClass({ blob: asItIs }), canonical: asItIs }),
  () => ({
    declared: '',
    rule: byClass({ text: isUtf8, integer: asItIs, real: shortest }),
    canonical: asItIs,
  }),
  () => ({
    declared: 'JSON',
    rule: byClass({ text: isUtf8, integer: asItIs, real: shortest }),
    canonical: asItIs,
  }),
  ofTime(['DATE'], date),
  ofTime(['DATETIME', 'TIMESTAMP', 'TIMESTAMP(3)'], timestamp),
  ofTime(['TIME'], time),
];

const text = (value: string): string => `CAST(X'${Buffer.from(value).toString('hex')}' AS TEXT)`;

/** Whatever the column declares. */
function anyValue(next: Random): string {
  return oneOf<() => string>(next, [
    () =>
      oneOf(next, ['0', '1', '2', '-1', '9223372036854775807', '-9223372036854775808', String(next(1e6))]),
    () => oneOf(next, ['0', '1', String(next(40))]),
    () =>
      oneOf(next, [
        '0.5',
        '-0.0',
        '1e300',
        '9e999',
        '-9e999',
        '1e-31',
        '1.2345678901e-25',
        '1e21',
        '1.5e10',
        '0.1',
        String(next(1e6) / 7),
      ]),
    () => text(anyText(next)),
    () =>
      text(
        oneOf(next, [
          '2026-01-01',
          '0000-00-00',
          '2026-02-30',
          '9999-12-31',
          '2026-01-01T00:00:00',
          '2026-01-01 00:00:00',
          '2026-01-01 23:59:59.123',
          '2026-01-01 00:00:00Z',
          '00:00:00',
          '24:00:00',
          '12:34',
        ]),
      ),
    () => text(oneOf(next, ['{}', '1.50', '-7', '0.1', '12345678901234567890123456789012345678'])),
    () => `X'${oneOf(next, ['', '00', 'ff', '80ff00', '4142', '3132'])}'`,
    () => `CAST(X'${oneOf(next, ['ff', '80', '61ff'])}' AS TEXT)`,
  ])();
}

/** Mostly one that the column is for. */
function valueFor(declared: string): (next: Random) => string {
  return (next) => {
    if (next(12) === 0) return anyValue(next);
    if (/INT|BOOL/.test(declared))
      return oneOf(next, ['0', '1', '-9223372036854775808', '9223372036854775807', String(next(60))]);
    if (/^DATETIME|^TIMESTAMP/.test(declared))
      return `'20${10 + next(90)}-01-0${1 + next(9)} 0${next(10)}:00:00${oneOf(next, ['', '.5', '.123'])}'`;
    if (declared === 'DATE') return `'20${10 + next(90)}-01-0${1 + next(9)}'`;
    if (declared === 'TIME') return `'0${next(10)}:30:00.5'`;
    if (declared === 'BLOB') return `X'${oneOf(next, ['', '00', 'ff', '80ff00', '4142', '3132'])}'`;
    if (/REAL|DOUBLE|FLOAT|NUM|DEC/.test(declared))
      return oneOf(next, ['0', '-0.0', '1.25', '-7', '0.5', String(next(1e6) / 100), String(next(1e9))]);
    return text(anyText(next));
  };
}

export function anySqliteColumn(random: Random): AnyColumn {
  const kind = oneOf(random, kinds)(random);
  return { ...kind, value: valueFor(kind.declared), say, isKey: true };
}
