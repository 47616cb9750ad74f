// The closed table of what values of a column become. What stands in no line is refused by its column's name. A domain is what lies
// beneath it.
//
//   column                                   | field           | read as
//   smallint, integer, bigint, oid           | int16 … int64   | digits
//   boolean                                  | boolean         | `::int`
//   numeric(p,s)                             | decimal(p,s)    | digits, checked: NaN and infinity are dirty
//   numeric                                  | decimal(65,30)  | likewise, and what has more digits
//   real, double precision                   | float32, float64 | the server's shortest text; NaN and infinity as they are
//   date                                     | date            | checked: infinity, years before 1 and behind 9999 are dirty
//   timestamp(p), timestamptz(p)             | timestamp(p)    | likewise; with a zone in UTC
//   time(p)                                  | time(p)         | checked: 24:00:00 is dirty
//   char(n)                                  | string(n)       | `::text`: its blanks mean nothing
//   varchar(n), text, citext, name, enums    | string          | text
//   uuid, inet, cidr, macaddr, bit, varbit   | string          | text
//   json, jsonb                              | json            | text
//   bytea                                    | bytes           | as they are
import type { FieldType } from '../../../src/core/connector/field-type.ts';
import type { Order, SourceColumn } from '../../sql/source/dialect.ts';
import type { ValueForm } from '../../sql/source/row-writer.ts';
import { postgresWords } from './words.ts';

export interface DeclaredColumn {
  readonly name: string;
  /** Of the type itself, or of what lies beneath a domain: `int4`, `varchar`, … */
  readonly type: string;
  /** `b` base, `e` enum, `c` composite, `r` range, … */
  readonly typeKind: string;
  /** `A`: array. */
  readonly category: string;
  /** `numeric(10,2)`, as the server writes it. */
  readonly declared: string;
  /** -1: none. */
  readonly modifier: number;
  readonly nullable: boolean;
}

interface Reading {
  readonly type: FieldType | string;
  readonly form: ValueForm;
  readonly order: Order;
  readonly local?: boolean;
  readonly read?: (quoted: string) => string;
}

const wholes: Readonly<Record<string, 'int16' | 'int32' | 'int64'>> = {
  int2: 'int16',
  int4: 'int32',
  int8: 'int64',
  oid: 'int64',
};
/** As text of any length. */
const texts = new Set([
  'text',
  'citext',
  'name',
  'inet',
  'cidr',
  'macaddr',
  'macaddr8',
  'bit',
  'varbit',
  'char',
]);
const [mostDigits, mostScale] = [65, 30];

export function toSourceColumn(column: DeclaredColumn): SourceColumn {
  const { name, declared, nullable } = column;
  const { read, local = false, ...reading } = readingOf(column);
  return {
    name,
    declared,
    nullable,
    local,
    folds: column.type === 'citext',
    read: read ?? ((quoted) => quoted),
    bound:
      reading.order === 'bytes'
        ? (quoted) => postgresWords.hex(quoted)
        : column.type === 'numeric'
          ? // It is behind all numbers, and none.
            (quoted) => `NULLIF(${quoted}, 'NaN')`
          : (quoted) => quoted,
    ...reading,
  };
}

function readingOf(column: DeclaredColumn): Reading {
  const { type, modifier, category } = column;
  const whole = wholes[type];
  if (category === 'A') return unreadable(column);
  if (whole !== undefined) return { type: { kind: whole }, form: 'plain', order: 'number' };
  if (column.typeKind === 'e') return { type: { kind: 'string', length: 0 }, form: 'text', order: 'other' };
  if (texts.has(type))
    return { type: { kind: 'string', length: 0 }, form: 'text', order: type === 'text' ? 'text' : 'other' };
  switch (type) {
    case 'bool':
      return { type: { kind: 'boolean' }, form: 'plain', order: 'other', read: (quoted) => `${quoted}::int` };
    case 'numeric':
      return numeric(modifier);
    case 'float4':
      return { type: { kind: 'float32' }, form: 'plain', order: 'other' };
    case 'float8':
      return { type: { kind: 'float64' }, form: 'plain', order: 'other' };
    case 'date':
      return { type: { kind: 'date' }, form: 'date', order: 'time', local: true };
    case 'timestamp':
      return {
        type: { kind: 'timestamp', precision: digitsOf(modifier) },
        form: 'timestamp',
        order: 'time',
        local: true,
      };
    case 'timestamptz': {
      const type = { kind: 'timestamp', precision: digitsOf(modifier) } as const;
      return { type, form: 'timestamp', order: 'time', read: (quoted) => `${quoted} AT TIME ZONE 'UTC'` };
    }
    case 'time':
      return { type: { kind: 'time', precision: digitsOf(modifier) }, form: 'time', order: 'other' };
    case 'varchar':
      return { type: { kind: 'string', length: lengthOf(modifier) }, form: 'text', order: 'text' };
    case 'bpchar':
      return {
        type: { kind: 'string', length: lengthOf(modifier) },
        form: 'text',
        order: 'other',
        read: (quoted) => `${quoted}::text`,
      };
    case 'uuid':
      return { type: { kind: 'string', length: 36 }, form: 'plain', order: 'uuid' };
    case 'json':
    case 'jsonb':
      return { type: { kind: 'json' }, form: 'text', order: 'other' };
    case 'bytea':
      return { type: { kind: 'bytes', length: 0 }, form: 'bytes', order: 'bytes' };
    default:
      return unreadable(column);
  }
}

/** In the modifier stand precision, and scale in 11 bits with a sign. */
function numeric(modifier: number): Reading {
  const unbounded = { kind: 'decimal', precision: mostDigits, scale: mostScale } as const;
  if (modifier < 0) return { type: unbounded, form: 'decimal', order: 'other' };
  const precision = (modifier - 4) >> 16;
  const scale = (((modifier - 4) & 0x7ff) ^ 1024) - 1024;
  const digits = Math.max(precision - Math.min(scale, 0), scale);
  const behind = Math.max(scale, 0);
  if (digits > mostDigits || behind > mostScale) return { type: unbounded, form: 'decimal', order: 'other' };
  return {
    type: { kind: 'decimal', precision: digits, scale: behind },
    form: 'decimal',
    order: behind === 0 ? 'number' : 'other',
  };
}

function digitsOf(modifier: number): number {
  return modifier < 0 ? 6 : modifier;
}

function lengthOf(modifier: number): number {
  return modifier < 4 ? 0 : modifier - 4;
}

function unreadable({ declared }: DeclaredColumn): Reading {
  return { type: `columns of type ${declared} can't be read`, form: 'plain', order: 'other' };
}
