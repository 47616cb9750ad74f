// Dates as text of a given pattern, for the map rule date('pattern').
//   pattern = *( letters / literal )
//   letters = "yyyy" / "MM" / "M" / "dd" / "d" / "HH" / "H" / "mm" / "ss" / 1*9"S" / "XXX"   ; doubled: exactly two digits,
//   literal = any other character, standing for itself                                       ; single: one or two; XXX: a zone
// Without XXX the text is local time of the field's zone. With it the text is an instant, and a date or time field gets the one
// that the field's zone had then.
import { utc } from '../../../../src/core/time/time-zone.ts';
import { Moment, writeMoment } from '../calendar.ts';
import type { DateType } from '../calendar.ts';
import { isDigit, ZERO } from '../digits.ts';
import type { TextSettings, ValueWriter } from '../encoding.ts';
import { readFraction, readNumber, readZone } from './text-date.ts';

/** Reads one part at `at` into the moment; returns the offset after it, -1 when it does not fit. */
type Part = (moment: Moment, bytes: Uint8Array, at: number, end: number) => number;

type NumberField = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second';

const numbers: Readonly<Record<string, { field: NumberField; width: number; shortest: number }>> = {
  yyyy: { field: 'year', width: 4, shortest: 4 },
  MM: { field: 'month', width: 2, shortest: 2 },
  M: { field: 'month', width: 2, shortest: 1 },
  dd: { field: 'day', width: 2, shortest: 2 },
  d: { field: 'day', width: 2, shortest: 1 },
  HH: { field: 'hour', width: 2, shortest: 2 },
  H: { field: 'hour', width: 2, shortest: 1 },
  mm: { field: 'minute', width: 2, shortest: 2 },
  ss: { field: 'second', width: 2, shortest: 2 },
};

/** Returns the writer, or in words what is wrong with the pattern. */
export function compileDatePattern(
  pattern: string,
  type: DateType,
  { zone }: TextSettings,
): ValueWriter | string {
  const parts: Part[] = [];
  for (const token of pattern.match(/([A-Za-z])\1*|[^A-Za-z]/g) ?? []) {
    const part = compilePart(token);
    if (part === null) return `'${token}' in the date pattern is unknown; known: ${knownLetters}`;
    parts.push(part);
  }
  if (type.kind !== 'time' && !/yyyy/.test(pattern)) return 'the date pattern has no year (yyyy)';
  const moment = new Moment();
  const problem = `not a date like ${pattern}`;
  const isZoned = zone !== utc;
  const namesZone = pattern.includes('XXX');
  const toUtc = isZoned && !namesZone && type.kind === 'timestamp';
  const toLocal = isZoned && namesZone && type.kind !== 'timestamp';
  return (out, bytes, start, end) => {
    moment.reset();
    let at = start;
    for (const part of parts) {
      at = part(moment, bytes, at, end);
      if (at < 0) return problem;
    }
    if (at !== end) return problem;
    if (toUtc && moment.check() === null) moment.toUtc(zone);
    if (toLocal) moment.toLocal(zone);
    return writeMoment(out, moment, type);
  };
}

const knownLetters = `${Object.keys(numbers).join(', ')}, S to SSSSSSSSS, XXX`;

function compilePart(token: string): Part | null {
  const number = numbers[token];
  if (number !== undefined) return numberPart(number.field, number.width, number.shortest);
  if (/^S{1,9}$/.test(token)) return fractionPart(token.length);
  if (token === 'XXX') return zonePart;
  return token === 'T' || !/[A-Za-z]/.test(token) ? literalPart(Buffer.from(token)) : null;
}

function numberPart(field: NumberField, width: number, shortest: number): Part {
  return (moment, bytes, start, end) => {
    let at = start;
    let value = 0;
    while (at < end && at - start < width && isDigit(bytes[at] ?? 0)) {
      value = value * 10 + (bytes[at] ?? 0) - ZERO;
      at += 1;
    }
    moment[field] = value;
    return at - start < shortest ? -1 : at;
  };
}

function fractionPart(width: number): Part {
  return (moment, bytes, start, end) => {
    const stop = start + width;
    moment.nanos =
      stop <= end && readNumber(bytes, start, width) >= 0 ? readFraction(bytes, start, stop) : -1;
    return moment.nanos < 0 ? -1 : stop;
  };
}

/** A zone is the last part: all that is left. */
const zonePart: Part = (moment, bytes, start, end) =>
  moment.check() === null && readZone(moment, bytes, start, end) ? end : -1;

function literalPart(literal: Uint8Array): Part {
  return (_moment, bytes, start, end) => {
    if (start + literal.length > end) return -1;
    for (let i = 0; i < literal.length; i += 1) if (bytes[start + i] !== literal[i]) return -1;
    return start + literal.length;
  };
}
