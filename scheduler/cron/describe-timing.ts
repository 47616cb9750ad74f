// A schedule in words, made of what its text was compiled to: they can't say anything else than what fires.
import { counted, type Text } from '../../src/core/text.ts';
import type { DayRule, MonthRule, WeekRule } from './cron-days.ts';
import type { Cron, Sixty, Timing } from './cron-expression.ts';
import {
  bitsOf,
  both,
  joinWords,
  listWords,
  ordinal,
  stepOf,
  unitWords,
  type Show,
  type Unit,
} from './value-words.ts';

/** `at 02:00, on Monday to Friday, in January` · `1 月，周一至周五，02:00` */
export function describeTiming(timing: Timing): Text {
  switch (timing.kind) {
    case 'cron':
      return describeCron(timing.cron);
    case 'rate':
      return durationWords(timing.seconds, (length) => both(`every ${length.en}`, `每隔 ${length.zh}`));
    case 'delay':
      return durationWords(timing.seconds, (length) =>
        both(`${length.en} after the end of the last run`, `上一次运行结束 ${length.zh}后`),
      );
  }
}

function describeCron(cron: Cron): Text {
  const date = oneDate(cron);
  const dates =
    date === null ? [dayWords(cron.days), monthWords(cron.months), yearWords(cron.years)] : [date];
  const said = [timeWords(cron), ...dates].filter((part) => part !== null);
  return both(
    said.map(({ en }) => en).join(', '),
    said
      .toReversed()
      .map(({ zh }) => zh)
      .join('，'),
  );
}

/** null: it names more than one. */
function oneDate({ days, months, years }: Cron): Text | null {
  const [day, ...moreDays] = days.by === 'month' ? bitsOf(days.days) : [];
  const [month, ...moreMonths] = bitsOf(months);
  const [year, ...moreYears] = years ?? [];
  const more =
    [...moreDays, ...moreMonths, ...moreYears].length > 0 || (days.by === 'month' && hasSpecials(days));
  if (more || year === undefined || month === undefined || day === undefined) return null;
  const date = [year, month, day].map((part) => String(part).padStart(2, '0')).join('-');
  return both(`on ${date}`, date);
}

function hasSpecials({ beforeLast, nearWeekday, nearWeekdayBeforeLast }: MonthRule): boolean {
  return beforeLast.length + nearWeekday.length + nearWeekdayBeforeLast.length > 0;
}

const maxClockTimes = 6;
const units = {
  second: { en: ['at', 'second'], zh: ['第 ', '秒', '秒'] },
  minute: { en: ['at', 'minute'], zh: ['第 ', '分钟', '分钟'] },
  hour: { en: ['in', 'hour'], zh: ['', '时', '小时'] },
  day: { en: ['', 'day'], zh: ['每月 ', '日', '天'] },
} as const satisfies Record<string, Unit>;

function timeWords({ seconds, minutes, hours }: Cron): Text {
  const [second, minute, hour] = [sixtyOf(seconds), sixtyOf(minutes), bitsOf(hours)];
  if (second.length * minute.length * hour.length <= maxClockTimes) return clockTimes(second, minute, hour);
  const onTheHour = second.length === 1 && second[0] === 0 && minute.length === 1 && minute[0] === 0;
  const evenHours = every(hour, 24);
  if (onTheHour && evenHours !== null) return everyWords(evenHours, units.hour);
  const parts: Text[] = [];
  if (second.length > 1 || second[0] !== 0) parts.push(sixtyWords(second, units.second));
  // Said by itself where seconds go evenly through all minutes.
  if (minute.length < 60 || parts.length === 0 || every(second, 60) === null)
    parts.push(sixtyWords(minute, units.minute));
  if (hour.length < 24) parts.push(unitWords(hour, units.hour));
  return both(
    parts.map(({ en }) => en).join(', '),
    parts
      .toReversed()
      .map(({ zh }) => zh)
      .join('，'),
  );
}

/** `every 5 minutes`, or `at minutes 3, 7`. */
function sixtyWords(values: readonly number[], unit: Unit): Text {
  const step = every(values, 60);
  return step === null ? unitWords(values, unit) : everyWords(step, unit);
}

function everyWords(step: number, { en: [, en], zh: [, , zh] }: Unit): Text {
  return step === 1 ? both(`every ${en}`, `每${zh}`) : both(`every ${step} ${en}s`, `每 ${step} ${zh}`);
}

