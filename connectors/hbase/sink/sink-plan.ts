// How rows of a run become row keys and cells: made once, from the configuration and the rows' schema.
import { kindName } from '../../../src/core/connector/field-type.ts';
import { crc32 } from 'node:zlib';
import { SyncError } from '../../../src/core/errors.ts';
import type { Field, RowSchema } from '../../../src/core/connector/field-type.ts';
import type { ByteWriter, RowFields } from '../../../src/core/record/row-format.ts';
import { chooseKey } from '../../../src/core/connector/table-key.ts';
import { utc } from '../../../src/core/time/time-zone.ts';
import { printKey } from '../mapping/printable-key.ts';
import { bytesOfName } from '../mapping/column-name.ts';
import { encodeEpoch } from '../encodings/bytes/encode-epoch.ts';
import { compileEncoder } from '../encodings/encoder.ts';
import type { CellWriter } from '../encodings/encoder.ts';
import type { ValueEncoder } from '../encodings/encoding.ts';
import { maxRowKeyBytes } from '../client/key-range.ts';
import type { Text } from '../../../src/core/text.ts';
import type { HBaseSinkConfig } from './sink-config.ts';
import { readValueSettings } from '../mapping/value-settings.ts';

export interface PlannedField {
  readonly name: string;
  readonly family: Buffer;
  readonly qualifier: Buffer;
  readonly write: CellWriter;
}

export interface Refusal {
  readonly field: string;
  readonly reason: string;
}

/** Writes the row's key in the place of what `out` holds; or says what is wrong with it. */
export type KeyWriter = (out: ByteWriter, row: RowFields) => Refusal | null;

export interface SinkPlan {
  readonly fields: readonly PlannedField[];
  readonly schema: RowSchema;
  /** Indexes of the fields of the row key, in its order. */
  readonly key: readonly number[];
  readonly writeKey: KeyWriter;
  /** null: the ledger, or the records, give the timestamps. */
  readonly timestamp: { readonly index: number; readonly read: ValueEncoder } | null;
  /** Why runs are not proved; empty: they are. */
  readonly doubts: readonly Text[];
}

/** Throws TARGET_SCHEMA, MAPPING_INVALID, KEYS_MAY_MERGE naming the key. */
export function planSink(config: HBaseSinkConfig, schema: RowSchema): SinkPlan {
  const key = chooseKey(config, schema, config.table);
  const fields = schema.fields.map((field) => planField(config, field));
  refuseUnknown([...config.columns.keys()], schema, 'hbase.columns');
  refuseTwins(fields, config.table);
  const indexes = key.fields.map((name) => schema.fields.findIndex((field) => field.name === name));
  const widths = indexes.map((index) => widthOf(config, schema.fields[index]));
  const open = widths.slice(0, -1).some((width) => width === null);
  const ambiguous =
    open && config.delimiter.length === 0
      ? [
          {
            en: 'the fields of the row key stand together without a delimiter',
            zh: '行键的各字段之间没有分隔符',
          },
        ]
      : [];
  if (ambiguous.length > 0 && !config.keysMayMerge)
    throw new SyncError('KEYS_MAY_MERGE', {
      message: `${config.table}: ${ambiguous.map(({ en }) => en).join('; ')}: different rows could be one. Choose other pk.fields or a delimiter`,
      field: 'hbase.row.key.delimiter',
    });
  const timestamp = planTimestamp(config, schema);
  return {
    fields,
    schema,
    key: indexes,
    writeKey: planKey(config, { fields, indexes, widths }),
    timestamp,
    doubts: [
      ...(timestamp === null && !config.timestampRecord
        ? []
        : [
            {
              en: `timestamps come from ${timestamp === null ? 'the records' : 'a field'}: of two versions with the same one, the last to arrive stays`,
              zh: `时间戳取自${timestamp === null ? '记录' : '字段'}：时间戳相同的两个版本中，后到达的保留`,
            },
          ]),
      ...key.merging,
      ...ambiguous,
      ...doubtNulls(config, schema, indexes),
    ],
  };
}

/** With `delete` alone a NULL looks like what it is. */
function doubtNulls(
  { table, nullValues }: HBaseSinkConfig,
  { fields }: RowSchema,
  key: readonly number[],
): readonly Text[] {
  const never = fields.every(({ optional }, index) => !optional || key.includes(index));
  if (never || nullValues === 'delete') return [];
  return [
    nullValues === 'skip'
      ? {
          en: `${table}: hbase.null.values=skip: a field that has become NULL keeps the value it had`,
          zh: `表 ${table}：hbase.null.values=skip：变为 NULL 的字段保留其原有的值`,
        }
      : {
          en: `${table}: hbase.null.values=empty: NULL can't be told from an empty value`,
          zh: `表 ${table}：hbase.null.values=empty：NULL 与空值无法区分`,
        },
  ];
}

