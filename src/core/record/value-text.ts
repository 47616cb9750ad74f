// The text that a value of the language has in a row, by the type of its field (field-type.ts); what it must be, is said where it is not.
import { counted } from '../text.ts';
import type { FieldType } from '../connector/field-type.ts';

/** What is wrong with a value, in words. */
export class Misfit extends Error {}

const ranges = { int8: 7n, int16: 15n, int32: 31n, int64: 63n } as const;
const date = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const time = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?$/;
const local = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d{1,6})?)$/;
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Throws Misfit. */
export function valueText(type: FieldType, value: unknown): string | Uint8Array {
  switch (type.kind) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      return wholeText(ranges[type.kind], value);
    case 'float32':
    case 'float64':
      return floatText(type.kind, value);
    case 'decimal':
      return decimalText(type, value);
    case 'boolean':
      return typeof value === 'boolean' ? (value ? '1' : '0') : refuse('boolean', value);
    case 'date':
      return isDay(value) ? value : refuse('a date as YYYY-MM-DD', value);
    case 'time':
      return typeof value === 'string' && time.test(value) ? value : refuse('a time as HH:MM:SS', value);
    case 'timestamp':
      return timestampText(type.precision, value);
    case 'string':
      return stringText(type.length, value);
    case 'bytes':
      return value instanceof Uint8Array ? bytesOf(type.length, value) : refuse('bytes', value);
    case 'json':
      return jsonOf(value) ?? refuse('value of JSON', value);
  }
}

function refuse(wanted: string, value: unknown): never {
  throw new Misfit(`it is no ${wanted}: ${shown(value)}`);
}

export function shown(value: unknown): string {
  if (value instanceof Uint8Array) return counted(value.length, 'byte');
  const text = typeof value === 'string' ? value : typeof value === 'bigint' ? String(value) : jsonOf(value);
  return (text ?? typeof value).slice(0, 100);
}

/** undefined: it has none, as a function. */
function jsonOf(value: unknown): string | undefined {
  return JSON.stringify(value);
}

function wholeText(bits: bigint, value: unknown): string {
  const isWhole =
    typeof value === 'bigint' ||
    Number.isSafeInteger(value) ||
    (typeof value === 'string' && /^-?\d{1,19}$/.test(value));
  const number = isWhole ? BigInt(value as string) : refuse('whole number that is exact', value);
  if (number >= -(2n ** bits) && number < 2n ** bits) return String(number);
  throw new Misfit(`it is out of the range of ${bits + 1n} bits: ${number}`);
}

function floatText(kind: 'float32' | 'float64', value: unknown): string {
  if (typeof value !== 'number' || !Number.isFinite(value)) return refuse('finite number', value);
  if (kind === 'float64' || Math.fround(value) === value || Math.abs(value) <= 3.4e38) return String(value);
  return refuse('number of 32 bits', value);
}

function decimalText({ precision, scale }: { precision: number; scale: number }, value: unknown): string {
  const text = typeof value === 'string' || typeof value === 'bigint' ? String(value) : '';
  const said = Number.isSafeInteger(value) ? String(value) : text;
  const [, before = '', behind = ''] = /^-?(\d+)(?:\.(\d+))?$/.exec(said) ?? [];
  if (before === '') return refuse('decimal; give its digits as text', value);
  const digits = before.replace(/^0+/, '').length;
  if (digits <= precision - scale && behind.length <= scale) return said;
  throw new Misfit(`it has more digits than decimal(${precision},${scale}) holds: ${said.slice(0, 100)}`);
}

function isDay(value: unknown): value is string {
  return typeof value === 'string' && date.test(value) && isOfCalendar(value);
}

function isOfCalendar(day: string): boolean {
  const ms = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
}

/** In UTC. Digits behind the precision of the field are refused, not cut. */
function timestampText(precision: number, value: unknown): string {
  const said = value instanceof Date ? isoOf(value) : value;
  const iso = typeof said === 'string' && instant.test(said) ? isoOf(new Date(said), said) : said;
  const [, day = '', clock = ''] = (typeof iso === 'string' && local.exec(iso)) || [];
  if (!isDay(day) || !time.test(clock)) return refuse('time as 2025-11-25T01:00:00Z', value);
  const [seconds = '', fraction = ''] = clock.split('.');
  const kept = fraction.replace(/0+$/, '');
  if (kept.length > precision)
    throw new Misfit(`it has ${kept.length} digits behind the second, its field has ${precision}: ${clock}`);
  return precision === 0 ? `${day} ${seconds}` : `${day} ${seconds}.${kept.padEnd(precision, '0')}`;
}

/** The instant in UTC, with all digits behind the second that `text` has. */
function isoOf(at: Date, text?: string): string {
  if (Number.isNaN(at.getTime())) return '';
  const fraction = /\.(\d{1,6})/.exec(text ?? '')?.[1] ?? at.toISOString().slice(20, 23);
  return `${at.toISOString().slice(0, 19)}.${fraction}`;
}

function stringText(length: number, value: unknown): string {
  if (typeof value !== 'string') return refuse('text', value);
  if (/\p{Cs}/u.test(value)) throw new Misfit('it is no well-formed text');
  const characters = length > 0 && value.length > length ? Array.from(value).length : 0;
  if (characters <= length) return value;
  throw new Misfit(`it has ${counted(characters, 'character')}, its field has ${length}`);
}

function bytesOf(length: number, value: Uint8Array): Uint8Array {
  if (length === 0 || value.length <= length) return value;
  throw new Misfit(`it has ${counted(value.length, 'byte')}, its field has ${length}`);
}
