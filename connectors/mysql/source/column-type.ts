// The closed table of what values of a column become. What stands in no line is refused by its column's name.
//
//   column                                     | field             | read as
//   TINYINT, SMALLINT, MEDIUMINT, INT, BIGINT  | int8 … int64      | digits; UNSIGNED the next wider one, BIGINT UNSIGNED decimal(20,0)
//   … ZEROFILL                                 | likewise          | `+ 0`, which takes the zeros away
//   YEAR                                       | int16             | `+ 0`: the server may write 0000
//   BIT(1), BIT(n)                             | boolean, int8 …   | `+ 0`
//   DECIMAL(p,s)                               | decimal(p,s)      | digits
//   FLOAT, DOUBLE                              | float32, float64  | FLOAT `+ 0e0`: the server's own text has six digits only
//   DATE, DATETIME(p), TIMESTAMP(p)            | date, timestamp   | checked: zero dates are dirty, or NULL; TIMESTAMP in UTC
//   TIME(p)                                    | time              | checked: of a day
//   CHAR(n), VARCHAR(n), ENUM, SET             | string(n)         | text
//   TINYTEXT … LONGTEXT, JSON of MariaDB       | string            | text
//   INET4, INET6, UUID                         | string            | text
//   JSON of MySQL                              | json              | text
//   BINARY(n), VARBINARY(n), TINYBLOB … BLOB   | bytes(n), bytes   | as they are
import type { FieldType } from '../../../src/core/connector/field-type.ts';
import type { Order, SourceColumn } from '../../sql/source/dialect.ts';
import type { ValueForm } from '../../sql/source/row-writer.ts';
import { mysqlWords } from './words.ts';

export interface DeclaredColumn {
  readonly name: string;
  /** `int`, `varchar`, … in lower case. */
  readonly dataType: string;
  /** `int(10) unsigned zerofill`, as the server writes it. */
  readonly declared: string;
  readonly nullable: boolean;
  /** Characters or bytes. */
  readonly length: number;
  readonly precision: number;
  readonly scale: number;
  readonly fractionDigits: number;
  /** Text is compared by something else than its bytes. */
  readonly folds: boolean;
}

interface Reading {
  readonly type: FieldType | string;
  readonly form: ValueForm;
  readonly order: Order;
  readonly local?: boolean;
  readonly read?: (quoted: string) => string;
}

const wholes = ['int8', 'int16', 'int32', 'int64'] as const;
const rank: Readonly<Record<string, number>> = { tinyint: 0, smallint: 1, mediumint: 2, int: 2, bigint: 3 };
const plainNumber = { form: 'plain', order: 'number' } as const;
const asNumber = (quoted: string): string => `${quoted} + 0`;
const asDouble = (quoted: string): string => `${quoted} + 0e0`;

export function toSourceColumn(column: DeclaredColumn): SourceColumn {
  const { name, dataType, declared, nullable, folds } = column;
  const { read, local = false, ...reading } = readingOf(column);
  const zerofill = /zerofill/i.test(declared);
  return {
    ...{ name, declared, nullable, local },
    folds: folds && reading.order === 'text',
    read: read ?? (zerofill ? asNumber : (quoted) => quoted),
    bound:
      dataType === 'bit'
        ? asNumber
        : reading.order === 'bytes'
          ? (quoted) => mysqlWords.hex(quoted)
          : (quoted) => quoted,
    ...reading,
  };
}

function readingOf(column: DeclaredColumn): Reading {
  const { dataType, declared, length, precision, scale, fractionDigits } = column;
  const whole = rank[dataType];
  if (whole !== undefined) return wholeNumber(whole, /unsigned/i.test(declared));
  switch (dataType) {
    case 'year':
      return { type: { kind: 'int16' }, ...plainNumber, read: asNumber };
    case 'bit':
      return { ...bits(Number(/\d+/.exec(declared)?.[0] ?? '1')), read: asNumber };
    case 'decimal':
      return {
        type: { kind: 'decimal', precision, scale },
        form: 'plain',
        order: scale === 0 ? 'number' : 'other',
      };
    case 'float':
      return { type: { kind: 'float32' }, form: 'float32', order: 'other', read: asDouble };
    case 'double':
      return { type: { kind: 'float64' }, form: 'float64', order: 'other' };
    case 'date':
      return { type: { kind: 'date' }, form: 'date', order: 'time', local: true };
    case 'datetime':
    case 'timestamp': {
      const type = { kind: 'timestamp', precision: fractionDigits } as const;
      return { type, form: 'timestamp', order: 'time', local: dataType === 'datetime' };
    }
    case 'time':
      return { type: { kind: 'time', precision: fractionDigits }, form: 'time', order: 'other' };
    case 'json':
      return { type: { kind: 'json' }, form: 'text', order: 'other' };
    case 'char':
    case 'varchar':
      return { type: { kind: 'string', length }, form: 'text', order: 'text' };
    case 'enum':
    case 'set':
      return { type: { kind: 'string', length }, form: 'text', order: 'other' };
    case 'inet4':
    case 'inet6':
    case 'uuid':
      return { type: { kind: 'string', length: 39 }, form: 'plain', order: 'other' };
    case 'binary':
    case 'varbinary':
      return { type: { kind: 'bytes', length }, form: 'bytes', order: 'bytes' };
    default:
      return largeObject(dataType) ?? unreadable(column);
  }
}

function wholeNumber(at: number, unsigned: boolean): Reading {
  const kind = wholes[unsigned ? at + 1 : at];
  const type: FieldType = kind === undefined ? { kind: 'decimal', precision: 20, scale: 0 } : { kind };
  return { type, ...plainNumber };
}

function bits(count: number): Reading {
  if (count === 1) return { type: { kind: 'boolean' }, ...plainNumber };
  const kind = wholes[[7, 15, 31, 63].findIndex((most) => count <= most)];
  return {
    type: kind === undefined ? { kind: 'decimal', precision: 20, scale: 0 } : { kind },
    ...plainNumber,
  };
}

function largeObject(dataType: string): Reading | null {
  if (/^(tiny|medium|long)?text$/.test(dataType))
    return { type: { kind: 'string', length: 0 }, form: 'text', order: 'other' };
  if (/^(tiny|medium|long)?blob$/.test(dataType))
    return { type: { kind: 'bytes', length: 0 }, form: 'bytes', order: 'other' };
  return null;
}

function unreadable({ declared }: DeclaredColumn): Reading {
  return { type: `columns of type ${declared} can't be read`, form: 'plain', order: 'other' };
}
