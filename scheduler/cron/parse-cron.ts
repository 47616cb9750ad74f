// Text to Cron, in two dialects told apart by the number of fields (case does not matter):
//
//   Quartz   second minute hour dom month dow [year]     exactly one of dom, dow is '?'; 1 = SUN
//   Unix     minute hour dom month dow                   '*' and '?' are the same; 0 and 7 = SUN. Both days say something: either
//                                                        will do, but where one begins with '*' both must hold, as in Vixie's cron
//
// A range may wrap (22-2, FRI-MON), not in year. `n/step` runs from n to the field's end.
import { counted } from '../../src/core/text.ts';
import type { Cron, CronField, Sixty, Timing } from './cron-expression.ts';
import type { DayRule } from './cron-days.ts';
import { readField, type ReadField } from './cron-field.ts';
import { quartz, unix } from './cron-fields.ts';
import { badCron, badField } from './cron-problem.ts';
import { parseMonthDays, parseWeekdays, toBits, type ReadRule } from './parse-days.ts';

export type CronTiming = Timing & { kind: 'cron' };

const allHours = 0xff_ffff;
const sixtyBits = 0x3fff_ffff;

/** Throws BAD_INPUT naming the field, its value and what is allowed. */
export function parseCron(text: string): CronTiming {
  const parts = text
    .trim()
    .toUpperCase()
    .split(/[ \t]+/);
  if (parts.length === 5) return parseUnix(parts);
  if (parts.length === 6 || parts.length === 7) return parseQuartz(parts);
  const count = text.trim() === '' ? 0 : parts.length;
  throw badCron(
    `has ${counted(count, 'field')}; right are 5 (minute hour day month weekday), for example 0 2 * * 1-5, or 6 to 7 (second minute hour day-of-month month day-of-week [year]), for example 0 0 2 ? * MON-FRI`,
  );
}

function parseQuartz(parts: readonly string[]): CronTiming {
  const [second = '', minute = '', hour = '', dom = '', month = '', dow = '', year = '*'] = parts;
  const ignored: string[] = [];
  const read = (field: CronField, text: string): ReadField => {
    const found = readField(field, text);
    ignored.push(...tell(field, found.ignored));
    return found;
  };
  const times = toTimes(read(quartz.second, second), read(quartz.minute, minute), read(quartz.hour, hour));
  const days = parseQuartzDays(parts, dom, dow);
  ignored.push(...tell(dom === '?' ? quartz.dayOfWeek : quartz.dayOfMonth, days.ignored));
  const months = toBits(read(quartz.month, month).values);
  const years = /^\*/.test(year) && !year.includes('/') ? null : read(quartz.year, year).values;
  return { kind: 'cron', cron: { ...times, days: days.rule, months, years }, ignored };
}

function parseQuartzDays(parts: readonly string[], dom: string, dow: string): ReadRule<DayRule> {
  if (dom === '?' && dow !== '?') return parseWeekdays(quartz.dayOfWeek, dow);
  if (dow === '?' && dom !== '?') return parseMonthDays(quartz.dayOfMonth, dom);
  const [field, value] = dom === '?' ? [quartz.dayOfWeek, dow] : [quartz.dayOfMonth, dom];
  const right = [...parts];
  // Of the two, the one that says less gives way.
  if (dom === '?') right[5] = '*';
  else right[dow === '*' ? 5 : 3] = '?';
  throw badField(
    { ...field, example: right.join(' ') },
    value,
    'exactly one of day-of-month and day-of-week must be ?',
  );
}

function parseUnix(parts: readonly string[]): CronTiming {
  const [minute = '', hour = '', dom = '', month = '', dow = ''] = parts;
  const second: ReadField = { values: [0], stepped: false, ignored: [] };
  const cron: Cron = {
    ...toTimes(second, readField(unix.minute, minute), readField(unix.hour, hour)),
    days: parseUnixDays(dom, dow),
    months: toBits(readField(unix.month, month).values),
    years: null,
  };
  return { kind: 'cron', cron, ignored: [] };
}

function parseUnixDays(dom: string, dow: string): DayRule {
  const isAny = (text: string): boolean => text === '*' || text === '?';
  if (isAny(dow)) return parseMonthDays(unix.dayOfMonth, isAny(dom) ? '*' : dom).rule;
  const week = parseWeekdays(unix.dayOfWeek, dow).rule;
  if (isAny(dom)) return week;
  const month = parseMonthDays(unix.dayOfMonth, dom).rule;
  return { by: dom.startsWith('*') || dow.startsWith('*') ? 'both' : 'either', month, week };
}

function toTimes(
  second: ReadField,
  minute: ReadField,
  hour: ReadField,
): Pick<Cron, 'seconds' | 'minutes' | 'hours' | 'interval'> {
  const [seconds, minutes, hours] = [toSixty(second.values), toSixty(minute.values), toBits(hour.values)];
  const interval =
    [second, minute, hour].some(({ stepped }) => stepped) ||
    isFull(seconds) ||
    isFull(minutes) ||
    hours === allHours;
  return { seconds, minutes, hours, interval };
}

function isFull({ low, high }: Sixty): boolean {
  return low === sixtyBits && high === sixtyBits;
}

function toSixty(values: readonly number[]): Sixty {
  return {
    low: toBits(values.filter((value) => value < 30)),
    high: toBits(values.filter((value) => value >= 30).map((value) => value - 30)),
  };
}

function tell({ position, name }: CronField, ignored: readonly string[]): readonly string[] {
  return ignored.map((text) => `field ${position} (${name}): "${text}"`);
}