/** The step of values that go evenly round from 0; null. */
function every(values: readonly number[], turn: number): number | null {
  const step = stepOf(values);
  return step !== null && values[0] === 0 && step * values.length === turn ? step : null;
}

function clockTimes(second: readonly number[], minute: readonly number[], hour: readonly number[]): Text {
  const withSeconds = second.some((value) => value !== 0);
  const two = (value: number): string => String(value).padStart(2, '0');
  const times = hour.flatMap((h) =>
    minute.flatMap((m) => second.map((s) => `${two(h)}:${two(m)}${withSeconds ? `:${two(s)}` : ''}`)),
  );
  return both(`at ${times.join(', ')}`, times.join('、'));
}

/** null: each day. */
function dayWords(rule: DayRule): Text | null {
  const on = ({ en, zh }: Text): Text => both(`on ${en}`, zh);
  switch (rule.by) {
    case 'month':
      return isEachDay(rule) ? null : on(monthDayWords(rule));
    case 'week':
      return rule.weekdays === 0x7f && rule.which === null ? null : on(weekdayWords(rule));
    case 'either':
      return on(joinWords([monthDayWords(rule.month), weekdayWords(rule.week)], [' or on ', '或']));
    case 'both':
      return on(joinWords([monthDayWords(rule.month), weekdayWords(rule.week)], [' that is also ', '且为']));
  }
}

function isEachDay({ days }: MonthRule): boolean {
  return days >>> 1 === 0x7fff_ffff;
}

function monthDayWords({ days, beforeLast, nearWeekday, nearWeekdayBeforeLast }: MonthRule): Text {
  const parts: Text[] = [];
  const plainDays = bitsOf(days);
  if (plainDays.length > 0) {
    const { en, zh } = unitWords(plainDays, units.day);
    parts.push(both(en.trim(), zh));
  }
  for (const n of beforeLast) parts.push(fromEnd(n));
  for (const n of nearWeekday) parts.push(both(`the weekday nearest day ${n}`, `离 ${n} 日最近的工作日`));
  for (const n of nearWeekdayBeforeLast)
    parts.push(
      n === 0
        ? both('the last weekday of the month', '每月最后一个工作日')
        : both(`the weekday nearest ${fromEnd(n).en}`, `离${fromEnd(n).zh}最近的工作日`),
    );
  return joinWords(parts, [' and ', '、']);
}

function fromEnd(n: number): Text {
  if (n === 0) return both('the last day of the month', '每月最后一天');
  return both(`the ${ordinal(n + 1)} last day of the month`, `每月倒数第 ${n + 1} 天`);
}

const weekdayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const weekdaySigns = '日一二三四五六';

/** Weeks begin on Monday in words. */
function weekdayWords({ weekdays, which }: WeekRule): Text {
  const fromMonday = bitsOf((weekdays >>> 1) | ((weekdays & 1) << 6));
  const show: Show = (value) =>
    both(weekdayNames[(value + 1) % 7] ?? '', `周${weekdaySigns.charAt((value + 1) % 7)}`);
  const day = listWords(fromMonday, show);
  if (which === null) return day;
  if (which === 'last') return both(`the last ${day.en} of the month`, `每月最后一个${day.zh}`);
  return both(`the ${ordinal(which)} ${day.en} of the month`, `每月第 ${which} 个${day.zh}`);
}

const monthNames = 'January February March April May June July August September October November December';

/** null: each month. */
function monthWords(months: number): Text | null {
  const values = bitsOf(months);
  if (values.length === 12) return null;
  const names = monthNames.split(' ');
  const words = listWords(values, (value) => both(names[value - 1] ?? '', `${value} 月`));
  return both(`in ${words.en}`, words.zh);
}

/** null: each year. */
function yearWords(years: Cron['years']): Text | null {
  if (years === null) return null;
  return unitWords(years, { en: ['in', 'year'], zh: ['', '年', '年'] });
}

function sixtyOf({ low, high }: Sixty): readonly number[] {
  return [...bitsOf(low), ...bitsOf(high, 30)];
}

/** `1 hour 30 minutes` · `1 小时 30 分钟` */
function durationWords(seconds: number, say: (length: Text) => Text): Text {
  const sizes = [
    [86_400, 'day', '天'],
    [3_600, 'hour', '小时'],
    [60, 'minute', '分钟'],
    [1, 'second', '秒'],
  ] as const;
  let rest = seconds;
  const parts = sizes.flatMap(([size, en, zh]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? [] : [both(counted(count, en), `${count} ${zh}`)];
  });
  return say(joinWords(parts, [' ', ' ']));
}
