// Between local times of zones and UTC, by java.time's rule for gaps and overlaps.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { findZone, localToUtc, utcToLocal, zoneAdvice } from '../../src/core/time/time-zone.ts';
import type { Zone } from '../../src/core/time/time-zone.ts';

function zoneOf(name: string): Zone {
  const zone = findZone(name);
  if (zone === null) throw new Error(`no zone ${name}`);
  return zone;
}

const toUtc = (zone: string, local: string): string =>
  new Date(localToUtc(zoneOf(zone), Date.parse(`${local}Z`))).toISOString();

const toLocal = (zone: string, instant: string): string =>
  new Date(utcToLocal(zoneOf(zone), Date.parse(instant))).toISOString().slice(0, 19);

it('reads fixed offsets and named zones, in winter and summer', () => {
  expect(toUtc('+08:00', '2026-01-01T08:00:00')).toBe('2026-01-01T00:00:00.000Z');
  expect(toUtc('Asia/Shanghai', '2026-01-01T08:00:00')).toBe('2026-01-01T00:00:00.000Z');
  expect(toUtc('Europe/Berlin', '2026-01-15T12:00:00')).toBe('2026-01-15T11:00:00.000Z');
  expect(toUtc('Europe/Berlin', '2026-07-15T12:00:00')).toBe('2026-07-15T10:00:00.000Z');
});

it('moves a skipped time forward by the gap, and takes the first of a repeated one', () => {
  expect(toUtc('Europe/Berlin', '2026-03-29T02:30:00')).toBe('2026-03-29T01:30:00.000Z');
  expect(toUtc('Europe/Berlin', '2026-10-25T02:30:00')).toBe('2026-10-25T00:30:00.000Z');
});

it('knows no zone that is none', () => {
  expect(findZone('Mars/Olympus')).toBeNull();
  expect(findZone('+19:00')).toBeNull();
});

it('reads UTC+8 and GMT+8 as offsets', () => {
  for (const name of ['UTC+8', 'GMT+8', 'utc+08', 'UTC+08:00', 'GMT+0800'])
    expect(toUtc(name, '2026-01-01T08:00:00')).toBe('2026-01-01T00:00:00.000Z');
  expect(toUtc('GMT-3:30', '2026-01-01T08:00:00')).toBe('2026-01-01T11:30:00.000Z');
  for (const name of ['UTC+19', 'UTC+8:60', 'UTC+', 'UTC8', 'CST+8']) expect(findZone(name)).toBeNull();
});

it.each(['CST', 'cst', 'EST', 'MST', 'HST', 'PST8PDT', 'CET', 'PRC', 'Japan', 'Singapore', 'GMT0'])(
  'knows no zone %s, though Intl may, and says what may be meant',
  (name) => {
    expect(findZone(name)).toBeNull();
    expect(zoneAdvice(name)).toMatch(/[A-Z][a-z]+\/[A-Z]/);
  },
);

it('advises only what it knows', () => {
  for (const name of ['CST', 'EST', 'IST', 'MST', 'CET', 'JAPAN', 'PRC'])
    for (const zone of zoneAdvice(name).match(/[A-Z]\w+\/\w+/g) ?? []) expect(findZone(zone)).not.toBeNull();
});

it('tells the local time of an instant, before time zones were made uniform too', () => {
  expect(toLocal('Asia/Shanghai', '2025-12-31T16:00:00Z')).toBe('2026-01-01T00:00:00');
  expect(toLocal('Asia/Shanghai', '1900-01-01T00:00:00Z')).toBe('1900-01-01T08:05:43');
  expect(toLocal('America/New_York', '2026-03-08T07:00:00Z')).toBe('2026-03-08T03:00:00');
});

it('gives every local time that exists back, and of a repeated one the first instant', () => {
  const zones = ['Asia/Shanghai', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', '-03:30'];
  const instants = fc.integer({ min: Date.UTC(1850, 0), max: Date.UTC(2050, 0) });
  fc.assert(
    fc.property(fc.constantFrom(...zones), instants, (name, at) => {
      const zone = zoneOf(name);
      const back = localToUtc(zone, utcToLocal(zone, at));
      expect(back).toBeLessThanOrEqual(at);
      expect(utcToLocal(zone, back)).toBe(utcToLocal(zone, at));
    }),
    { numRuns: 2000 },
  );
});
