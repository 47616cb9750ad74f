// Points in time by the proleptic Gregorian calendar, in numbers: read into a Moment, written as date, time or timestamp text.
import { civilFromDays, daysFromCivil, daysInMonth } from '../../../src/core/time/civil-date.ts';
import type { FieldType } from '../../../src/core/connector/field-type.ts';
import type { ByteWriter } from '../../../src/core/record/row-format.ts';
import { localToUtc, utcToLocal } from '../../../src/core/time/time-zone.ts';
import type { Zone } from '../../../src/core/time/time-zone.ts';
import { POINT, writePadded, ZERO } from './digits.ts';

const COLON = 0x3a;
const DASH = 0x2d;
const SPACE = 0x20;
const msPerDay = 86_400_000;

/** Fields of a point in time; one is used over and over. `nanos` is the part of the second. */
export class Moment {
  year = 1970;
  month = 1;
  day = 1;
  hour = 0;
  minute = 0;
  second = 0;
  nanos = 0;

  reset(): void {
    this.year = 1970;
    this.month = 1;
    this.day = 1;
    this.hour = 0;
    this.minute = 0;
    this.second = 0;
    this.nanos = 0;
  }

  /** null: it is a real day and time of day of the years 1 to 9999; else what is wrong. */
  check(): string | null {
    const { year, month, day } = this;
    if (year < 1 || year > 9999) return 'a year outside 1 to 9999';
    if (month < 1 || month > 12) return `no month ${month}`;
    if (day < 1 || day > daysInMonth(year, month)) return `no day ${day} in month ${month} of ${year}`;
    if (this.hour > 23 || this.minute > 59 || this.second > 59) return 'no such time of day';
    return null;
  }

  /** Days since 1970-01-01 of the date part. */
  epochDay(): number {
    return daysFromCivil(this.year, this.month, this.day);
  }

  setEpochDay(epochDay: number): void {
    civilFromDays(epochDay, this);
  }

  /** `ms` since the epoch, UTC; fractions of a millisecond are not there. */
  setEpochMs(ms: number): void {
    const day = Math.floor(ms / msPerDay);
    this.setEpochDay(day);
    let rest = ms - day * msPerDay;
    this.nanos = (rest % 1000) * 1_000_000;
    rest = (rest - (rest % 1000)) / 1000;
    this.second = rest % 60;
    rest = (rest - this.second) / 60;
    this.minute = rest % 60;
    this.hour = (rest - this.minute) / 60;
  }

  /** From the local time of a zone to UTC. */
  toUtc(zone: Zone): void {
    this.#moveTo(localToUtc(zone, this.#wholeSecondsMs()));
  }

  /** From UTC to the local time of a zone. */
  toLocal(zone: Zone): void {
    this.#moveTo(utcToLocal(zone, this.#wholeSecondsMs()));
  }

  #wholeSecondsMs(): number {
    return this.epochDay() * msPerDay + ((this.hour * 60 + this.minute) * 60 + this.second) * 1000;
  }

  #moveTo(ms: number): void {
    const { nanos } = this;
    this.setEpochMs(ms);
    this.nanos = nanos;
  }

  /** Moves by whole minutes, over the ends of days. */
  addMinutes(minutes: number): void {
    const total = this.hour * 60 + this.minute + minutes;
    const days = Math.floor(total / 1440);
    if (days !== 0) this.setEpochDay(this.epochDay() + days);
    const rest = total - days * 1440;
    this.minute = rest % 60;
    this.hour = (rest - this.minute) / 60;
  }
}

function writeDate(out: ByteWriter, moment: Moment): void {
  out.ensure(10);
  const { bytes, length } = out;
  const century = (moment.year / 100) | 0;
  putTwo(bytes, length, century);
  putTwo(bytes, length + 2, moment.year - century * 100);
  bytes[length + 4] = DASH;
  putTwo(bytes, length + 5, moment.month);
  bytes[length + 7] = DASH;
  putTwo(bytes, length + 8, moment.day);
  out.length = length + 10;
}

/** With `precision` digits of the second. null = written; else: digits would be lost. */
function writeTime(out: ByteWriter, moment: Moment, precision: number): string | null {
  const unit = 10 ** (9 - precision);
  if (moment.nanos % unit !== 0)
    return `a fraction of a second finer than the ${precision} digits of the field`;
  out.ensure(9);
  const { bytes, length } = out;
  putTwo(bytes, length, moment.hour);
  bytes[length + 2] = COLON;
  putTwo(bytes, length + 3, moment.minute);
  bytes[length + 5] = COLON;
  putTwo(bytes, length + 6, moment.second);
  out.length = length + 8;
  if (precision === 0) return null;
  bytes[length + 8] = POINT;
  out.length += 1;
  writePadded(out, moment.nanos / unit, precision);
  return null;
}

function writeTimestamp(out: ByteWriter, moment: Moment, precision: number): string | null {
  writeDate(out, moment);
  out.ensure(1);
  out.bytes[out.length] = SPACE;
  out.length += 1;
  return writeTime(out, moment, precision);
}

export interface DateType {
  readonly kind: 'date' | 'time' | 'timestamp';
  /** Digits of the second; 0 for a date. */
  readonly precision: number;
}

/** null: the field holds no point in time. */
export function dateTypeOf(type: FieldType): DateType | null {
  if (type.kind === 'time' || type.kind === 'timestamp') return type;
  return type.kind === 'date' ? { kind: 'date', precision: 0 } : null;
}

/** `moment` as a field of the given type wants it. */
export function writeMoment(out: ByteWriter, moment: Moment, type: DateType): string | null {
  const problem = moment.check();
  if (problem !== null) return problem;
  if (type.kind === 'time') return writeTime(out, moment, type.precision);
  if (type.kind === 'timestamp') return writeTimestamp(out, moment, type.precision);
  writeDate(out, moment);
  return null;
}

/** `value`: 0 to 99. */
function putTwo(bytes: Uint8Array, at: number, value: number): void {
  const tens = (value / 10) | 0;
  bytes[at] = ZERO + tens;
  bytes[at + 1] = ZERO + value - tens * 10;
}
