// auto.create: the DDL of a target table that holds every value of the rows' schema, within InnoDB's limits:
//
//   a row   65,535 bytes of declared lengths, TEXT and BLOB left out · half a page for what lies in the page itself
//   a key   3,072 bytes (pages of 16 KB)
//
// In the page lie all of a column's bytes; but of one that may have more than 255 only 40, when the row would not fit else. So
// VARCHAR(63) of utf8mb4 costs 252 bytes of a page, VARCHAR(64) 40: where short columns are too many they are made longer.
import { SyncError } from '../../../src/core/errors.ts';
import type { Field, FieldType, RowSchema } from '../../../src/core/connector/field-type.ts';
import { quoteIdentifier } from '../../../src/core/connector/sql-identifier.ts';
import { wanted } from './column-fit.ts';

export interface NewTable {
  /** For messages. */
  readonly name: string;
  /** Quoted. */
  readonly table: string;
  readonly schema: RowSchema;
  /** Empty: the table gets no primary key. */
  readonly key: readonly string[];
  /** For text in the key: different texts must stay different keys. */
  readonly keyCollation: string;
  readonly pageBytes: number;
}

const maxColumns = 1017;
/** Of 65,535 for text and bytes: all other columns and the key have at most half a page. */
const declaredBytes = 56_000;
/** Characters or bytes of a key's field that has no length. */
const keyLength = 255;
const charBytes = 4;
/** Of a long column, with its length. */
const longInPage = 41;
const longerThan = 255;

/** Names were checked by the caller. Throws TARGET_SCHEMA. */
export function createTableSql(plan: NewTable): string {
  const { schema, key } = plan;
  if (schema.fields.length > maxColumns)
    throw refuse(plan, `${schema.fields.length} columns are too many: InnoDB has at most ${maxColumns}`);
  const keyTypes = typesOfKey(plan);
  const budget = { declared: declaredBytes, page: roomInPage(plan, keyTypes) };
  const columns = schema.fields.map((field) => {
    const type = keyTypes.get(field.name)?.sql ?? columnType(field.type, budget);
    const nothing = keyTypes.has(field.name) || !field.optional ? 'NOT NULL' : 'NULL';
    return `${quoteIdentifier(field.name)} ${type} ${nothing}`;
  });
  const primary = key.length === 0 ? [] : [`PRIMARY KEY (${key.map(quoteIdentifier).join(', ')})`];
  return `CREATE TABLE IF NOT EXISTS ${plan.table} (${[...columns, ...primary].join(', ')}) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`;
}

interface KeyType {
  readonly sql: string;
  readonly bytes: number;
}

function typesOfKey(plan: NewTable): ReadonlyMap<string, KeyType> {
  const fields = plan.schema.fields.filter((field) => plan.key.includes(field.name));
  const most = Math.min(3072, (plan.pageBytes / 16_384) * 3072);
  const open = fields.filter(({ type }) => 'length' in type && type.length === 0);
  const taken = fields.reduce((sum, field) => sum + keyType(field, 0, plan).bytes, 0);
  const share = Math.floor((most - taken) / Math.max(1, open.length) / charBytes);
  const types = new Map(
    fields.map((field) => [field.name, keyType(field, Math.max(1, Math.min(keyLength, share)), plan)]),
  );
  const bytes = [...types.values()].reduce((sum, type) => sum + type.bytes, 0);
  if (bytes > most)
    throw refuse(
      plan,
      `its key (${plan.key.join(', ')}) would have ${bytes} bytes, InnoDB allows ${most}: give its fields shorter types in the mapping, varchar(n) with 4 bytes for each character`,
      fields[0]?.name,
    );
  return types;
}

/** `length` where the field has none. */
function keyType({ name, type }: Field, length: number, plan: NewTable): KeyType {
  switch (type.kind) {
    case 'string': {
      const chars = type.length === 0 ? length : type.length;
      return {
        sql: `VARCHAR(${chars}) CHARACTER SET utf8mb4 COLLATE ${plan.keyCollation}`,
        bytes: charBytes * chars,
      };
    }
    case 'bytes': {
      const bytes = type.length === 0 ? length : type.length;
      return { sql: `VARBINARY(${bytes})`, bytes };
    }
    case 'json':
      throw refuse(plan, `field ${name} is json, which can't be a key; make it varchar(n)`, name);
    case 'float32':
      // A FLOAT is not found again by its text.
      return { sql: 'DOUBLE', bytes: 8 };
    default:
      return { sql: fixedType(type), bytes: fixedBytes(type) };
  }
}

/** What the columns may take of a page beyond the least that each needs. */
function roomInPage(plan: NewTable, keyTypes: ReadonlyMap<string, KeyType>): number {
  const { fields } = plan.schema;
  const half = Math.min(plan.pageBytes, 32_768) / 2 - 128;
  const ofKey = [...keyTypes.values()].reduce((sum, { bytes }) => sum + bytes + 2, 0);
  const rest = fields.filter((field) => !keyTypes.has(field.name));
  const least = rest.reduce((sum, { type }) => sum + leastInPage(type), 0);
  const room = half - ofKey - least - Math.ceil(fields.length / 8);
  if (room < 0)
    throw refuse(
      plan,
      `its ${fields.length} columns need ${half - room} bytes of a page at least, InnoDB has ${half} for a row: take fields out of the mapping, or make the table by hand, with numbers instead of text`,
    );
  return room;
}

function leastInPage(type: FieldType): number {
  const bytes = declaredLength(type);
  if (bytes === null) return fixedBytes(type);
  return bytes === 0 ? longInPage : Math.min(longInPage, bytes + 1);
}

/** Bytes that a text or bytes may have; 0: unbounded; null: neither. */
function declaredLength(type: FieldType): number | null {
  if (type.kind === 'string') return charBytes * type.length;
  if (type.kind === 'bytes') return type.length;
  return type.kind === 'json' ? 0 : null;
}

function columnType(type: FieldType, budget: { declared: number; page: number }): string {
  const bytes = declaredLength(type);
  if (bytes === null) return fixedType(type);
  const [short, long, unit] =
    type.kind === 'bytes' ? ['VARBINARY', 'LONGBLOB', 1] : ['VARCHAR', 'LONGTEXT', charBytes];
  if (type.kind === 'json') return wanted.json;
  if (bytes === 0 || bytes + 2 > budget.declared) return long;
  const more = bytes > longerThan ? 0 : Math.max(0, bytes + 1 - longInPage);
  const enough = more <= budget.page;
  const kept = enough ? bytes : longerThan + 1;
  budget.declared -= kept + 2;
  if (enough) budget.page -= more;
  return `${short}(${kept / unit})`;
}

function fixedType(type: FieldType): string {
  if (type.kind === 'decimal') return `DECIMAL(${type.precision}, ${type.scale})`;
  if (type.kind === 'time' || type.kind === 'timestamp') return `${wanted[type.kind]}(${type.precision})`;
  return wanted[type.kind];
}

/** At most. */
const bytesOfKind: Partial<Readonly<Record<FieldType['kind'], number>>> = {
  int8: 1,
  int16: 2,
  int32: 4,
  float32: 4,
  boolean: 1,
  date: 3,
  time: 6,
};

function fixedBytes(type: FieldType): number {
  if (type.kind === 'decimal') return Math.ceil(type.precision / 9) * 4 + 4;
  return bytesOfKind[type.kind] ?? 8;
}

function refuse({ name }: NewTable, problem: string, field?: string): SyncError {
  return new SyncError('TARGET_SCHEMA', {
    message: `creating ${name}: ${problem}`,
    ...(field === undefined ? {} : { field }),
  });
}
