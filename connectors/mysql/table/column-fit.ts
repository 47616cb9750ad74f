// The closed table: which column keeps which field's values. A pair that is not in it is refused when the table is prepared; one
// that stands here with a check is checked value by value before it is written. "all" stands for values of the field's type
// (src/core/connector/field-type.ts); a value that the server refuses is a dirty row in every case.
//
//   field          | column                                          | what it keeps
//   any but bytes  | VARCHAR, *TEXT                                  | all, as the same text
//   any but bytes  | CHAR                                            | those without blanks at the end
//   int*           | TINYINT … BIGINT as wide, UNSIGNED and ZEROFILL | all that are not refused
//   int*           | DECIMAL with as many digits before the point    | all
//   int8 … int32   | DOUBLE                                          | all
//   int8, int16    | FLOAT                                           | all
//   boolean        | TINYINT … BIGINT                                | all, as 1 and 0
//   float32        | FLOAT, DOUBLE, without (m,d), which rounds      | all but -0
//   float64        | DOUBLE, without (m,d)                           | all but -0
//   decimal        | DECIMAL with as many digits on either side      | all
//   date           | DATE, DATETIME, TIMESTAMP                       | all that are not refused; at midnight
//   time           | TIME with as many digits of a second            | all
//   timestamp      | DATETIME, TIMESTAMP, likewise                   | all that are not refused
//   string         | VARBINARY, *BLOB                                | all, as the bytes of their utf-8
//   string         | ENUM                                            | its members
//   string         | SET                                             | its members, each once, in its order
//   json           | JSON of MySQL (MariaDB's is LONGTEXT)           | the meaning, but not all of it: in doubt
//   string         | JSON of MySQL                                   | likewise
//   bytes          | VARBINARY, *BLOB                                | all
//   bytes(n)       | BINARY(n)                                       | those of n bytes
//
// That is so on every path (LOAD DATA, prepared INSERT, UPDATE): test/integration/mysql-values.test.ts tries it with random tables.
// Whatever the type, NULL is checked where a server has another value for it, and text in a character set that does not keep all
// characters apart is in doubt.
import type { Field, FieldType } from '../../../src/core/connector/field-type.ts';
import type { Text } from '../../../src/core/text.ts';
import type { Fit } from '../../sql/target/table-shape.ts';
import type { Column } from './table-schema.ts';
import {
  exactLength,
  memberOf,
  membersOf,
  noMinusZero,
  notNull,
  textOfChar,
  type ValueCheck,
} from '../../sql/target/value-checks.ts';

const integerRank: Readonly<Record<string, number>> = {
  tinyint: 1,
  smallint: 2,
  mediumint: 3,
  int: 4,
  bigint: 8,
};
const fieldRank = { int8: 1, int16: 2, int32: 4, int64: 8 } as const;
const fieldDigits = { int8: 3, int16: 5, int32: 10, int64: 19 } as const;
const textTypes = ['varchar', 'tinytext', 'text', 'mediumtext', 'longtext'];
const byteTypes = ['varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob'];

/**
 * Every character comes back as it was sent or is refused: tried with all of Unicode. Left out are tis620, which cuts characters
 * beyond the basic plane, cp932, which gives back another one for U+6661, and what was not tried.
 */
const exactCharsets = new Set([
  ...[
    'utf8mb4',
    'utf8mb3',
    'utf8',
    'ucs2',
    'utf16',
    'utf16le',
    'utf32',
    'ascii',
    'latin1',
    'latin2',
    'latin5',
  ],
  ...['latin7', 'cp1250', 'cp1251', 'cp1256', 'cp1257', 'cp850', 'cp852', 'cp866', 'dec8', 'hp8', 'swe7'],
  ...['keybcs2', 'koi8r', 'koi8u', 'macce', 'macroman', 'greek', 'hebrew', 'armscii8', 'geostd8'],
  ...['big5', 'gb2312', 'gbk', 'euckr', 'ujis', 'eucjpms', 'sjis'],
]);

/** The SQL of each kind, to say what would fit. */
export const wanted: Readonly<Record<FieldType['kind'], string>> = {
  int8: 'TINYINT',
  int16: 'SMALLINT',
  int32: 'INT',
  int64: 'BIGINT',
  float32: 'FLOAT',
  float64: 'DOUBLE',
  boolean: 'TINYINT(1)',
  date: 'DATE',
  json: 'JSON',
  time: 'TIME',
  timestamp: 'DATETIME',
  decimal: 'DECIMAL',
  string: 'VARCHAR',
  bytes: 'LONGBLOB',
};

/** null: the column does not keep such values. */
export function fitOf(field: Field, column: Column): Fit | null {
  const check = checkOf(field.type, column);
  if (check === null) return null;
  return {
    checks: [...(check === 'all' ? [] : [check]), ...(fillsIn(column) ? [notNull] : [])],
    doubts: [...doubtJson(column), ...doubtCharset(column)],
  };
}

