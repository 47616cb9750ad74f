// Dates and times as ISO text: date `YYYY-MM-DD`, time `HH:MM:SS[.f]`, timestamp `date[(T| )time[zone]]`, zone `Z` or `±HH:MM`.
// f: 1 to 9 digits. A timestamp without a zone is taken as of the field's. Other layouts: the map rule date('pattern').
import { utc } from '../../../../src/core/time/time-zone.ts';
import type { Zone } from '../../../../src/core/time/time-zone.ts';
import { Moment, writeMoment } from '../calendar.ts';
import type { DateType } from '../calendar.ts';
import { isDigit, MINUS, PLUS, POINT, ZERO } from '../digits.ts';
import type { TextSettings, ValueWriter } from '../encoding.ts';
import { timestampCopier } from '../printed-values.ts';

const wrong: Readonly<Record<DateType['kind'], string>> = {
  date: 'not a date like 2026-01-31',
  time: 'not a time like 23:59:59',
  timestamp: 'not a date and time like 2026-01-31 23:59:59',
};

export function compileTextDate(type: DateType, { zone }: TextSettings): ValueWriter {
  const moment = new Moment();
  const problem = wrong[type.kind];
  const read = { date: readDate, time: readTime, timestamp: readTimestampIn(zone) }[type.kind];
  const write: ValueWriter = (out, bytes, start, end) => {
    moment.reset();
    return read(moment, bytes, start, end) ? writeMoment(out, moment, type) : problem;
  };
  if (type.kind !== 'timestamp' || zone !== utc) return write;
  const copy = timestampCopier(type.precision);
  return (out, bytes, start, end) => (copy(out, bytes, start, end) ? null : write(out, bytes, start, end));
}

type Reader = (moment: Moment, bytes: Uint8Array, start: number, end: number) => boolean;

const readDate: Reader = (moment, bytes, start, end) => {
  if (end - start !== 10 || bytes[start + 4] !== MINUS || bytes[start + 7] !== MINUS) return false;
  moment.year = readNumber(bytes, start, 4);
  moment.month = readNumber(bytes, start + 5, 2);
  moment.day = readNumber(bytes, start + 8, 2);
  return moment.year >= 0 && moment.month >= 0 && moment.day >= 0;
};

const readTime: Reader = (moment, bytes, start, end) => {
  if (end - start < 8 || bytes[start + 2] !== 0x3a || bytes[start + 5] !== 0x3a) return false;
  moment.hour = readNumber(bytes, start, 2);
  moment.minute = readNumber(bytes, start + 3, 2);
  moment.second = readNumber(bytes, start + 6, 2);
  if (moment.hour < 0 || moment.minute < 0 || moment.second < 0) return false;
  if (end - start === 8) return true;
  moment.nanos = bytes[start + 8] === POINT ? readFraction(bytes, start + 9, end) : -1;
  return moment.nanos >= 0;
};

/** A text that names no zone of its own is local time of `zone`. */
function readTimestampIn(zone: Zone): Reader {
  return (moment, bytes, start, end) => {
    if (!readDate(moment, bytes, start, Math.min(start + 10, end))) return false;
    if (end - start > 10) {
      const separator = bytes[start + 10];
      if (separator !== 0x20 && separator !== 0x54) return false;
      const zoneStart = findZone(bytes, start + 11, end);
      if (!readTime(moment, bytes, start + 11, zoneStart)) return false;
      if (zoneStart < end) return moment.check() === null && readZone(moment, bytes, zoneStart, end);
    }
    if (zone !== utc && moment.check() === null) moment.toUtc(zone);
    return true;
  };
}

/** Offset of the zone that ends a text, `end` when there is none. */
function findZone(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at];
    if (byte === 0x5a || byte === PLUS || byte === MINUS) return at;
  }
  return end;
}

/** Reads `Z`, `±HH:MM` or `±HHMM` and moves `moment` to UTC. */
export const readZone: Reader = (moment, bytes, start, end) => {
  if (bytes[start] === 0x5a) return end - start === 1;
  const colon = bytes[start + 3] === 0x3a ? 1 : 0;
  if (end - start !== 5 + colon || (bytes[start] !== PLUS && bytes[start] !== MINUS)) return false;
  const hours = readNumber(bytes, start + 1, 2);
  const minutes = readNumber(bytes, start + 3 + colon, 2);
  if (hours < 0 || hours > 18 || minutes < 0 || minutes > 59) return false;
  const offset = hours * 60 + minutes;
  moment.addMinutes(bytes[start] === PLUS ? -offset : offset);
  return true;
};

/** `width` digits as a number; -1 when one is none. */
export function readNumber(bytes: Uint8Array, start: number, width: number): number {
  let value = 0;
  for (let at = start; at < start + width; at += 1) {
    const byte = bytes[at] ?? 0;
    if (!isDigit(byte)) return -1;
    value = value * 10 + byte - ZERO;
  }
  return value;
}

/** 1 to 9 digits behind the point of a second, in nanoseconds; -1 when they are none. */
export function readFraction(bytes: Uint8Array, start: number, end: number): number {
  const width = end - start;
  if (width < 1 || width > 9) return -1;
  const value = readNumber(bytes, start, width);
  return value < 0 ? -1 : value * 10 ** (9 - width);
}
