// What a person is told of a schedule before it is saved: whether it ever fires, when, and in words.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { textOfDay, type CalendarSpec } from '../src/core/planning/calendar.ts';
import { SyncError } from '../src/core/errors.ts';
import type { Text } from '../src/core/text.ts';
import { localToUtc, utcToLocal, type Zone } from '../src/core/time/time-zone.ts';
import type { Cron } from './cron/cron-expression.ts';
import { describeTiming } from './cron/describe-timing.ts';
import { findWallTime } from './cron/find-wall-time.ts';
import { whyNever } from './cron/never-fires.ts';
import { closedBy, type ClosedDay } from './open-days.ts';
import { dayIn, fireAfter, firesBefore, timingOf, zoneOf, type When } from './schedule-fires.ts';

/** Closed days that are shown. */
const maxClosed = 100;

export interface ShownFire {
  /** ms since the epoch. */
  readonly at: number;
  readonly utc: string;
  /** In the schedule's zone, with its offset: `2026-03-29T03:00:00+02:00`. */
  readonly local: string;
  /** Why it is not at the time that the expression names; null. */
  readonly note: Text | null;
}

/** A day on which it would fire, and does not. */
export interface ShownClosedDay extends ClosedDay {
  /** `2027-02-06` */
  readonly date: string;
}

export interface Preview {
  readonly words: Text;
  readonly fires: readonly ShownFire[];
  /** Up to the last of `fires`, the first `maxClosed`. */
  readonly closed: readonly ShownClosedDay[];
  /** Newest first. */
  readonly previous: readonly ShownFire[];
  readonly notes: readonly Text[];
}

/** Throws BAD_INPUT naming `schedule.cron`, `.timeZone`, `.from` or `.until`: it can't be read, or never fires after `now`. */
export function requireFires(when: When, now: number): void {
  const timing = timingOf(when.cron);
  const zone = zoneOf(when.timeZone);
  if (fireAfter(when, now) !== null) return;
  const { calendars = [], ...everyDay } = when;
  const closed = calendars.length === 0 ? null : fireAfter(everyDay, now);
  if (closed !== null) throw allClosed(calendars, zone, closed);
  const unbounded = fireAfter({ cron: when.cron, timeZone: when.timeZone, gap: when.gap }, now);
  if (unbounded !== null && when.until !== undefined) {
    const message = `${JSON.stringify(when.until)} is before the next fire: it is due at ${new Date(unbounded).toISOString()}, or after schedule.from; write a later time, or leave until out`;
    throw new SyncError('BAD_INPUT', { message, field: 'schedule.until' });
  }
  if (timing.kind !== 'cron') return;
  const why = whyNever({
    cron: timing.cron,
    place: { zone, gap: when.gap },
    now,
    lastFire: () => firesBefore(when, now, 1)[0] ?? null,
  });
  if (why === null) return;
  throw new SyncError('BAD_INPUT', { message: `the cron expression ${why}`, field: 'schedule.cron' });
}

function allClosed(calendars: readonly CalendarSpec[], zone: Zone, fire: number): SyncError {
  const day = dayIn(zone, fire);
  const by = closedBy(calendars, day);
  const name = by?.name === null || by === null ? '' : ` (${by.name})`;
  const message = `none of the days on which it would fire is open: the next is ${textOfDay(day)}, which ${by?.calendar ?? ''} has closed${name}; take that calendar out, or change its days`;
  return new SyncError('BAD_INPUT', { message, field: 'schedule.calendars' });
}

/** Lets others have their turn after each fire: a hundred rare ones take a while. Throws as requireFires does. */
export async function previewSchedule(
  when: When,
  { now, count, previous }: { now: number; count: number; previous: number },
): Promise<Preview> {
  requireFires(when, now);
  const zone = zoneOf(when.timeZone);
  const timing = timingOf(when.cron);
  const show = (at: number): ShownFire => ({
    at,
    utc: isoSeconds(at, 0),
    local: isoSeconds(at, offsetAt(zone, at)),
    note: timing.kind === 'cron' ? noteOf(timing.cron, zone, at) : null,
  });
  // What follows the first run of a fixed delay depends on how long that takes.
  const limit = timing.kind === 'delay' ? 1 : count;
  const next = await take(limit, now, (at) => fireAfter(when, at));
  const before = await take(previous, now + 1, (at) => firesBefore(when, at - 1, 1)[0] ?? null);
  return {
    words: inWords(describeTiming(timing), when),
    fires: next.map(show),
    closed: await closedDays(when, { now, last: next.at(-1) ?? now }),
    previous: before.map(show),
    notes: notesOn(when),
  };
}

