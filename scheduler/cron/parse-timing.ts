// A schedule's text to what it means (case does not matter):
//
//   timing   = cron | '@yearly' | '@annually' | '@monthly' | '@weekly' | '@daily' | '@midnight' | '@hourly'
//            | '@every ' duration | '@delay ' duration | '@at ' date 'T' time
//   duration = n unit {n unit}      units d h m s, longest first; 1 s to 366 d
//   date     = YYYY-MM-DD           time = HH:MM[:SS], the schedule's zone's own
import { daysInMonth } from '../../src/core/time/civil-date.ts';
import { lastYear, type Timing } from './cron-expression.ts';
import { badCron } from './cron-problem.ts';
import { parseCron, type CronTiming } from './parse-cron.ts';

const maxLength = 120;
const maxSeconds = 366 * 86_400;

const names: Readonly<Record<string, string>> = {
  '@yearly': '0 0 0 1 1 ?',
  '@annually': '0 0 0 1 1 ?',
  '@monthly': '0 0 0 1 * ?',
  '@weekly': '0 0 0 ? * SUN',
  '@daily': '0 0 0 * * ?',
  '@midnight': '0 0 0 * * ?',
  '@hourly': '0 0 * * * ?',
};

/** Called before a job is saved and by the scheduler. Throws BAD_INPUT that says what is wrong and shows what is right. */
export function parseTiming(text: string): Timing {
  if (text.length > maxLength)
    throw badCron(`has ${text.length} characters, at most ${maxLength} are allowed`);
  const trimmed = text.trim();
  if (!trimmed.startsWith('@')) return parseCron(text);
  const [word = '', argument = ''] = trimmed.toLowerCase().split(/[ \t]+(.*)/s);
  const named = names[word];
  if (named !== undefined && argument === '') return parseCron(named);
  switch (word) {
    case '@every':
      return { kind: 'rate', seconds: parseDuration(word, argument) };
    case '@delay':
      return { kind: 'delay', seconds: parseDuration(word, argument) };
    case '@at':
      return parseInstant(argument);
    default:
      throw badCron(
        `begins with "${word}${argument === '' ? '' : ' …'}"; right are ${Object.keys(names).join(', ')}, @every 90s, @delay 90s, @at 2027-01-31T02:00`,
      );
  }
}

function parseDuration(word: string, text: string): number {
  const parts = /^(?=.)(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?$/.exec(text);
  const [days, hours, minutes, seconds] = (parts ?? [])
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0));
  const sum = (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0);
  if (parts !== null && sum >= 1 && sum <= maxSeconds) return sum;
  throw badCron(
    `has after ${word} no duration of 1 second to 366 days: "${text}"; right is for example ${word} 90s, ${word} 1h30m or ${word} 1d`,
  );
}

/** One wall time: what happens to it where the clock is moved is cron's rule for fixed times. */
function parseInstant(text: string): CronTiming {
  const parts = /^(\d{4})-(\d\d)-(\d\d)t(\d\d):(\d\d)(?::(\d\d))?$/.exec(text);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = (parts ?? [])
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0));
  const exists =
    parts !== null &&
    year >= 1970 &&
    year <= lastYear &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysInMonth(year, month) &&
    hour < 24 &&
    minute < 60 &&
    second < 60;
  if (exists) return parseCron(`${second} ${minute} ${hour} ${day} ${month} ? ${year}`);
  throw badCron(
    `has after @at no date and time of the schedule's own zone: "${text}"; right is for example @at 2027-01-31T02:00 (the zone stands in timeZone)`,
  );
}
