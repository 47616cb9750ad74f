// The closed table: which column keeps which field's values. A pair that is not in it is refused when the table is prepared; one
// that stands here with a check is checked value by value before it is written. A value that the server refuses is a dirty row in
// every case.
//
//   field          | column                                          | what it keeps
//   any but bytes  | text, varchar                                   | all without NUL, as the same text
//   any but bytes  | varchar(n)                                      | those without NUL or more blanks at the end than fit
//   any but bytes  | char(n)                                         | those of n characters
//   any but bytes  | citext                                          | as text; as a key it folds
//   int*           | smallint, integer, bigint as wide               | all that are not refused
//   int*           | numeric(p,s ≥ 0) with as many before the point  | all
//   int8 … int32   | double precision                                | all
//   int8, int16    | real                                            | all
//   boolean        | boolean, smallint, integer, bigint              | all, as 1 and 0
//   float32        | real, double precision                          | all but NaN and infinity
//   float64        | double precision                                | likewise
//   decimal        | numeric, numeric(p,s) with as many digits       | those with as many behind the point
//   date           | date, timestamp, timestamptz                    | those of the form; at midnight (UTC)
//   time           | time with as many digits of a second            | those of the form
//   timestamp      | timestamp, timestamptz, likewise                | those of the form; as the instant in UTC
//   json           | json                                            | all, as the same text
//   json           | jsonb                                           | the meaning, but not all of it: in doubt
//   string         | json, jsonb                                     | likewise, where it is JSON
//   string         | uuid                                            | those of the form that it gives back
//   string         | an enum                                         | its labels
//   bytes          | bytea                                           | all
//
// A domain keeps what its base type keeps and its checks let through. Arrays, ranges, intervals, network addresses, money, xml, bit
// strings and types of extensions stand in no line. That is so on every path: test/integration/postgresql-any-values.test.ts tries it
// with random tables.
import type { Field, FieldType } from '../../../src/core/connector/field-type.ts';
import type { Text } from '../../../src/core/text.ts';
import type { Fit } from '../../sql/target/table-shape.ts';
import type { ValueCheck } from '../../sql/target/value-checks.ts';
import type { PostgresColumn } from './describe-table.ts';
import {
  date,
  decimalOf,
  finite,
  textOfChar,
  textOfVarchar,
  timeOf,
  timestampOf,
  tinyInteger,
  uuid,
  withoutNul,
} from './value-forms.ts';

type Checks = readonly ValueCheck[] | null;

const integerBytes: Readonly<Record<string, number>> = { int2: 2, int4: 4, int8: 8 };
const fieldBytes = { int8: 1, int16: 2, int32: 4, int64: 8 } as const;
const fieldDigits = { int8: 3, int16: 5, int32: 10, int64: 19 } as const;

/** null: the column does not keep such values. */
export function fitOf({ type }: Field, column: PostgresColumn): Fit | null {
  const checks = checksOf(type, column);
  if (checks === null) return null;
  return { checks, doubts: column.base === 'jsonb' ? [doubtJsonb(column.name)] : [] };
}

function checksOf(type: FieldType, column: PostgresColumn): Checks {
  if (type.kind === 'bytes') return column.base === 'bytea' ? [] : null;
  const checks = asText(column) ?? asValue(type, column);
  if (checks === null) return null;
  const mayHaveNul = type.kind === 'string' || type.kind === 'json';
  return [...(mayHaveNul ? [withoutNul] : []), ...(type.kind === 'int8' ? [tinyInteger] : []), ...checks];
}

function asText({ base, length }: PostgresColumn): Checks {
  if (base === 'text' || base === 'citext') return [];
  if (base === 'varchar') return length === null ? [] : [textOfVarchar(length)];
  return base === 'bpchar' && length !== null ? [textOfChar(length)] : null;
}

function asValue(type: FieldType, column: PostgresColumn): Checks {
  const { base, precision, scale } = column;
  const when = (fits: boolean, ...checks: readonly ValueCheck[]): Checks => (fits ? checks : null);
  switch (type.kind) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      return when(fitsInteger(type.kind, column));
    case 'boolean':
      return when(base === 'bool' || integerBytes[base] !== undefined);
    case 'float32':
    case 'float64':
      return when(base === 'float8' || (base === 'float4' && type.kind === 'float32'), finite);
    case 'decimal': {
      if (base !== 'numeric') return null;
      if (precision === null || scale === null) return [decimalOf(type.scale)];
      return when(scale >= type.scale && precision - scale >= type.precision - type.scale, decimalOf(scale));
    }
    case 'date':
      return when(['date', 'timestamp', 'timestamptz'].includes(base), date);
    case 'time':
      return when(base === 'time' && column.fractionDigits >= type.precision, timeOf(column.fractionDigits));
    case 'timestamp':
      return when(
        ['timestamp', 'timestamptz'].includes(base) && column.fractionDigits >= type.precision,
        timestampOf(column.fractionDigits),
      );
    case 'json':
      return when(base === 'json' || base === 'jsonb');
    case 'string':
      if (base === 'uuid') return [uuid];
      return when(base === 'json' || base === 'jsonb' || column.isEnum);
    case 'bytes':
      return null;
  }
}

function fitsInteger(kind: keyof typeof fieldBytes, { base, precision, scale }: PostgresColumn): boolean {
  const bytes = integerBytes[base];
  if (bytes !== undefined) return bytes >= fieldBytes[kind];
  if (base === 'numeric')
    // A scale below zero rounds before the point.
    return precision === null || scale === null || (scale >= 0 && precision - scale >= fieldDigits[kind]);
  return base === 'float8' ? kind !== 'int64' : base === 'float4' && fieldBytes[kind] <= 2;
}

function doubtJsonb(column: string): Text {
  return {
    en: `column ${column} is jsonb, which is stored in a form of its own: of equal names the last one stays, and names and blanks are put in order; json keeps the text`,
    zh: `列 ${column} 的类型为 jsonb，PostgreSQL 以自己的格式存储：同名的键只保留最后一个，键与空白会重新排列；json 可原样保存`,
  };
}

/** The most that varchar(n) takes. */
const maxVarchar = 10_485_760;

/** As auto.create declares it, and messages ask for it. */
export function typeOf({ type }: Field): string {
  switch (type.kind) {
    case 'int8':
    case 'int16':
      return 'SMALLINT';
    case 'int32':
      return 'INTEGER';
    case 'int64':
      return 'BIGINT';
    case 'float32':
      return 'REAL';
    case 'float64':
      return 'DOUBLE PRECISION';
    case 'decimal':
      return `NUMERIC(${type.precision},${type.scale})`;
    case 'time':
    case 'timestamp':
      return `${type.kind.toUpperCase()}(${type.precision})`;
    case 'string':
      return type.length > 0 && type.length <= maxVarchar ? `VARCHAR(${type.length})` : 'TEXT';
    case 'bytes':
      return 'BYTEA';
    default:
      return type.kind.toUpperCase();
  }
}

/** In a key text is compared, and kept in order, by its bytes; a real is not found again by its text. */
export function keyTypeOf(field: Field): string {
  const { kind } = field.type;
  if (kind === 'string') return `${typeOf(field)} COLLATE "C"`;
  if (kind === 'json') return 'TEXT COLLATE "C"';
  return kind === 'float32' ? 'DOUBLE PRECISION' : typeOf(field);
}
