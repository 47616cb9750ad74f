// Texts that stand in their cells just as the row format wants them, as nearly all do, are checked in place and copied; the general
// way reads a value and prints it again.
import type { ByteWriter } from '../../../src/core/record/row-format.ts';
import { viewOf } from './block-view.ts';
import { daysInMonth } from '../../../src/core/time/civil-date.ts';
import { isDigit, POINT, ZERO } from './digits.ts';

const SPACE = 0x20;
const secondsEnd = 19;

/** false: the text in `bytes[start, end)` is of another form, or wrong; nothing was written. */
type Copy = (out: ByteWriter, bytes: Uint8Array, start: number, end: number) => boolean;

/** `YYYY-MM-DD(T| )HH:MM:SS[.f]` of the years 1 to 9999, with at most `precision` digits f; zeros are added. */
export function timestampCopier(precision: number): Copy {
  const length = precision === 0 ? secondsEnd : secondsEnd + 1 + precision;
  return (out, bytes, start, end) => {
    const point = start + secondsEnd;
    if (end < point || end - start > length || !isDateAndTime(viewOf(bytes), start)) return false;
    if (end > point && !isFraction(bytes, point, end)) return false;
    out.ensure(length);
    const to = out.bytes;
    const shift = out.length - start;
    for (let at = start; at < end; at += 1) to[at + shift] = bytes[at] ?? 0;
    to[out.length + 10] = SPACE;
    for (let at = end; at < start + length; at += 1) to[at + shift] = at === point ? POINT : ZERO;
    out.length += length;
    return true;
  };
}

function isFraction(bytes: Uint8Array, point: number, end: number): boolean {
  return bytes[point] === POINT && end > point + 1 && areAllDigits(bytes, point + 1, end);
}

/** 19 characters from `start` on, by words: `YYYY`, `-MM-`, `DD H`, `H:MM`, and, with the minute's last digit again, `M:SS`. */
function isDateAndTime(view: DataView, start: number): boolean {
  const year = view.getInt32(start);
  const month = view.getInt32(start + 4);
  const day = view.getInt32(start + 8);
  const minute = view.getInt32(start + 12);
  const second = view.getInt32(start + 15);
  const separator = (day >> 8) & 0xff;
  const isLaidOut =
    (month & 0xff0000ff) === 0x2d00002d &&
    (separator === SPACE || separator === 0x54) &&
    (minute & 0x00ff0000) === 0x003a0000 &&
    (second & 0x00ff0000) === 0x003a0000 &&
    areFourDigits(year) &&
    areFourDigits((month & 0x00ffff00) | 0x30000030) &&
    areFourDigits((day & 0xffff00ff) | 0x00003000) &&
    areFourDigits((minute & 0xff00ffff) | 0x00300000) &&
    areFourDigits((second & 0xff00ffff) | 0x00300000);
  return (
    isLaidOut &&
    isDay(twoDigits(year >> 16) * 100 + twoDigits(year), twoDigits(month >> 8), twoDigits(day >> 16)) &&
    twoDigits((day << 8) | (minute >>> 24)) < 24 &&
    twoDigits(minute) < 60 &&
    twoDigits(second) < 60
  );
}

function isDay(year: number, month: number, day: number): boolean {
  if (year === 0 || month < 1 || month > 12 || day < 1) return false;
  return day <= 28 || day <= daysInMonth(year, month);
}

function areFourDigits(word: number): boolean {
  return (word & 0xf0f0f0f0) === 0x30303030 && ((word + 0x06060606) & 0xf0f0f0f0) === 0x30303030;
}

/** Of the word's last two characters. */
function twoDigits(word: number): number {
  return ((word >> 8) & 15) * 10 + (word & 15);
}

function areAllDigits(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (!isDigit(bytes[at] ?? 0)) return false;
  return true;
}

/** Digits without zeros in front, and exactly `scale` of them behind the point. */
export function decimalCopier({ precision, scale }: { precision: number; scale: number }): Copy {
  const mostWhole = Math.max(precision - scale, 1);
  return (out, bytes, start, end) => {
    const wholeEnd = scale === 0 ? end : end - scale - 1;
    const whole = wholeEnd - start;
    if (whole < 1 || whole > mostWhole || (bytes[start] === ZERO && whole > 1)) return false;
    if (precision === scale && bytes[start] !== ZERO) return false;
    if (!areAllDigits(bytes, start, wholeEnd)) return false;
    if (scale > 0 && (bytes[wholeEnd] !== POINT || !areAllDigits(bytes, wholeEnd + 1, end))) return false;
    out.ensure(end - start);
    const to = out.bytes;
    const shift = out.length - start;
    for (let at = start; at < end; at += 1) to[at + shift] = bytes[at] ?? 0;
    out.length += end - start;
    return true;
  };
}
