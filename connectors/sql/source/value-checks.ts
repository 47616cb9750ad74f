// What the text of a value must be to be one of its field (src/core/connector/field-type.ts): null, or the reason in words. On bytes, since most
// values of a table pass here.
import type { Field } from '../../../src/core/connector/field-type.ts';

const ZERO = 0x30;
const MINUS = 0x2d;
const COLON = 0x3a;
const BLANK = 0x20;
const POINT = 0x2e;

/** MySQL's, and what it calls one: a month or a day of 00. */
export const zeroDate =
  'a zero date is no date: write zeroDateTimeBehavior=convertToNull in connection.url to send NULL, or correct the value';
const notADate =
  'it is no date of the calendar from year 1 to 9999: correct it, or leave the row out with a query';

const noDecimal =
  'it is no decimal, which is written in digits with a point between: NaN, infinity and numbers with an exponent are none';

export function dateProblem(bytes: Buffer, start: number, end: number): string | null {
  return end - start === 10 ? calendarProblem(bytes, start) : notADate;
}

/** `YYYY-MM-DD HH:MM:SS[.ffffff]` */
export function timestampProblem(bytes: Buffer, start: number, end: number): string | null {
  const length = end - start;
  if (length < 19 || length > 26 || bytes[start + 10] !== BLANK) return notADate;
  if (length > 19 && bytes[start + 19] !== POINT) return notADate;
  return calendarProblem(bytes, start) ?? clockProblem(bytes, start + 11, end);
}

/** `HH:MM:SS[.ffffff]`, of a day. */
export function timeProblem(bytes: Buffer, start: number, end: number): string | null {
  const length = end - start;
  const beyond = 'it is no time of a day (00:00:00 to 23:59:59): read it as text, with a CAST in query';
  if (length < 8 || bytes[start] === MINUS || bytes[start + 2] !== COLON) return beyond;
  if (length > 8 && bytes[start + 8] !== POINT) return beyond;
  return clockProblem(bytes, start, end) === null ? null : beyond;
}

export function booleanProblem(bytes: Buffer, start: number, end: number): string | null {
  const isBoolean = end - start === 1 && (bytes[start] === ZERO || bytes[start] === ZERO + 1);
  return isBoolean ? null : 'it is no boolean, which is 0 or 1: read it as a number, with a CAST in query';
}

/** Digits with a point, as many as the field has; NaN and infinity are none. */
export function decimalProblem(
  bytes: Buffer,
  start: number,
  end: number,
  field: Field | null,
): string | null {
  const type = field?.type;
  if (type?.kind !== 'decimal') return null;
  let [at, point] = [start, end];
  if (bytes[at] === MINUS) at += 1;
  const first = at;
  for (; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === POINT && point === end) point = at;
    else if (!isDigit(byte)) return noDecimal;
  }
  if (point === first || point === end - 1) return noDecimal;
  const [whole, behind] = [point - first, Math.max(0, end - point - 1)];
  const leading = bytes[first] === ZERO ? 1 : 0;
  if (whole - leading > type.precision - type.scale || behind > type.scale)
    return `it has ${whole} digits before the point and ${behind} behind it, more than decimal(${type.precision},${type.scale}) holds: read it with a CAST in query`;
  return null;
}

/** The shortest text that is the same 32-bit number. */
export function shortestFloat(text: string): string {
  const value = Math.fround(Number(text));
  if (!Number.isFinite(value)) return text;
  if (Object.is(value, -0)) return '-0';
  for (let digits = 6; digits < 9; digits += 1) {
    const short = value.toPrecision(digits);
    if (Math.fround(Number(short)) === value) return String(Number(short));
  }
  return String(Number(value.toPrecision(9)));
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}

function calendarProblem(bytes: Buffer, at: number): string | null {
  if (bytes[at + 4] !== MINUS || bytes[at + 7] !== MINUS) return notADate;
  const year = pair(bytes, at) * 100 + pair(bytes, at + 2);
  const [month, day] = [pair(bytes, at + 5), pair(bytes, at + 8)];
  if (Number.isNaN(year + month + day)) return notADate;
  if (month === 0 || day === 0) return zeroDate;
  if (year === 0 || month > 12) return notADate;
  return day <= 28 || day <= daysOf(year, month) ? null : notADate;
}

/** What stands behind the seconds is a point and digits; PostgreSQL writes ` BC` there. */
function clockProblem(bytes: Buffer, at: number, end: number): string | null {
  if (bytes[at + 2] !== COLON || bytes[at + 5] !== COLON || end === at + 9) return notADate;
  for (let digit = at + 9; digit < end; digit += 1) if (!isDigit(bytes[digit] ?? 0)) return notADate;
  const inDay = pair(bytes, at) < 24 && pair(bytes, at + 3) < 60 && pair(bytes, at + 6) < 60;
  return inDay ? null : notADate;
}

function daysOf(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** Two digits; NaN: they are none. */
function pair(bytes: Buffer, at: number): number {
  const [tens, ones] = [(bytes[at] ?? 0) - ZERO, (bytes[at + 1] ?? 0) - ZERO];
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}
