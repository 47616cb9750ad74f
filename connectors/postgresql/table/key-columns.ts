// The columns of a key as PostgreSQL compares them.
import { SyncError } from '../../../src/core/errors.ts';
import type { Field } from '../../../src/core/connector/field-type.ts';
import { quoteStandard } from '../../../src/core/connector/sql-identifier.ts';
import type { Text } from '../../../src/core/text.ts';
import type { KeyColumn } from '../../sql/target/table-shape.ts';
import type { ComparedColumn } from '../../sql/target/unclaimed-keys.ts';
import type { PostgresColumn, PostgresKey } from './describe-table.ts';

const integer = /^-?\d{1,19}$/;
const number = /^-?\d+(\.\d+)?$/;
const floating = /^-?\d+(\.\d+)?(e[-+]?\d+)?$/i;
const day = /^\d{4}-\d\d-\d\d$/;
const instant = /^\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d(\.\d+)?)?$/;
const timeOfDay = /^\d\d:\d\d:\d\d(\.\d+)?$/;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What a value of the type looks like; what looks otherwise would be an error of the statement. */
const forms: Readonly<Record<string, RegExp>> = {
  int2: integer,
  int4: integer,
  int8: integer,
  numeric: number,
  float8: floating,
  date: day,
  timestamp: instant,
  timestamptz: instant,
  time: timeOfDay,
  uuid,
  bool: /^[01]$/,
};
/** Wider than the column, and found by its index all the same: a number beyond it is in no row. */
const comparedAs: Readonly<Record<string, string>> = {
  int2: 'int8',
  int4: 'int8',
  varchar: 'text',
  citext: 'text',
};
const textTypes = ['text', 'varchar', 'bpchar', 'citext'];

interface Keyed {
  /** The table's, of these columns. */
  readonly keys: readonly PostgresKey[];
  /** Of the table, for messages. */
  readonly name: string;
  /** Quoted, for statements. */
  readonly table: string;
}

/** Throws TARGET_SCHEMA where rows are not found again by it. */
export function keyColumnOf(field: Field, column: PostgresColumn, { keys, name, table }: Keyed): KeyColumn {
  const { base } = column;
  if (base === 'float4' || base === 'json' || base === 'jsonb')
    throw new SyncError('TARGET_SCHEMA', {
      message: `${name}: key column ${column.name} is ${column.declared}, in which a key is not found again; make it numeric or varchar`,
      field: field.name,
    });
  const form = forms[base];
  const quoted = quoteStandard(column.name);
  const isText = textTypes.includes(base);
  const term = column.isEnum ? `${quoted}::text` : quoted;
  const type = column.isEnum ? 'text' : (comparedAs[base] ?? base);
  const ordered = keys.some((key) => key.ordered.includes(column.name));
  return {
    term: isText && ordered ? `${term} COLLATE "C"` : term,
    value: (parameter) => `${parameter}::${type}`,
    mayHold: (value) =>
      form === undefined ? isStorable(value) : form.test(String(value)) && isInt8(value, base),
    compared: comparedIn(field, base, { term: quoted, ordered }),
    merging: doubtMerging(column, { keys, name, table }),
  };
}

/** Text and bytes are compared as they are; a uuid stands in the order of its text. */
function comparedIn(
  { type: { kind } }: Field,
  base: string,
  { term, ordered }: { readonly term: string; readonly ordered: boolean },
): ComparedColumn | null {
  const asText = `${term}::text`;
  const boundAs = (type: string) => ({ bound: (parameter: string) => `${parameter}::${type}` });
  switch (base) {
    case 'int2':
    case 'int4':
    case 'int8':
      // Beyond an int8 a bound of another kind would be an error.
      return kind.startsWith('int') ? { term, read: asText, ...boundAs('int8') } : null;
    case 'numeric':
      return kind.startsWith('int') || kind === 'decimal'
        ? { term, read: asText, ...boundAs('numeric') }
        : null;
    case 'bytea':
      return kind === 'bytes' ? { term, read: term, ...boundAs('bytea') } : null;
    case 'date':
      return kind === 'date' ? { term, read: asText, ...boundAs('date') } : null;
    case 'uuid':
      return kind === 'string'
        ? { term, read: asText, ...boundAs('uuid'), takes: (value) => uuid.test(value) }
        : null;
    case 'text':
    case 'varchar':
      return kind === 'string' && ordered
        ? { term: `${term} COLLATE "C"`, read: term, ...boundAs('text'), takes: isStorable }
        : null;
    default:
      return null;
  }
}

function isStorable(value: string | Buffer): boolean {
  return Buffer.isBuffer(value) || !value.includes('\0');
}

function isInt8(value: string | Buffer, base: string): boolean {
  return !base.startsWith('int') || BigInt.asIntN(64, BigInt(String(value))) === BigInt(String(value));
}

function doubtMerging({ name: column, base, declared }: PostgresColumn, { keys, table }: Keyed): Text | null {
  if (base === 'float8')
    return {
      en: `key column ${column} is ${declared}, in which 0 and -0 are one; make it numeric or varchar`,
      zh: `主键列 ${column} 的类型为 ${declared}，其中 0 与 -0 相同；请改为 numeric 或 varchar`,
    };
  if (!keys.some((key) => key.folding.includes(column))) return null;
  const type = base === 'citext' ? 'text' : declared;
  const change = `ALTER TABLE ${table} ALTER COLUMN ${quoteStandard(column)} TYPE ${type} COLLATE "C";`;
  return {
    en: `key column ${column} (${declared}) is compared by a collation that takes different keys for one; change it: ${change}`,
    zh: `主键列 ${column}（${declared}）的排序规则会把不同的键当作同一个；请修改：${change}`,
  };
}
