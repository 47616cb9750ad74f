// The closed set of field types a row in flight can have, and their text in the row format (row-format.ts).
import type { DeleteWay } from '../deletes.ts';
import { SyncError } from '../errors.ts';
import type { Text } from '../text.ts';

/**
 * Text of each type inside a row: int* digits · float* shortest text that reads back equal · decimal digits with point ·
 * boolean `1`/`0` · date `YYYY-MM-DD` · time `HH:MM:SS[.ffffff]` · timestamp `YYYY-MM-DD HH:MM:SS[.ffffff]` (UTC) · string
 * utf-8 · bytes raw (escaped like all) · json text.
 */
export type FieldType =
  | {
      readonly kind:
        'int8' | 'int16' | 'int32' | 'int64' | 'float32' | 'float64' | 'boolean' | 'date' | 'json';
    }
  | { readonly kind: 'time' | 'timestamp'; readonly precision: number }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  /** `length` in characters (string) or bytes; 0 = unbounded. */
  | { readonly kind: 'string' | 'bytes'; readonly length: number };

/** As SQL and the mapping call them: what people read. */
const names: Readonly<Record<FieldType['kind'], string>> = {
  int8: 'tinyint',
  int16: 'smallint',
  int32: 'int',
  int64: 'bigint',
  float32: 'float',
  float64: 'double',
  boolean: 'boolean',
  date: 'date',
  time: 'time',
  timestamp: 'timestamp',
  decimal: 'decimal',
  string: 'string',
  bytes: 'varbinary',
  json: 'json',
};

export function kindName(kind: FieldType['kind']): string {
  return names[kind];
}

/** With its digits or its length, as the mapping takes it. */
export function typeName(type: FieldType): string {
  const name = kindName(type.kind);
  if ('scale' in type) return `${name}(${type.precision},${type.scale})`;
  if ('precision' in type) return `${name}(${type.precision})`;
  if (!('length' in type) || type.length === 0) return name;
  return `${type.kind === 'string' ? 'varchar' : name}(${type.length})`;
}

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly optional: boolean;
}

/** The shape of all rows of a run: fields in row order; `key` names the fields that identify a row in the target. */
export interface RowSchema {
  readonly fields: readonly Field[];
  readonly key: readonly string[];
  /** Why rows of the source may have one key, and how to mend it; absent: they can't. `chosen`: the user named such a key. */
  readonly merging?: { readonly reason: Text; readonly chosen: boolean } | undefined;
  /** How the source tells of rows that are gone; absent: not at all. */
  readonly deletes?: DeleteWay | undefined;
}

const simple: Readonly<Record<string, FieldType>> = {
  tinyint: { kind: 'int8' },
  smallint: { kind: 'int16' },
  int: { kind: 'int32' },
  integer: { kind: 'int32' },
  bigint: { kind: 'int64' },
  long: { kind: 'int64' },
  float: { kind: 'float32' },
  double: { kind: 'float64' },
  boolean: { kind: 'boolean' },
  date: { kind: 'date' },
  time: { kind: 'time', precision: 0 },
  datetime: { kind: 'timestamp', precision: 3 },
  timestamp: { kind: 'timestamp', precision: 3 },
  json: { kind: 'json' },
  string: { kind: 'string', length: 0 },
  text: { kind: 'string', length: 0 },
  bytes: { kind: 'bytes', length: 0 },
  decimal: { kind: 'decimal', precision: 38, scale: 10 },
};

/** Reads a `fieldType` of the mapping: `int`, `bigint`, `string`, `varchar(64)`, `decimal(18,4)`, `datetime(6)`, … */
export function parseFieldType(text: string, field: string): FieldType {
  const match = /^\s*([a-z]+)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*$/i.exec(text);
  const name = match?.[1]?.toLowerCase() ?? '';
  const first = match?.[2] === undefined ? undefined : Number(match[2]);
  if (first === undefined) {
    const plain = name === 'varchar' || name === 'char' ? 'string' : name === 'varbinary' ? 'bytes' : name;
    const known = Object.hasOwn(simple, plain) ? simple[plain] : undefined;
    if (known !== undefined) return known;
  } else {
    if (name === 'varchar' || name === 'char' || name === 'string') return { kind: 'string', length: first };
    if (name === 'varbinary' || name === 'bytes') return { kind: 'bytes', length: first };
    if (name === 'decimal' && first >= 1 && first <= 65)
      return {
        kind: 'decimal',
        precision: first,
        scale: readScale(match?.[3] ?? '0', first, { text, field }),
      };
    if ((name === 'datetime' || name === 'timestamp') && first <= 6)
      return { kind: 'timestamp', precision: first };
    if (name === 'time' && first <= 6) return { kind: 'time', precision: first };
  }
  throw new SyncError('MAPPING_INVALID', {
    message: `reading the field type of ${field}: unknown type '${text}'; known: ${Object.keys(simple).join(', ')}, varchar(n), varbinary(n), decimal(p,s), datetime(p), time(p)`,
    field,
  });
}

function readScale(digits: string, precision: number, at: { text: string; field: string }): number {
  const scale = Number(digits);
  if (scale <= precision) return scale;
  throw new SyncError('MAPPING_INVALID', {
    message: `reading the field type of ${at.field}: '${at.text}' has ${scale} digits behind the point and only ${precision} in all; the second number counts within the first`,
    field: at.field,
  });
}
