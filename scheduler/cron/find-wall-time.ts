// The next wall-clock time that a cron expression names, zone or no zone: a search over the calendar, field by field.
import { civilFromDays, daysFromCivil } from '../../src/core/time/civil-date.ts';
import type { Cron, Sixty } from './cron-expression.ts';
import { lastYear } from './cron-expression.ts';
import { daysOfMonth } from './cron-days.ts';

/** First matching wall time ≥ `from`, both in seconds as if the wall clock showed UTC; null: none until the last year's end. */
export function findWallTime(cron: Cron, from: number): number | null {
  const fromDay = Math.floor(from / 86_400);
  const today = findDay(cron, fromDay);
  if (today === null) return null;
  const time = today === fromDay ? findTime(cron, from - fromDay * 86_400) : findTime(cron, 0);
  if (time !== null) return today * 86_400 + time;
  const later = findDay(cron, fromDay + 1);
  return later === null ? null : later * 86_400 + (findTime(cron, 0) ?? 0);
}

/** First matching day ≥ `from`. */
function findDay(cron: Cron, from: number): number | null {
  const start = civilFromDays(from);
  let { month, day } = start;
  for (let year = start.year; year <= lastYear; year++, month = 1, day = 1) {
    if (cron.years !== null && !cron.years.includes(year)) continue;
    for (month = nextBit(cron.months, month); month !== -1; month = nextBit(cron.months, month + 1)) {
      if (year === start.year && month !== start.month) day = 1;
      const found = nextBit(daysOfMonth(cron.days, year, month), day);
      if (found !== -1) return daysFromCivil(year, month, found);
    }
  }
  return null;
}

/** First matching second of a day ≥ `from`; null: none any more on that day. */
function findTime(cron: Cron, from: number): number | null {
  const fromHour = Math.floor(from / 3600);
  const fromMinute = Math.floor(from / 60) % 60;
  const firstSecond = nextOfSixty(cron.seconds, 0);
  const firstMinute = nextOfSixty(cron.minutes, 0);
  const hour = nextBit(cron.hours, fromHour);
  if (hour === -1) return null;
  if (hour > fromHour) return hour * 3600 + firstMinute * 60 + firstSecond;
  const minute = nextOfSixty(cron.minutes, fromMinute);
  if (minute === fromMinute) {
    const second = nextOfSixty(cron.seconds, from % 60);
    if (second !== -1) return hour * 3600 + minute * 60 + second;
  }
  const nextMinute = minute === fromMinute ? nextOfSixty(cron.minutes, fromMinute + 1) : minute;
  if (nextMinute !== -1) return hour * 3600 + nextMinute * 60 + firstSecond;
  const nextHour = nextBit(cron.hours, fromHour + 1);
  return nextHour === -1 ? null : nextHour * 3600 + firstMinute * 60 + firstSecond;
}

/** Lowest set bit ≥ `from`; -1: none. */
function nextBit(bits: number, from: number): number {
  const rest = from > 31 ? 0 : bits & (-1 << from);
  return rest === 0 ? -1 : 31 - Math.clz32(rest & -rest);
}

function nextOfSixty({ low, high }: Sixty, from: number): number {
  if (from < 30) {
    const found = nextBit(low, from);
    if (found !== -1) return found;
  }
  const found = nextBit(high, Math.max(0, from - 30));
  return found === -1 ? -1 : found + 30;
}