function inWords({ en, zh }: Text, { calendars = [] }: When): Text {
  if (calendars.length === 0) return { en, zh };
  const names = calendars.map(({ name }) => name);
  return {
    en: `${en}, on days that are open in ${names.join(' and ')}`,
    zh: `${zh}，仅限${names.join('、')}中开放的日期`,
  };
}

/** Of a fixed delay: none, for it is only put off. */
async function closedDays(
  when: When,
  { now, last }: { readonly now: number; readonly last: number },
): Promise<readonly ShownClosedDay[]> {
  const { calendars = [], ...everyDay } = when;
  if (calendars.length === 0 || timingOf(when.cron).kind === 'delay') return [];
  const zone = zoneOf(when.timeZone);
  const found: ShownClosedDay[] = [];
  const end = dayIn(zone, last);
  for (let day = dayIn(zone, now); day <= end && found.length < maxClosed; day += 1) {
    const by = closedBy(calendars, day);
    if (by === null) continue;
    const begin = Math.max(now, localToUtc(zone, day * 86_400_000) - 1);
    const fire = fireAfter(everyDay, begin);
    if (fire !== null && dayIn(zone, fire) === day) found.push({ date: textOfDay(day), ...by });
    await nextTurn();
  }
  return found;
}

/** Up to `count` fires, each found from the one before. */
async function take(
  count: number,
  start: number,
  find: (from: number) => number | null,
): Promise<readonly number[]> {
  const fires: number[] = [];
  while (fires.length < count) {
    const fire = find(fires.at(-1) ?? start);
    if (fire === null) break;
    fires.push(fire);
    await nextTurn();
  }
  return fires;
}

/** What in a schedule means less than it seems to. Throws BAD_INPUT for one that can't be read. */
export function notesOn({ cron }: Pick<When, 'cron'>): readonly Text[] {
  const timing = timingOf(cron);
  if (timing.kind !== 'cron' || timing.ignored.length === 0) return [];
  const ignored = timing.ignored.join('; ');
  const words = describeTiming(timing);
  return [
    {
      en: `As in Quartz, this part of the cron expression has no effect: ${ignored}. It fires ${words.en}.`,
      zh: `与 Quartz 一致，cron 表达式的以下部分不起作用：${ignored}。触发时间：${words.zh}。`,
    },
  ];
}

/** A fixed time that the zone's clock left out, or showed twice. */
function noteOf(cron: Cron, zone: Zone, at: number): Text | null {
  if (cron.interval) return null;
  const seconds = at / 1000;
  const local = utcToLocal(zone, at) / 1000;
  if (findWallTime(cron, local) !== local)
    return {
      en: 'The clock is put forward over the time that the expression names: it runs at the first instant after.',
      zh: '表达式所指的时间因时钟拨快而不存在：在其后的第一个时刻运行。',
    };
  const { end, offset, nextOffset } = zone.segmentAt(seconds);
  if (seconds < end + nextOffset - offset) return null;
  return {
    en: 'The clock is put back and shows this time twice: it runs at the first.',
    zh: '时钟拨慢，此时间会出现两次：仅在第一次运行。',
  };
}

function offsetAt(zone: Zone, at: number): number {
  return zone.segmentAt(at / 1000).offset;
}

function isoSeconds(at: number, offset: number): string {
  const text = new Date(at + offset * 1000).toISOString().slice(0, 19);
  if (offset === 0) return `${text}Z`;
  const minutes = Math.floor(Math.abs(offset) / 60);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${text}${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
