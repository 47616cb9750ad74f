// Does a column hold every value of a field unchanged? Refused is what a server would alter silently, and what is another
// kind of value; a text column may be too short: the server refuses single values, and those are dirty rows.
import type { Field, FieldType } from '../../src/core/field-type.ts';
import type { Column } from './table-schema.ts';

const integerRank: Readonly<Record<string, number>> = {
  tinyint: 1,
  smallint: 2,
  mediumint: 3,
  int: 4,
  bigint: 8,
};
const fieldRank = { int8: 1, int16: 2, int32: 4, int64: 8 } as const;
const fieldDigits = { int8: 3, int16: 5, int32: 10, int64: 19 } as const;
const textTypes = ['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext'];
const byteTypes = ['varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob'];

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

export function fitsColumn(field: Field, column: Column): boolean {
  const { type } = field;
  const { dataType } = column;
  if (textTypes.includes(dataType)) return type.kind !== 'bytes';
  switch (type.kind) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      return fitsInteger(type.kind, column);
    case 'boolean':
      return integerRank[dataType] !== undefined;
    case 'float32':
    case 'float64':
      // FLOAT(m,d) and DOUBLE(m,d) round.
      if (column.declared.includes('(')) return false;
      return dataType === 'double' || (dataType === 'float' && type.kind === 'float32');
    case 'decimal':
      return (
        dataType === 'decimal' &&
        column.numericScale >= type.scale &&
        column.numericPrecision - column.numericScale >= type.precision - type.scale
      );
    case 'date':
      return ['date', 'datetime', 'timestamp'].includes(dataType);
    case 'time':
      return dataType === 'time' && column.fractionDigits >= type.precision;
    case 'timestamp':
      return ['datetime', 'timestamp'].includes(dataType) && column.fractionDigits >= type.precision;
    case 'string':
      return byteTypes.includes(dataType) || dataType === 'enum' || dataType === 'json';
    case 'bytes':
      // BINARY(n) fills shorter values up with zeros.
      return byteTypes.includes(dataType) || (dataType === 'binary' && column.length === type.length);
    case 'json':
      return dataType === 'json';
  }
}

function fitsInteger(kind: keyof typeof fieldRank, column: Column): boolean {
  const { dataType } = column;
  const rank = integerRank[dataType];
  if (rank !== undefined) return rank >= fieldRank[kind];
  if (dataType === 'decimal') return column.numericPrecision - column.numericScale >= fieldDigits[kind];
  return dataType === 'double' ? kind !== 'int64' : dataType === 'float' && fieldRank[kind] <= 2;
}

/** May two different texts be one key in this column? Text is compared under its collation; CHAR drops blanks at the end. */
export function mergesKeys(field: Field, column: Column): boolean {
  if (field.type.kind !== 'string' || column.collation === null) return false;
  return column.dataType === 'char' || !/(nopad_bin|_0900_bin)$/.test(column.collation);
}
