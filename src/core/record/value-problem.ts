// Is a text of the row format a value of its field's type? For targets that would take nearly anything.
import { isUtf8 } from 'node:buffer';
import { typeName } from '../connector/field-type.ts';
import type { Field, FieldType } from '../connector/field-type.ts';

const bounds = {
  int8: [-(2n ** 7n), 2n ** 7n - 1n],
  int16: [-(2n ** 15n), 2n ** 15n - 1n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
} as const;

/** What is wrong with a value, or null. `raw`: unescaped; null: NULL, which is not judged here. */
export function valueProblem({ type }: Field, raw: Buffer | null): string | null {
  if (raw === null) return null;
  if (type.kind === 'bytes') return lengthProblem(raw.length, type.length, 'bytes');
  if (!isUtf8(raw)) return 'the text is not valid utf-8';
  const text = raw.toString('utf8');
  if (!isValue(type, text)) return `'${text.slice(0, 64)}' is not a value of type ${typeName(type)}`;
  return type.kind === 'string' ? lengthProblem(countCharacters(text), type.length, 'characters') : null;
}

function isValue(type: FieldType, text: string): boolean {
  switch (type.kind) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      return isInteger(text, bounds[type.kind]);
    case 'float32':
    case 'float64':
      return isFloat(text);
    case 'boolean':
      return text === '1' || text === '0';
    case 'decimal':
      return isDecimal(text, type);
    case 'date':
      return isDate(text);
    case 'time':
      return isTime(text, type.precision);
    case 'timestamp':
      return isDate(text.slice(0, 10)) && text[10] === ' ' && isTime(text.slice(11), type.precision);
    case 'json':
      return isJson(text);
    case 'string':
    case 'bytes':
      return true;
  }
}

function isInteger(text: string, [min, max]: readonly [bigint, bigint]): boolean {
  if (!/^-?\d{1,20}$/.test(text)) return false;
  const value = BigInt(text);
  return value >= min && value <= max;
}

/** NaN and infinity are no values here. */
function isFloat(text: string): boolean {
  return /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text));
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

function lengthProblem(length: number, limit: number, unit: string): string | null {
  return limit === 0 || length <= limit ? null : `it has ${length} ${unit}, at most ${limit} are allowed`;
}

/** Code points, as MySQL counts. */
function countCharacters(text: string): number {
  return text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
}
