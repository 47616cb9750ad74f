// Which days of a month a cron expression names, as a bit mask (bit 1 = the first).
import { daysFromCivil, daysInMonth, weekdayOfDay } from '../../src/core/time/civil-date.ts';

export interface MonthRule {
  readonly by: 'month';
  /** Bits 1–31. */
  readonly days: number;
  /** n of each `L-n`; 0 for `L`. */
  readonly beforeLast: readonly number[];
  /** n of each `nW`: the weekday (Mon–Fri) nearest to day n, inside the month. */
  readonly nearWeekday: readonly number[];
  /** n of each `L-nW`; 0 for `LW`. */
  readonly nearWeekdayBeforeLast: readonly number[];
}

export interface WeekRule {
  readonly by: 'week';
  /** Bits 0 (Sunday) – 6 (Saturday). */
  readonly weekdays: number;
  /** `#k`: only the k-th of the month; `L`: only the last; null: each. */
  readonly which: number | 'last' | null;
}

/** Of Unix cron: both day fields say something. */
export interface TwoRules {
  readonly by: 'either' | 'both';
  readonly month: MonthRule;
  readonly week: WeekRule;
}

export type DayRule = MonthRule | WeekRule | TwoRules;

export function daysOfMonth(rule: DayRule, year: number, month: number): number {
  const length = daysInMonth(year, month);
  const first = weekdayOfDay(daysFromCivil(year, month, 1));
  const exists = length === 31 ? ~1 : ((1 << (length + 1)) - 1) & ~1;
  return byRule(rule, first, length) & exists;
}

function byRule(rule: DayRule, first: number, length: number): number {
  switch (rule.by) {
    case 'week':
      return byWeek(rule, first, length);
    case 'month':
      return byMonth(rule, first, length);
    case 'either':
      return byMonth(rule.month, first, length) | byWeek(rule.week, first, length);
    case 'both':
      return byMonth(rule.month, first, length) & byWeek(rule.week, first, length);
  }
}

function byWeek({ weekdays, which }: WeekRule, first: number, length: number): number {
  // Bit 0: the weekday of the first of the month.
  const turned = (weekdays >>> first) | (weekdays << (7 - first));
  const week = turned & 0x7f;
  if (typeof which === 'number') return week << (1 + 7 * (which - 1));
  let days = (week << 1) | (week << 8) | (week << 15) | (week << 22) | (week << 29);
  if (which === 'last') days &= -1 << (length - 6);
  return days;
}

function byMonth(rule: MonthRule, first: number, length: number): number {
  let days = rule.days;
  for (const n of rule.beforeLast) days |= bit(length - n);
  for (const n of rule.nearWeekday) days |= bit(nearestWeekday(n, first, length));
  for (const n of rule.nearWeekdayBeforeLast) days |= bit(nearestWeekday(length - n, first, length));
  return days;
}

/** 0 for a day before the first. */
function bit(day: number): number {
  return day < 1 ? 0 : 1 << day;
}

/** 0 when the month has no such day. */
function nearestWeekday(day: number, first: number, length: number): number {
  if (day < 1 || day > length) return 0;
  switch ((first + day - 1) % 7) {
    case 6:
      return day === 1 ? 3 : day - 1;
    case 0:
      return day === length ? day - 2 : day + 1;
    default:
      return day;
  }
}
