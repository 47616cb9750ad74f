// A field's type as a mapping writes it.
import type { FieldType } from '../../../../src/core/connector/field-type.ts';

const names = {
  int8: 'tinyint',
  int16: 'smallint',
  int32: 'int',
  int64: 'bigint',
  float32: 'float',
  float64: 'double',
  boolean: 'boolean',
  date: 'date',
  json: 'json',
} as const;

export function fieldTypeText(type: FieldType): string {
  switch (type.kind) {
    case 'time':
      return `time(${type.precision})`;
    case 'timestamp':
      return `datetime(${type.precision})`;
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`;
    case 'string':
      return type.length === 0 ? 'string' : `varchar(${type.length})`;
    case 'bytes':
      return type.length === 0 ? 'bytes' : `varbinary(${type.length})`;
    default:
      return names[type.kind];
  }
}
