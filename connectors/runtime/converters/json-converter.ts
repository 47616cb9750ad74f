// Rows as Kafka Connect's JsonConverter writes them: {"schema":…,"payload":…}, or the payload alone.
import { SyncError } from '../../../src/core/errors.ts';
import type { Field, RowSchema } from '../../../src/core/field-type.ts';
import { ByteWriter, readRow, writeRow } from '../../../src/core/row-format.ts';
import type { ValueDecoder, ValueEncoder } from './value-converter.ts';

interface JsonSchema {
  readonly type: string;
  readonly optional: boolean;
  readonly name?: string;
  readonly version?: number;
  readonly parameters?: Readonly<Record<string, string>>;
}

const DAY_MS = 86_400_000;

/**
 * Connect's schema of a field. Decimals, dates and times of unbounded precision travel as text: Connect's logical types
 * (base64 of the unscaled value, days, milliseconds) would lose what the mapping keeps.
 */
function jsonSchemaOf(field: Field): JsonSchema {
  const optional = field.optional;
  const { type } = field;
  switch (type.kind) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
    case 'boolean':
    case 'bytes':
      return { type: type.kind, optional };
    case 'float32':
      return { type: 'float', optional };
    case 'float64':
      return { type: 'double', optional };
    case 'date':
      return { type: 'int32', optional, name: 'org.apache.kafka.connect.data.Date', version: 1 };
    case 'timestamp':
      return type.precision > 3
        ? { type: 'string', optional }
        : { type: 'int64', optional, name: 'org.apache.kafka.connect.data.Timestamp', version: 1 };
    case 'decimal':
    case 'time':
    case 'json':
    case 'string':
      return { type: 'string', optional };
  }
}

export function createJsonEncoder(schema: RowSchema, envelope: boolean): ValueEncoder {
  const fields = schema.fields.map((field) => ({ ...jsonSchemaOf(field), field: field.name }));
  const head = envelope
    ? `{"schema":${JSON.stringify({ type: 'struct', fields, optional: false })},"payload":{`
    : '{';
  const tail = envelope ? '}}' : '}';
  const names = schema.fields.map((field) => `${JSON.stringify(field.name)}:`);
  return {
    encode: (row, out) => {
      const values = readRow(row.bytes, row.start, row.end);
      const parts = schema.fields.map((field, i) => `${names[i] ?? ''}${jsonText(field, values[i] ?? null)}`);
      const text = head + parts.join(',') + tail;
      out.ensure(text.length * 3);
      out.length += out.bytes.write(text, out.length, 'utf8');
    },
  };
}

/** The JSON text of one field's value. Digits of 64-bit integers are copied, never through a double. */
function jsonText(field: Field, value: Buffer | null): string {
  if (value === null) return 'null';
  const { type } = field;
  switch (type.kind) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
    case 'float32':
    case 'float64':
      return value.toString('latin1');
    case 'boolean':
      return value[0] === 0x31 ? 'true' : 'false';
    case 'bytes':
      return `"${value.toString('base64')}"`;
    case 'date':
      return String(Math.round(Date.parse(`${value.toString('latin1')}T00:00:00Z`) / DAY_MS));
    case 'timestamp':
      return type.precision > 3
        ? JSON.stringify(value.toString('latin1'))
        : String(Date.parse(`${value.toString('latin1').replace(' ', 'T')}Z`));
    default:
      return JSON.stringify(value.toString('utf8'));
  }
}

export function createJsonDecoder(schema: RowSchema, envelope: boolean): ValueDecoder {
  const out = new ByteWriter();
  return {
    decode: (bytes, start, end) => {
      const payload = parsePayload(bytes.toString('utf8', start, end), envelope);
      out.length = 0;
      writeRow(
        out,
        schema.fields.map((field) => rowText(field, payload[field.name] ?? null)),
      );
      return { bytes: out.bytes, start: 0, end: out.length };
    },
  };
}

function parsePayload(text: string, envelope: boolean): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(quoteLongIntegers(text));
  const payload: unknown = envelope ? (value as { payload?: unknown } | null)?.payload : value;
  if (typeof payload === 'object' && payload !== null) return payload as Record<string, unknown>;
  throw new SyncError('ROW_INVALID', { message: 'reading a JSON record: it has no payload object' });
}

/** Integers of 16 digits and more as strings, so that JSON.parse does not round them. Strings are matched to be passed over. */
function quoteLongIntegers(text: string): string {
  return /\d{16}/.test(text) ? text.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g, quoteIfNumber) : text;
}

function quoteIfNumber(token: string): string {
  return token.startsWith('"') ? token : `"${token}"`;
}

function rowText(field: Field, value: unknown): string | Buffer | null {
  if (value === null || value === undefined) return null;
  const { type } = field;
  if (type.kind === 'boolean') return value === true ? '1' : '0';
  if (type.kind === 'bytes' && typeof value === 'string') return Buffer.from(value, 'base64');
  if (type.kind === 'date' && typeof value === 'number')
    return new Date(value * DAY_MS).toISOString().slice(0, 10);
  if (type.kind === 'timestamp' && typeof value === 'number') {
    return new Date(value).toISOString().slice(0, 23).replace('T', ' ');
  }
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  return JSON.stringify(value);
}
