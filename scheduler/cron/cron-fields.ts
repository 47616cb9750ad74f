// The fields of both dialects of cron.
import type { CronField } from './cron-expression.ts';
import { lastYear } from './cron-expression.ts';

const monthNames = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const weekdayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const sixty = { min: 0, max: 59, openEnd: 59, names: [], turn: 60, maxStep: 59, allowed: '0-59 , - * /' };

export interface CronFields {
  readonly second: CronField;
  readonly minute: CronField;
  readonly hour: CronField;
  readonly dayOfMonth: CronField;
  readonly month: CronField;
  readonly dayOfWeek: CronField;
  readonly year: CronField;
}

/** second minute hour day-of-month month day-of-week [year]; 1 = SUN. */
export const quartz: CronFields = {
  second: { ...sixty, position: 1, name: 'second', strict: false, example: '0/15' },
  minute: { ...sixty, position: 2, name: 'minute', strict: false, example: '0/15' },
  hour: {
    position: 3,
    name: 'hour',
    min: 0,
    max: 23,
    openEnd: 23,
    names: [],
    turn: 24,
    maxStep: 23,
    strict: false,
    allowed: '0-23 , - * /',
    example: '8-18',
  },
  dayOfMonth: {
    position: 4,
    name: 'day-of-month',
    min: 1,
    max: 31,
    openEnd: 31,
    names: [],
    turn: 31,
    maxStep: 31,
    strict: false,
    allowed: '1-31 , - * / ? L W',
    example: '1,15',
  },
  month: {
    position: 5,
    name: 'month',
    min: 1,
    max: 12,
    openEnd: 12,
    names: monthNames,
    turn: 12,
    maxStep: 12,
    strict: false,
    allowed: '1-12 or JAN-DEC , - * /',
    example: 'JAN-MAR',
  },
  dayOfWeek: {
    position: 6,
    name: 'day-of-week',
    min: 1,
    max: 7,
    openEnd: 7,
    names: weekdayNames,
    turn: 7,
    maxStep: 7,
    strict: false,
    allowed: '1-7 (1 = SUN) or SUN-SAT , - * / ? L #',
    example: 'MON-FRI',
  },
  year: {
    position: 7,
    name: 'year',
    min: 1970,
    max: lastYear,
    openEnd: lastYear,
    names: [],
    turn: null,
    maxStep: lastYear - 1970,
    strict: false,
    allowed: `1970-${lastYear} , - * /`,
    example: '2027-2030',
  },
};

/** minute hour day-of-month month day-of-week; 0 and 7 = SUN. What has no meaning is refused: no one relies on its being ignored. */
export const unix: CronFields = {
  second: { ...quartz.second, strict: true },
  minute: { ...quartz.minute, strict: true, position: 1, example: '*/15' },
  hour: { ...quartz.hour, strict: true, position: 2 },
  dayOfMonth: { ...quartz.dayOfMonth, strict: true, position: 3 },
  month: { ...quartz.month, strict: true, position: 4 },
  dayOfWeek: {
    ...quartz.dayOfWeek,
    strict: true,
    position: 5,
    min: 0,
    openEnd: 6,
    allowed: '0-7 (0 and 7 = SUN) or SUN-SAT , - * / ? L #',
  },
  year: { ...quartz.year, strict: true },
};