function planField(config: HBaseSinkConfig, field: Field): PlannedField {
  const column = config.columns.get(field.name) ?? {
    family: config.family,
    qualifier: field.name,
    encoding: config.encoding,
    zone: '',
    charset: '',
  };
  const { family, qualifier, encoding } = column;
  const refuse = (problem: string): SyncError =>
    new SyncError('MAPPING_INVALID', {
      message: `writing ${field.name} to ${family}:${qualifier}: ${problem}`,
      field: 'hbase.columns',
    });
  const settings = readValueSettings({ ...column, type: field.type, namesZone: false }, (key, problem) => {
    throw refuse(`${key} '${column[key]}': ${problem}`);
  });
  const write = compileEncoder(encoding, field.type, settings);
  if (typeof write === 'string') throw refuse(`the encoding ${encoding} ${write}`);
  if (qualifier === '')
    throw new SyncError('TARGET_SCHEMA', {
      message: `${config.table}: a field has no name; give it a column in hbase.columns`,
      field: 'hbase.columns',
    });
  return { name: field.name, family: Buffer.from(family), qualifier: bytesOfName(qualifier), write };
}

function refuseUnknown(names: readonly string[], schema: RowSchema, key: string): void {
  const known = schema.fields.map((field) => field.name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new SyncError('MAPPING_INVALID', {
    message: `${key} names ${unknown}, which rows do not have; they have ${known.join(', ')}`,
    field: key,
  });
}

function refuseTwins(fields: readonly PlannedField[], table: string): void {
  const seen = new Map<string, string>();
  for (const { name, family, qualifier } of fields) {
    const column = `${family.toString()}:${qualifier.toString()}`;
    const twin = seen.get(column);
    if (twin !== undefined)
      throw new SyncError('TARGET_SCHEMA', {
        message: `${table}: fields ${twin} and ${name} are the same column ${column}`,
        field: name,
      });
    seen.set(column, name);
  }
}

/** Bytes of an encoding that always has so many; null: it varies. */
function widthOf(config: HBaseSinkConfig, field: Field | undefined): number | null {
  const encoding = config.columns.get(field?.name ?? '')?.encoding ?? config.encoding;
  const widths: Readonly<Record<string, number>> = {
    int8: 1,
    int16: 2,
    int32: 4,
    int64: 8,
    float: 4,
    double: 8,
    boolean: 1,
    'epoch-ms': 8,
    'epoch-s': 8,
  };
  return widths[encoding] ?? null;
}

const saltBytes = 2;

function planKey(
  { delimiter: between, saltBuckets }: HBaseSinkConfig,
  key: {
    readonly fields: readonly PlannedField[];
    readonly indexes: readonly number[];
    /** By part. */
    readonly widths: readonly (number | null)[];
  },
): KeyWriter {
  const front = saltBuckets === 0 ? 0 : saltBytes;
  const salts = Array.from({ length: saltBuckets }, (_, bucket) => saltOf(bucket));
  const first = key.fields[key.indexes[0] ?? -1]?.name ?? '';
  return (out, row) => {
    out.ensure(front);
    out.length = front;
    for (let part = 0; part < key.indexes.length; part += 1) {
      const index = key.indexes[part] ?? -1;
      const field = key.fields[index];
      const bytes = row.bytes[index] ?? null;
      if (field === undefined || bytes === null)
        return { field: field?.name ?? '', reason: 'the key is NULL' };
      const start = out.length;
      const problem = field.write(out, bytes, row.starts[index] ?? 0, row.ends[index] ?? 0);
      if (problem !== null) return { field: field.name, reason: problem };
      if (part === key.indexes.length - 1) break;
      const end = out.length;
      out.ensure(between.length);
      out.length += between.copy(out.bytes, end);
      // The last part may hold the delimiter, and one of a fixed width: the key can be taken apart all the same. Of any other the
      // first delimiter is its end, also where it holds the beginning of one.
      const open = key.widths[part] === null && between.length > 0;
      if (open && out.bytes.indexOf(between, start) < end)
        return {
          field: field.name,
          reason: `part ${part + 1} of the row key, with the delimiter '${printKey(between)}' behind it, could end earlier`,
        };
    }
    if (out.length === front) return { field: first, reason: 'the row key is empty' };
    if (front > 0) salts[crc32(out.bytes.subarray(front, out.length)) % saltBuckets]?.copy(out.bytes);
    if (out.length <= maxRowKeyBytes) return null;
    return {
      field: first,
      reason: `the row key has ${out.length} bytes, at most ${maxRowKeyBytes} are allowed`,
    };
  };
}

function saltOf(bucket: number): Buffer {
  return Buffer.from(bucket.toString(16).padStart(2, '0'));
}

/** First keys of the buckets but the first. */
export function saltSplitKeys(buckets: number): Buffer[] {
  return Array.from({ length: Math.max(0, buckets - 1) }, (_, index) => saltOf(index + 1));
}

function planTimestamp({ timestampField }: HBaseSinkConfig, schema: RowSchema): SinkPlan['timestamp'] {
  if (timestampField === null) return null;
  refuseUnknown([timestampField], schema, 'hbase.timestamp.field');
  const index = schema.fields.findIndex((field) => field.name === timestampField);
  const { kind } = schema.fields[index]?.type ?? { kind: 'string' };
  if (kind === 'timestamp' || kind === 'date') return { index, read: encodeEpoch(1, 'text', utc) };
  if (kind === 'int64' || kind === 'int32') return { index, read: (raw) => raw };
  throw new SyncError('MAPPING_INVALID', {
    message: `hbase.timestamp.field names ${timestampField} of type ${kindName(kind)}; write a timestamp, a date or an integer of milliseconds`,
    field: 'hbase.timestamp.field',
  });
}
