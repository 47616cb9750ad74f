// What is read: a table or view as information_schema knows it, or a query by the columns of its answer.
import mysql from 'mysql2';
import type { FieldPacket } from 'mysql2/promise';
import { chooseKey, type IndexPart } from '../../sql/source/choose-key.ts';
import type { FoundTable, ReadPlace } from '../../sql/source/dialect.ts';
import { toSyncError } from '../../../src/core/errors.ts';
import { tableNumbersSql } from '../table/table-number.ts';
import { toSourceColumn } from './column-type.ts';
import type { DeclaredColumn } from './column-type.ts';
import type { MysqlQueries, TextRow } from './queries.ts';

// A CommonJS package whose names Node does not see.
const { Types } = mysql;

type TablePlace = Extract<ReadPlace, { kind: 'table' }>;

/** Invisible columns, generated ones and those that hold a row's validity are columns like others. */
export async function describeTable(
  server: MysqlQueries,
  { namespace, table }: TablePlace,
): Promise<FoundTable | null> {
  const where = `table_schema = ${server.words.literal(namespace, 'text')} AND table_name = ${server.words.literal(table, 'text')}`;
  const [found] = await server.read(
    `SELECT table_type, table_rows, UNIX_TIMESTAMP(create_time),
       (SELECT view_definition FROM information_schema.views WHERE ${where})
     FROM information_schema.tables WHERE ${where}`,
  );
  if (found === undefined) return null;
  const columns = await server.read(
    `SELECT column_name, data_type, column_type, is_nullable, character_maximum_length, numeric_precision, numeric_scale,
       datetime_precision, collation_name, character_octet_length
     FROM information_schema.columns WHERE ${where} ORDER BY ordinal_position`,
  );
  const parts = await server.read(
    `SELECT index_name, column_name, sub_part, nullable FROM information_schema.statistics
     WHERE ${where} AND non_unique = 0 ORDER BY index_name <> 'PRIMARY', index_name, seq_in_index`,
  );
  // A view's text is there for those who may see it (SHOW VIEW).
  const [kind, rows, changedAt, definition] = found;
  const names = columns.map(([name]) => name ?? '');
  return {
    columns: columns.map(fromRow).map(toSourceColumn),
    key: chooseKey(parts.map(indexPart)).filter((name) => names.includes(name)),
    kind: (kind ?? '').toLowerCase().replace('base table', 'table'),
    estimatedRows: rows === null || rows === undefined ? null : Number(rows),
    version: JSON.stringify([
      changedAt ?? null,
      definition ?? null,
      columns.map((row) => row.slice(0, 4)),
      await readNumbers(server, namespace, table),
    ]),
    notes: [],
    doubts: [],
  };
}

/** null: the user may not see them. */
async function readNumbers(server: MysqlQueries, schema: string, table: string): Promise<string | null> {
  const sql = server.isMariadb ? tableNumbersSql(schema, table) : null;
  if (sql === null) return null;
  try {
    const [row] = await server.read(sql);
    return row?.[0] ?? null;
  } catch (error) {
    if (toSyncError(error).code === 'SOURCE_DENIED') return null;
    throw error;
  }
}

function indexPart([index, column, prefix, nullable]: TextRow): IndexPart {
  const isWhole = prefix === null && nullable !== 'YES';
  return { index: index ?? '', column: isWhole ? (column ?? null) : null };
}

function fromRow(row: TextRow): DeclaredColumn {
  const [name, dataType, declared, nullable, length, precision, scale, fractionDigits, collation, octets] =
    row;
  return {
    name: name ?? '',
    dataType: (dataType ?? '').toLowerCase(),
    declared: declared ?? '',
    nullable: nullable === 'YES',
    // In a compressed column MariaDB counts the bytes, and lets in more characters than are declared.
    length: Number((/compressed/i.test(declared ?? '') ? octets : length) ?? 0),
    precision: Number(precision ?? 0),
    scale: Number(scale ?? 0),
    fractionDigits: Number(fractionDigits ?? 0),
    folds: isFolding(collation ?? null),
  };
}

/** `…_bin` compares bytes; without `nopad` (or MySQL 8's `0900`) blanks at the end do not count. */
function isFolding(collation: string | null): boolean {
  return collation !== null && !/(nopad|0900)_bin$/i.test(collation);
}

const notNull = 1;
const unsigned = 32;
const zerofill = 64;
const enumFlag = 256;
const setFlag = 2048;
const binaryCharset = 63;

export async function describeQuery(server: MysqlQueries, sql: string): Promise<FoundTable> {
  const { fields } = await server.query(`SELECT * FROM ${server.words.from({ kind: 'query', sql })} LIMIT 0`);
  const columns = fields.map(fromField);
  return {
    columns: columns.map(toSourceColumn),
    key: [],
    kind: 'query',
    estimatedRows: null,
    version: JSON.stringify(columns),
    notes: [],
    doubts: [],
  };
}

/** The wire's names of types; text and bytes are told apart by their character set. */
const wireTypes: Readonly<Record<number, string>> = {
  [Types.TINY]: 'tinyint',
  [Types.SHORT]: 'smallint',
  [Types.INT24]: 'mediumint',
  [Types.LONG]: 'int',
  [Types.LONGLONG]: 'bigint',
  [Types.YEAR]: 'year',
  [Types.BIT]: 'bit',
  [Types.DECIMAL]: 'decimal',
  [Types.NEWDECIMAL]: 'decimal',
  [Types.FLOAT]: 'float',
  [Types.DOUBLE]: 'double',
  [Types.DATE]: 'date',
  [Types.NEWDATE]: 'date',
  [Types.DATETIME]: 'datetime',
  [Types.TIMESTAMP]: 'timestamp',
  [Types.TIME]: 'time',
  [Types.JSON]: 'json',
};
const bytesPerCharacter = 4;

function fromField(field: FieldPacket): DeclaredColumn {
  const { name, columnType = -1, columnLength = 0, decimals, characterSet } = field;
  const charset: number | undefined = characterSet;
  const flags = Number(field.flags);
  const dataType = wireTypes[columnType] ?? textType(columnType, charset, { length: columnLength, flags });
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const isText = charset !== binaryCharset;
  return {
    name,
    dataType,
    declared:
      dataType === 'bit'
        ? `bit(${columnLength})`
        : `${dataType}${has(unsigned) ? ' unsigned' : ''}${has(zerofill) ? ' zerofill' : ''}`,
    nullable: !has(notNull),
    length: isText ? Math.floor(columnLength / bytesPerCharacter) : columnLength,
    // Of the length a sign and a point are part.
    precision: Math.min(65, columnLength - (has(unsigned) ? 0 : 1) - (decimals > 0 ? 1 : 0)),
    scale: decimals,
    fractionDigits: decimals <= 6 ? decimals : 0,
    folds: isText,
  };
}

function textType(
  columnType: number,
  characterSet: number | undefined,
  { length, flags }: { readonly length: number; readonly flags: number },
): string {
  if (columnType === Types.GEOMETRY) return 'geometry';
  if ((flags & enumFlag) !== 0 || columnType === Types.ENUM) return 'enum';
  if ((flags & setFlag) !== 0 || columnType === Types.SET) return 'set';
  const isLarge =
    length > 65_535 * bytesPerCharacter ||
    [Types.BLOB, Types.LONG_BLOB, Types.MEDIUM_BLOB, Types.TINY_BLOB].includes(columnType);
  if (characterSet === binaryCharset) return isLarge ? 'blob' : 'varbinary';
  return isLarge ? 'text' : 'varchar';
}
