// Text to Cron. Grammar (case does not matter):
//
//   cron   = second ' ' minute ' ' hour ' ' dom ' ' month ' ' dow [' ' year]        exactly one of dom, dow is '?'
//   field  = item {',' item}            item = ('*' | n | n '-' n) ['/' step] | '/' step
//   dom    = field | '?', items also 'L' | 'L-' n | n 'W' | 'LW' | 'L-' n 'W'
//   month  = field, n also JAN … DEC    dow = field | '?' | 'L' | n 'L' | n '#' 1…5, n also SUN … SAT
//
// A range may wrap (22-2, FRI-MON), not in year. `n/step` runs from n to the field's end.
import type { Cron, Sixty } from './cron-expression.ts';
import type { DayRule } from './cron-days.ts';
import { dayOfMonth, dayOfWeek, fields, parseField, year } from './cron-field.ts';
import { badCron, badField } from './cron-problem.ts';
import { findWallTime } from './find-wall-time.ts';

const maxLength = 120;

/** Called before a job is saved and by the scheduler. Throws BAD_INPUT naming the field, its value and what is allowed. */
export function parseCron(text: string): Cron {
  if (text.length > maxLength)
    throw badCron(`has ${text.length} characters, at most ${maxLength} are allowed`);
  const parts = text
    .trim()
    .toUpperCase()
    .split(/[ \t]+/);
  if (parts.length < 6 || parts.length > 7)
    throw badCron(`has ${text.trim() === '' ? 0 : parts.length} fields, 6 or 7 are needed: ${order}`);
  const [seconds, minutes, hours, dom = '', months, dow = '', years] = parts as [string, ...string[]];
  const cron: Cron = {
    seconds: toSixty(parseField(fields.second, seconds)),
    minutes: toSixty(parseField(fields.minute, minutes ?? '')),
    hours: toBits(parseField(fields.hour, hours ?? '')),
    days: parseDays(dom, dow),
    months: toBits(parseField(fields.month, months ?? '')),
    years: years === undefined || years === '*' ? null : parseField(year, years),
  };
  if (findWallTime(cron, 0) === null) throw badCron('never fires: no month has such a day');
  return cron;
}

const order = 'second minute hour day-of-month month day-of-week [year]';

function parseDays(dom: string, dow: string): DayRule {
  if ((dom === '?') === (dow === '?'))
    throw badField(
      dom === '?' ? dayOfWeek : dayOfMonth,
      dom === '?' ? dow : dom,
      'exactly one of day-of-month and day-of-week must be ?',
    );
  return dom === '?' ? parseWeekdays(dow) : parseMonthDays(dom);
}

function parseWeekdays(text: string): DayRule {
  if (text === 'L') return { by: 'week', weekdays: 1 << 6, which: null };
  const special = /^(?<day>[A-Z]+|\d+)(?:(?<last>L)|#(?<nth>\d+))$/.exec(text)?.groups;
  if (special === undefined)
    return { by: 'week', weekdays: toBits(parseField(dayOfWeek, text)) >>> 1, which: null };
  const { day = '', nth } = special;
  if (nth !== undefined && !/^[1-5]$/.test(nth)) throw badField(dayOfWeek, text, 'after # only 1 to 5');
  return {
    by: 'week',
    weekdays: toBits(parseField(dayOfWeek, day)) >>> 1,
    which: nth === undefined ? 'last' : Number(nth),
  };
}

function parseMonthDays(text: string): DayRule {
  const plain: string[] = [];
  const beforeLast: number[] = [];
  const nearWeekday: number[] = [];
  const nearWeekdayBeforeLast: number[] = [];
  for (const item of text.split(',')) {
    const fromEnd = /^L(?:-(?<n>\d+))?(?<w>W?)$/.exec(item)?.groups;
    const near = /^(?<n>\d+)W$/.exec(item)?.groups;
    if (fromEnd !== undefined) {
      const n = Number(fromEnd['n'] ?? 0);
      if (n > 30) throw badField(dayOfMonth, text, 'after L- only 0 to 30');
      (fromEnd['w'] === 'W' ? nearWeekdayBeforeLast : beforeLast).push(n);
    } else if (near !== undefined) {
      nearWeekday.push(...parseField(dayOfMonth, near['n'] ?? ''));
    } else {
      plain.push(item);
    }
  }
  const days = plain.length === 0 ? 0 : toBits(parseField(dayOfMonth, plain.join(',')));
  return { by: 'month', days, beforeLast, nearWeekday, nearWeekdayBeforeLast };
}

function toBits(values: readonly number[]): number {
  return values.reduce((bits, value) => bits | (1 << value), 0);
}

function toSixty(values: readonly number[]): Sixty {
  return {
    low: toBits(values.filter((value) => value < 30)),
    high: toBits(values.filter((value) => value >= 30).map((value) => value - 30)),
  };
}
