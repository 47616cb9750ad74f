// The rules for moved clocks: against a plain walk over the wall clock that Intl shows, minute by minute, around edges; and in all
// IANA zones, each change of 2020 to 2040.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fireAfter } from '../../scheduler/schedule-fires.ts';
import { findZone, utcToLocal, type Zone } from '../../src/core/time/time-zone.ts';
import type { Segment } from '../../src/core/time/zone-offsets.ts';

const minute = 60_000;
const hour = 60 * minute;

type Gap = 'run' | 'skip';

interface Minute {
  readonly at: number;
  /** The wall clock's time as if it were UTC. */
  readonly wall: number;
}

/** The rule, word by word: what fires in these minutes. */
function firesByRule(
  walls: readonly Minute[],
  rule: { isNamed: (wall: number) => boolean; fixed: boolean; gap: Gap },
) {
  const { isNamed, fixed, gap } = rule;
  let shown = (walls[0]?.wall ?? 0) - minute;
  return walls.flatMap(({ at, wall }) => {
    const before = shown;
    shown = Math.max(shown, wall);
    if (!fixed) return isNamed(wall) ? [at] : [];
    // A fixed time fires when it is shown first.
    if (wall <= before) return [];
    let named = isNamed(wall);
    // What was left out between the minute before and this one fires now.
    for (let out = before + minute; gap === 'run' && out < wall; out += minute) named ||= isNamed(out);
    return named ? [at] : [];
  });
}

function firesOf(
  cron: string,
  timeZone: string,
  span: { from: number; to: number; gap: Gap },
): readonly number[] {
  const { from, to, gap } = span;
  const fires: number[] = [];
  let at = fireAfter({ cron, timeZone, gap }, from - 1);
  for (; at !== null && at < to; at = fireAfter({ cron, timeZone, gap }, at)) fires.push(at);
  return fires;
}