/** What is to be checked of each value; null: the pair is not in the table. */
function checkOf(type: FieldType, column: Column): ValueCheck | 'all' | null {
  const { dataType } = column;
  const when = (fits: boolean): 'all' | null => (fits ? 'all' : null);
  if (textTypes.includes(dataType)) return when(type.kind !== 'bytes');
  if (dataType === 'char') return type.kind === 'bytes' ? null : textOfChar(column.length);
  switch (type.kind) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      return when(fitsInteger(type.kind, column));
    case 'boolean':
      return when(integerRank[dataType] !== undefined);
    case 'float32':
    case 'float64':
      if (column.declared.includes('(')) return null;
      return dataType === 'double' || (dataType === 'float' && type.kind === 'float32') ? noMinusZero : null;
    case 'decimal':
      return when(
        dataType === 'decimal' &&
          column.numericScale >= type.scale &&
          column.numericPrecision - column.numericScale >= type.precision - type.scale,
      );
    case 'date':
      return when(['date', 'datetime', 'timestamp'].includes(dataType));
    case 'time':
      return when(dataType === 'time' && column.fractionDigits >= type.precision);
    case 'timestamp':
      return when(['datetime', 'timestamp'].includes(dataType) && column.fractionDigits >= type.precision);
    case 'string':
      if (dataType === 'enum') return memberOf(readMembers(column));
      if (dataType === 'set') return membersOf(readMembers(column));
      return when(byteTypes.includes(dataType) || dataType === 'json');
    case 'bytes':
      if (dataType === 'binary' && column.length === type.length) return exactLength(column.length);
      return when(byteTypes.includes(dataType));
    case 'json':
      return when(dataType === 'json');
  }
}

function fitsInteger(kind: keyof typeof fieldRank, column: Column): boolean {
  const { dataType } = column;
  const rank = integerRank[dataType];
  if (rank !== undefined) return rank >= fieldRank[kind];
  if (dataType === 'decimal') return column.numericPrecision - column.numericScale >= fieldDigits[kind];
  return dataType === 'double' ? kind !== 'int64' : dataType === 'float' && fieldRank[kind] <= 2;
}

/** In strict mode too, a server puts the time and the next number in the place of NULL. */
function fillsIn(column: Column): boolean {
  return column.autoIncrement || (column.dataType === 'timestamp' && !column.nullable);
}

/** As information_schema declares them: `enum('it''s','a\\b')`. */
function readMembers({ declared }: Column): readonly string[] {
  const letters: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '0': '\0', Z: '\u001a' };
  return [...declared.matchAll(/'((?:[^'\\]|''|\\.)*)'/gs)].map(([, text = '']) =>
    text.replace(/''|\\(.)/gs, (_, letter?: string) =>
      letter === undefined ? "'" : (letters[letter] ?? letter),
    ),
  );
}

function doubtJson({ name, dataType }: Column): readonly Text[] {
  if (dataType !== 'json') return [];
  return [
    {
      en: `column ${name} is JSON, which MySQL stores in a form of its own: of equal names the last one stays, and long numbers are rounded; LONGTEXT keeps them`,
      zh: `列 ${name} 的类型为 JSON，MySQL 以自己的格式存储：同名的键只保留最后一个，过长的数字会被舍入；LONGTEXT 可原样保存`,
    },
  ];
}

function doubtCharset({ name, charset }: Column): readonly Text[] {
  if (charset === null || exactCharsets.has(charset)) return [];
  return [
    {
      en: `column ${name} is in ${charset}, which is not known to keep every character; utf8mb4 does`,
      zh: `列 ${name} 的字符集为 ${charset}，不能确认它能原样保存每个字符；utf8mb4 可以`,
    },
  ];
}

/** May two different values be one key in this column? */
export function mergesKeys({ type }: Field, { dataType, collation }: Column): boolean {
  // 0 and -0 are one.
  if (type.kind === 'float32' || type.kind === 'float64') return true;
  if (type.kind !== 'string' && type.kind !== 'json') return false;
  // Each of their values stands for itself, whatever the collation.
  if (collation === null || dataType === 'enum' || dataType === 'set') return false;
  // Blanks at the end, which padding collations overlook, are none of CHAR's.
  const exact = dataType === 'char' ? /_bin$/ : /(nopad_bin|_0900_bin)$/;
  return !exact.test(collation);
}

/** A column that takes every value of the field, as auto.evolve adds it and messages ask for it. */
export function typeOf({ type }: Field): string {
  const name = wanted[type.kind];
  if (type.kind === 'decimal') return `${name}(${type.precision},${type.scale})`;
  if (type.kind === 'time' || type.kind === 'timestamp') return `${name}(${type.precision})`;
  if (type.kind !== 'string') return name;
  return type.length > 0 && type.length <= maxVarchar ? `${name}(${type.length})` : 'LONGTEXT';
}

/** Of utf8mb4, beside other columns. */
const maxVarchar = 4_000;
