// Rows as Kafka Connect's JsonConverter writes them: {"schema":…,"payload":…}, or the payload alone.
import { typeName } from '../../core/connector/field-type.ts';
import { SyncError } from '../../core/errors.ts';
import type { Field, FieldType, RowSchema } from '../../core/connector/field-type.ts';
import { ByteWriter, readRow, writeRow } from '../../core/record/row-format.ts';
import type { ValueDecoder, ValueEncoder } from './converter.ts';

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
      return value.toString('latin1');
    case 'float32':
    case 'float64':
      return jsonFloat(value.toString('latin1'));
    case 'boolean':
      return value[0] === 0x31 ? 'true' : 'false';
    case 'bytes':
      return `"${value.toString('base64')}"`;
    case 'date':
      return String(timeOf(field, value, `${value.toString('latin1')}T00:00:00Z`) / DAY_MS);
    case 'timestamp':
      return type.precision > 3
        ? JSON.stringify(value.toString('latin1'))
        : String(timeOf(field, value, `${value.toString('latin1').replace(' ', 'T')}Z`));
    default:
      return JSON.stringify(value.toString('utf8'));
  }
}

/** JSON has no word for them; Jackson, and so Connect, writes them as strings. */
function jsonFloat(text: string): string {
  return Number.isFinite(Number(text)) ? text : JSON.stringify(text);
}

function timeOf(field: Field, value: Buffer, iso: string): number {
  const ms = Date.parse(iso);
  if (!Number.isNaN(ms)) return ms;
  throw new SyncError('ROW_INVALID', {
    message: `writing a JSON record: ${field.name}: '${value.toString('utf8')}' is no ${typeName(field.type)} that Connect's JSON can hold`,
    field: field.name,
  });
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
  const value = parse(quoteLongIntegers(text));
  const payload: unknown = envelope ? (value as { payload?: unknown } | null)?.payload : value;
  if (typeof payload === 'object' && payload !== null) return payload as Record<string, unknown>;
  throw new SyncError('ROW_INVALID', { message: 'reading a JSON record: it has no payload object' });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new SyncError('ROW_INVALID', { message: 'reading a JSON record: it is not JSON', cause });
  }
}

/** Integers of 16 digits and more as strings, so that JSON.parse does not round them. Strings are matched to be passed over. */
function quoteLongIntegers(text: string): string {
  return /\d{16}/.test(text) ? text.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g, quoteIfNumber) : text;
}

function quoteIfNumber(token: string): string {
  return token.startsWith('"') ? token : `"${token}"`;
}

/** The value as the row format has it, or ROW_INVALID: nothing becomes another value on the way. */
function rowText(field: Field, value: unknown): string | Buffer | null {
  if (value === null || value === undefined) return null;
  const text = textOf(field.type, value);
  if (text !== null) return text;
  const shown = JSON.stringify(value).slice(0, LONGEST_SHOWN);
  throw new SyncError('ROW_INVALID', {
    message: `reading a JSON record: ${field.name}: ${shown} is no ${typeName(field.type)}`,
    field: field.name,
  });
}

/** null: the value is none of the type's. */
function textOf(type: FieldType, value: unknown): string | Buffer | null {
  switch (type.kind) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      return integerText(INTEGER_BITS[type.kind], value);
    case 'float32':
    case 'float64':
      return floatText(value);
    case 'decimal':
      return decimalText(value);
    case 'boolean':
      return booleans.get(value) ?? null;
    case 'bytes':
      return bytesOf(value);
    case 'date':
      return Number.isInteger(value) ? dateText(value as number) : stringLike(DATE, value);
    case 'timestamp':
      return toPrecision(
        type.precision,
        typeof value === 'number' ? timeText(value) : stringLike(TIMESTAMP, value),
      );
    case 'time':
      return toPrecision(type.precision, stringLike(TIME, value));
    case 'json':
    case 'string':
      return typeof value === 'string' ? value : JSON.stringify(value);
  }
}

const LONGEST_SHOWN = 60;
const INTEGER_BITS = { int8: 8, int16: 16, int32: 32, int64: 64 } as const;
const booleans = new Map<unknown, string>([
  [true, '1'],
  [false, '0'],
]);

const DATE = /^\d{4}-\d\d-\d\d$/;
const TIMESTAMP = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,9})?$/;
const TIME = /^-?\d{2,3}:\d\d:\d\d(\.\d{1,9})?$/;

/** So many digits of a second: zeros behind them say nothing, anything else there is no value of the type. */
function toPrecision(precision: number, text: string | null): string | null {
  const point = text?.indexOf('.') ?? -1;
  if (text === null || point < 0) return text;
  const end = precision === 0 ? point : point + 1 + precision;
  return /^\.?0*$/.test(text.slice(end)) ? text.slice(0, end) : null;
}

function stringLike(pattern: RegExp, value: unknown): string | null {
  return typeof value === 'string' && pattern.test(value) ? value : null;
}

function stringOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function integerText(bits: number, value: unknown): string | null {
  const text = Number.isSafeInteger(value) ? String(value) : stringOf(value);
  if (text === null || !/^-?\d{1,30}$/.test(text)) return null;
  const exact = BigInt(text);
  return BigInt.asIntN(bits, exact) === exact ? String(exact) : null;
}

/** Text as Java writes what JSON can't: NaN and the infinities. */
function floatText(value: unknown): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : null;
  const text = stringOf(value);
  return text !== null && (/^(NaN|-?Infinity)$/.test(text) || isNumber(text)) ? text : null;
}

function decimalText(value: unknown): string | null {
  const text = typeof value === 'number' ? String(value) : stringOf(value);
  return text !== null && /^-?\d+(\.\d+)?$/.test(text) ? text : null;
}

function isNumber(text: string): boolean {
  return /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(text) && Number.isFinite(Number(text));
}

function bytesOf(value: unknown): Buffer | null {
  if (typeof value !== 'string') return null;
  const bytes = Buffer.from(value, 'base64');
  return bytes.toString('base64') === value ? bytes : null;
}

function dateText(days: number): string | null {
  return timeText(days * DAY_MS)?.slice(0, 10) ?? null;
}

/** `YYYY-MM-DD HH:MM:SS.fff`, for the years 0 to 9999, which it can show. */
function timeText(ms: number): string | null {
  const time = new Date(ms);
  if (Number.isNaN(time.getTime()) || time.getTime() !== ms) return null;
  const text = time.toISOString();
  return /^\d{4}-/.test(text) ? text.slice(0, 23).replace('T', ' ') : null;
}