describe('around an edge, against the wall clock that Intl shows', () => {
  const edges: readonly (readonly [string, string])[] = [
    ['Europe/Berlin', '2026-03-29T01:00:00Z'],
    ['Europe/Berlin', '2026-10-25T01:00:00Z'],
    ['America/New_York', '2026-11-01T06:00:00Z'],
    ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
    ['Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
    ['Africa/Casablanca', '2026-02-15T02:00:00Z'],
    ['Africa/Casablanca', '2026-03-22T02:00:00Z'],
    ['America/St_Johns', '2026-11-01T04:30:00Z'],
    ['Pacific/Apia', '2011-12-30T10:00:00Z'],
    ['Asia/Shanghai', '2026-06-01T00:00:00Z'],
  ];

  it.each(edges)('follows the rule in %s around %s', (zone, edge) => {
    const from = Date.parse(edge) - 26 * hour;
    const walls = Array.from({ length: 52 * 60 }, (_, n) => ({
      at: from + n * minute,
      wall: wallByIntl(zone, from + n * minute),
    }));
    const span = { from: from + 2 * hour, to: from + 52 * hour };
    const hours = fc.oneof(fc.constant(null), fc.uniqueArray(fc.nat(23), { minLength: 1, maxLength: 23 }));
    const minutes = fc.uniqueArray(fc.nat(59), { minLength: 1, maxLength: 6 });
    const gaps = fc.constantFrom<Gap>('run', 'skip');
    fc.assert(
      fc.property(hours, minutes, gaps, fc.boolean(), (hourList, minuteList, gap, stepped) => {
        // A step makes an interval of the same times.
        const minuteField = minuteList.map((each) => (stepped ? `${each}-${each}/1` : String(each))).join();
        const cron = `0 ${minuteField} ${hourList?.join() ?? '*'} * * ?`;
        const isNamed = (wall: number): boolean => {
          const local = new Date(wall);
          return (
            minuteList.includes(local.getUTCMinutes()) && (hourList?.includes(local.getUTCHours()) ?? true)
          );
        };
        const fixed = !stepped && hourList !== null;
        const expected = firesByRule(walls, { isNamed, fixed, gap }).filter((at) => at >= span.from);
        expect(firesOf(cron, zone, { ...span, gap }), cron).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  const formats = new Map<string, Intl.DateTimeFormat>();
  function wallByIntl(timeZone: string, at: number): number {
    const options = { timeZone, dateStyle: 'short', timeStyle: 'medium', hourCycle: 'h23' } as const;
    const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', options);
    formats.set(timeZone, format);
    return Date.parse(`${format.format(at).replace(' ', 'T')}Z`);
  }
});

describe('in every zone there is, 2020 to 2040', () => {
  const zones = Intl.supportedValuesOf('timeZone').filter((name) => name.includes('/'));
  const span = { from: Date.UTC(2020, 0), to: Date.UTC(2041, 0), gap: 'run' as Gap };

  function zoneOf(name: string): Zone {
    const zone = findZone(name);
    if (zone === null) throw new Error(`no zone ${name}`);
    return zone;
  }

  /** The segments whose end moves the clock. */
  function changesOf(zone: Zone): readonly Segment[] {
    const changes: Segment[] = [];
    for (let at = span.from / 1000; at < span.to / 1000;) {
      const segment = zone.segmentAt(at);
      if (segment.offset !== segment.nextOffset) changes.push(segment);
      at = segment.end;
    }
    return changes;
  }

  it('a change is where Intl has it, to the second', () => {
    let checked = 0;
    const wrong: string[] = [];
    for (const name of zones) {
      const format = new Intl.DateTimeFormat('sv-SE', { timeZone: name, timeStyle: 'medium' });
      const clock = (at: number): string => new Date(at * 1000).toISOString().slice(11, 19);
      for (const { end, offset, nextOffset } of changesOf(zoneOf(name))) {
        const shown = [format.format((end - 1) * 1000), format.format(end * 1000)];
        if (shown[0] !== clock(end - 1 + offset) || shown[1] !== clock(end + nextOffset)) wrong.push(name);
        checked++;
      }
    }
    expect(wrong).toEqual([]);
    expect(checked).toBeGreaterThan(4_000);
  }, 60_000);

  it('a fixed time fires once a day, at its time or behind the gap that it lies in', () => {
    // Zones with the same changes are one.
    const distinct = new Map(zones.map((name) => [JSON.stringify(changesOf(zoneOf(name))), name]));
    for (const name of distinct.values()) {
      const zone = zoneOf(name);
      const fires = firesOf('0 30 2 * * ?', name, span);
      const odd = fires.filter((at) => utcToLocal(zone, at) % (24 * hour) !== 2.5 * hour);
      // Each local day has one: the first instant behind a gap is of the same day in all of them.
      const days = fires.map((at) => Math.floor(utcToLocal(zone, at) / (24 * hour)));
      expect(
        days.every((day, n) => n === 0 || day === (days[n - 1] ?? 0) + 1),
        name,
      ).toBe(true);
      for (const at of odd) {
        const { start, offset, previousOffset } = zone.segmentAt(at / 1000);
        expect(start * 1000, name).toBe(at);
        expect(offset, name).toBeGreaterThan(previousOffset);
      }
    }
  }, 60_000);

  it('each change follows the rule, fixed times and intervals, running and skipping', () => {
    for (const name of zones) {
      const zone = zoneOf(name);
      // One of each kind: all changes of a zone between the same two offsets at the same local time are alike.
      const kinds = new Map(
        changesOf(zone).map((change) => {
          const { offset, nextOffset, end } = change;
          return [`${offset} ${nextOffset} ${(end + offset) % 86_400}`, change] as const;
        }),
      );
      for (const { end } of kinds.values()) {
        const from = (end - 4 * 3600) * 1000;
        const walls = Array.from({ length: 8 * 60 }, (_, n) => {
          const at = from + n * minute;
          return { at, wall: utcToLocal(zone, at) };
        });
        const named = new Set([0, 20, 50]);
        const isNamed = (wall: number): boolean => named.has(new Date(wall).getUTCMinutes());
        for (const gap of ['run', 'skip'] as const) {
          const window = { from: from + hour, to: from + 8 * hour, gap };
          const after = (fires: readonly number[]): readonly number[] =>
            fires.filter((at) => at >= window.from);
          const interval = firesByRule(walls, { isNamed, fixed: false, gap });
          expect(firesOf('0 0,20,50 * * * ?', name, window), name).toEqual(after(interval));
          const evenly = (wall: number): boolean => isNamed(wall) && new Date(wall).getUTCHours() !== 12;
          const fixed = firesByRule(walls, { isNamed: evenly, fixed: true, gap });
          expect(firesOf('0 0,20,50 0-11,13-23 * * ?', name, window), name).toEqual(after(fixed));
        }
      }
    }
  }, 60_000);
});
