// One field of a cron expression: a list of values, ranges and steps.
import { badField } from './cron-problem.ts';
import type { CronField } from './cron-expression.ts';
import { lastYear } from './cron-expression.ts';

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const common = { names: [], wraps: true };

export const fields = {
  second: { ...common, position: 1, name: 'second', min: 0, max: 59, maxStep: 59, allowed: '0-59 , - * /' },
  minute: { ...common, position: 2, name: 'minute', min: 0, max: 59, maxStep: 59, allowed: '0-59 , - * /' },
  hour: { ...common, position: 3, name: 'hour', min: 0, max: 23, maxStep: 23, allowed: '0-23 , - * /' },
  month: {
    position: 5,
    name: 'month',
    min: 1,
    max: 12,
    names: months,
    wraps: true,
    maxStep: 12,
    allowed: '1-12 or JAN-DEC , - * /',
  },
} as const satisfies Record<string, CronField>;

export const dayOfMonth: CronField = {
  ...common,
  position: 4,
  name: 'day-of-month',
  min: 1,
  max: 31,
  maxStep: 31,
  allowed: '1-31 , - * / ? L W',
};

export const dayOfWeek: CronField = {
  position: 6,
  name: 'day-of-week',
  min: 1,
  max: 7,
  names: weekdays,
  wraps: true,
  maxStep: 7,
  allowed: '1-7 (1 = SUN) or SUN-SAT , - * / ? L #',
};

export const year: CronField = {
  position: 7,
  name: 'year',
  min: 1970,
  max: lastYear,
  names: [],
  wraps: false,
  maxStep: lastYear - 1970,
  allowed: `1970-${lastYear} , - * /`,
};

/** The values the field names, ascending, each once. Throws BAD_INPUT. */
export function parseField(field: CronField, text: string): readonly number[] {
  const values = text.split(',').flatMap((item) => parseItem(field, text, item));
  return [...new Set(values)].sort((a, b) => a - b);
}

function parseItem(field: CronField, text: string, item: string): readonly number[] {
  const [range = '', stepText, ...more] = item.split('/');
  if (item === '' || more.length > 0) throw badField(field, text, `"${item}" is not a value, range or step`);
  const step = stepText === undefined ? 1 : parseStep(field, text, stepText);
  if (range === '*' || (range === '' && stepText !== undefined))
    return walk(field, { from: field.min, to: field.max, step });
  const [first = '', last, ...rest] = range.split('-');
  if (rest.length > 0) throw badField(field, text, `"${range}" is not a range`);
  const from = parseValue(field, text, first);
  if (stepText !== undefined && isName(first)) throw badField(field, text, 'a name takes no step');
  if (last === undefined) return walk(field, { from, to: stepText === undefined ? from : field.max, step });
  if (isName(first) !== isName(last)) throw badField(field, text, `"${range}" mixes a name and a number`);
  const to = parseValue(field, text, last);
  if (to < from && !field.wraps) throw badField(field, text, `"${range}" runs backwards`);
  return walk(field, { from, to, step });
}

function walk(
  field: CronField,
  { from, to, step }: { from: number; to: number; step: number },
): readonly number[] {
  const size = field.max - field.min + 1;
  const end = to < from ? to + size : to;
  const values: number[] = [];
  for (let value = from; value <= end; value += step) values.push(value > field.max ? value - size : value);
  return values;
}

function parseStep(field: CronField, text: string, step: string): number {
  if (/^\d{1,4}$/.test(step) && Number(step) >= 1 && Number(step) <= field.maxStep) return Number(step);
  throw badField(field, text, `"/${step}" is not a step of 1 to ${field.maxStep}`);
}

function parseValue(field: CronField, text: string, value: string): number {
  const named = field.names.indexOf(value);
  if (named !== -1) return field.min + named;
  if (/^\d{1,4}$/.test(value) && Number(value) >= field.min && Number(value) <= field.max)
    return Number(value);
  throw badField(field, text, `"${value}" is not one of its values`);
}

function isName(value: string): boolean {
  return !/^\d/.test(value);
}
