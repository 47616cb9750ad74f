// Text of the row format → values as SQLite stores them, each checked against its field's type: SQLite itself would take
// nearly anything, and quietly turn some of it into something else.
import { isUtf8 } from 'node:buffer';
import type { Field, FieldType } from '../../src/core/connector/field-type.ts';
import type { Value } from './database.ts';

export type Typed = { readonly value: Value } | { readonly problem: string };

const bounds = {
  int8: [-(2n ** 7n), 2n ** 7n - 1n],
  int16: [-(2n ** 15n), 2n ** 15n - 1n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
} as const;

/** `raw` is unescaped; null = NULL. */
export function toTyped(field: Field, raw: Buffer | null): Typed {
  const { type } = field;
  if (raw === null) return { value: null };
  if (type.kind === 'bytes') return checkLength(raw, raw.length, type.length, 'bytes');
  if (!isUtf8(raw)) return { problem: 'the text is not valid utf-8' };
  const text = raw.toString('utf8');
  const value = readText(type, text);
  if (value === undefined)
    return { problem: `'${text.slice(0, 64)}' is not a value of type ${nameOf(type)}` };
  return type.kind === 'string'
    ? checkLength(text, countCharacters(text), type.length, 'characters')
    : { value };
}

function readText(type: FieldType, text: string): Value | undefined {
  switch (type.kind) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      return readInteger(text, bounds[type.kind]);
    case 'float32':
    case 'float64':
      return readFloat(text);
    case 'boolean':
      return text === '1' ? 1n : text === '0' ? 0n : undefined;
    case 'decimal':
      return isDecimal(text, type) ? text : undefined;
    case 'date':
      return isDate(text) ? text : undefined;
    case 'time':
      return isTime(text, type.precision) ? text : undefined;
    case 'timestamp':
      return isDate(text.slice(0, 10)) && text[10] === ' ' && isTime(text.slice(11), type.precision)
        ? text
        : undefined;
    case 'json':
      return isJson(text) ? text : undefined;
    case 'string':
    case 'bytes':
      return text;
  }
}

function readInteger(text: string, [min, max]: readonly [bigint, bigint]): bigint | undefined {
  if (!/^-?\d{1,20}$/.test(text)) return undefined;
  const value = BigInt(text);
  return value >= min && value <= max ? value : undefined;
}

function readFloat(text: string): number | undefined {
  if (!/^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return undefined;
  const value = Number(text);
  // NaN would be stored as NULL, and infinity is no value of a database.
  return Number.isFinite(value) ? value : undefined;
}

function isDecimal(text: string, type: { precision: number; scale: number }): boolean {
  const match = /^-?(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) return false;
  const whole = (match[1] ?? '').replace(/^0+/, '').length;
  return whole <= type.precision - type.scale && (match[2] ?? '').length <= type.scale;
}

function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match === null) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function isTime(text: string, precision: number): boolean {
  const match = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.(\d+))?$/.exec(text);
  // Zeros at the end say nothing: a JSON record has milliseconds whatever the precision.
  return match !== null && (match[2] ?? '').replace(/0+$/, '').length <= precision;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function checkLength(value: Value, length: number, limit: number, unit: string): Typed {
  return limit === 0 || length <= limit
    ? { value }
    : { problem: `it has ${length} ${unit}, at most ${limit} are allowed` };
}

/** Code points, as MySQL counts. */
function countCharacters(text: string): number {
  return text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
}

function nameOf(type: FieldType): string {
  if (type.kind === 'decimal') return `decimal(${type.precision},${type.scale})`;
  return type.kind === 'time' || type.kind === 'timestamp' ? `${type.kind}(${type.precision})` : type.kind;
}
