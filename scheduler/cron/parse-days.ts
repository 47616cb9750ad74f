// The two day fields of a cron expression.
//
//   dom = '?' | item {',' item}   items also 'L' | 'L-' n | n 'W' | 'LW' | 'L-' n 'W'
//   dow = '?' | item {',' item}   also 'L' | n 'L' | n '#' 1…5, each once; in a list # is of the lowest day, as in Quartz
import type { CronField } from './cron-expression.ts';
import type { MonthRule, WeekRule } from './cron-days.ts';
import { itemsOf, readField } from './cron-field.ts';
import { badField } from './cron-problem.ts';

export interface ReadRule<Rule> {
  readonly rule: Rule;
  readonly ignored: readonly string[];
}

export function parseMonthDays(field: CronField, text: string): ReadRule<MonthRule> {
  const plain: string[] = [];
  const beforeLast: number[] = [];
  const nearWeekday: number[] = [];
  const nearWeekdayBeforeLast: number[] = [];
  const ignored: string[] = [];
  for (const item of itemsOf(field, text)) {
    const fromEnd = fromLast.exec(item)?.groups;
    const near = /^(?<n>\d+)W(?<rest>.*)$/.exec(item)?.groups;
    if (fromEnd !== undefined) {
      const n = Number(fromEnd['n'] ?? 0);
      if (n > 30) throw badField(field, text, 'after L- only 0 to 30');
      (fromEnd['w'] === 'W' ? nearWeekdayBeforeLast : beforeLast).push(n);
    } else if (near !== undefined) {
      nearWeekday.push(...readField(field, near['n'] ?? '').values);
      ignored.push(...restOf(field, text, near['rest']));
    } else plain.push(item);
  }
  const read = plain.length === 0 ? { values: [], ignored: [] } : readField(field, plain.join(','));
  const rule: MonthRule = {
    by: 'month',
    days: toBits(read.values),
    beforeLast,
    nearWeekday,
    nearWeekdayBeforeLast,
  };
  return { rule, ignored: [...ignored, ...read.ignored] };
}

/** L, L-3, LW, L-3W; Quartz reads L-W as LW. */
const fromLast = /^L(?:-(?<n>\d+)|-(?=W))?(?<w>W)?$/;

export function parseWeekdays(field: CronField, text: string): ReadRule<WeekRule> {
  const items = itemsOf(field, text);
  if (text.includes('L') && items.length > 1) throw badField(field, text, 'L stands alone, not in a list');
  if (text.split('#').length > 2) throw badField(field, text, 'only one # is allowed');
  const read = items.map((item) => readWeekday(field, text, item));
  const weekdays = read.reduce((bits, each) => bits | each.weekdays, 0);
  const which = read.find((each) => each.which !== null)?.which ?? null;
  const rule: WeekRule = {
    by: 'week',
    weekdays: typeof which === 'number' ? weekdays & -weekdays : weekdays,
    which,
  };
  return { rule, ignored: read.flatMap(({ ignored }) => ignored) };
}

interface ReadWeekday {
  readonly weekdays: number;
  readonly which: WeekRule['which'];
  readonly ignored: readonly string[];
}

function readWeekday(field: CronField, text: string, item: string): ReadWeekday {
  if (/^L(?:-\d*)?W?$/.test(item) && !field.strict)
    return { weekdays: 1 << 6, which: null, ignored: restOf(field, text, item.slice(1)) };
  const special = /^(?<day>[A-Z]{3}|\d+)(?:(?<last>L)(?<rest>.*)|#(?<nth>.*))$/.exec(item)?.groups;
  if (special === undefined) {
    const { values, ignored } = readField(field, item);
    return { weekdays: toWeekdays(field, values), which: null, ignored };
  }
  const { day = '', nth, rest } = special;
  if (nth !== undefined && !/^0*[1-5]$/.test(nth)) throw badField(field, text, 'after # only 1 to 5');
  return {
    weekdays: toWeekdays(field, readField(field, day).values),
    which: nth === undefined ? 'last' : Number(nth),
    ignored: restOf(field, text, rest),
  };
}

/** Bit 0 = Sunday, whichever number the dialect gives it. */
function toWeekdays({ min }: CronField, values: readonly number[]): number {
  return toBits(values.map((value) => (value - min) % 7));
}

function restOf(field: CronField, text: string, rest = ''): readonly string[] {
  if (rest === '') return [];
  if (field.strict) throw badField(field, text, `"${rest}" has no meaning`);
  return [rest];
}

export function toBits(values: readonly number[]): number {
  return values.reduce((bits, value) => bits | (1 << value), 0);
}
