// Next fires and refusals of the cron engine; the zones' edges against a plain scan of the wall clock.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextFire, parseCron } from '../../scheduler/cron/cron.ts';
import { SyncError } from '../../src/core/errors.ts';

function next(text: string, zone: string, from: string, count = 1): readonly string[] {
  const cron = parseCron(text);
  const found: string[] = [];
  let at = nextFire(cron, zone, Date.parse(from));
  while (at !== null && found.length < count) {
    found.push(new Date(at).toISOString().replace('.000Z', 'Z'));
    at = nextFire(cron, zone, at);
  }
  return found;
}

function problem(text: string): string {
  try {
    parseCron(text);
  } catch (error) {
    if (error instanceof SyncError && error.code === 'BAD_INPUT' && error.field === 'schedule.cron')
      return error.message;
    throw error;
  }
  throw new Error(`${text} was accepted`);
}

describe('next fire', () => {
  it('is strictly after the instant, in whole seconds', () => {
    expect(next('0 0 12 * * ?', 'UTC', '2026-01-01T12:00:00Z')).toEqual(['2026-01-02T12:00:00Z']);
    expect(next('0 0 12 * * ?', 'UTC', '2026-01-01T11:59:59.999Z')).toEqual(['2026-01-01T12:00:00Z']);
  });

  it('counts Sunday as 1', () => {
    expect(next('0 0 0 ? * 1', 'UTC', '2026-06-03T00:00:00Z')).toEqual(['2026-06-07T00:00:00Z']);
    expect(next('0 0 0 ? * 6L', 'UTC', '2026-06-03T00:00:00Z')).toEqual(['2026-06-26T00:00:00Z']);
    expect(next('0 0 0 ? * 2#1', 'UTC', '2026-06-03T00:00:00Z')).toEqual(['2026-07-06T00:00:00Z']);
  });

  it('finds last days, nearest weekdays and days before the last', () => {
    expect(next('0 0 0 L * ?', 'UTC', '2028-02-01T00:00:00Z', 2)).toEqual([
      '2028-02-29T00:00:00Z',
      '2028-03-31T00:00:00Z',
    ]);
    expect(next('0 0 0 L-3 * ?', 'UTC', '2026-02-01T00:00:00Z')).toEqual(['2026-02-25T00:00:00Z']);
    expect(next('0 0 0 LW * ?', 'UTC', '2026-05-01T00:00:00Z')).toEqual(['2026-05-29T00:00:00Z']);
    expect(next('0 0 0 1W * ?', 'UTC', '2026-07-30T00:00:00Z')).toEqual(['2026-08-03T00:00:00Z']);
    expect(next('0 0 */8 LW * ?', 'UTC', '2026-05-01T00:00:00Z', 3)).toEqual([
      '2026-05-29T00:00:00Z',
      '2026-05-29T08:00:00Z',
      '2026-05-29T16:00:00Z',
    ]);
  });

  it('knows leap days, the turn of the year and the end of a year list', () => {
    expect(next('0 0 0 29 2 ?', 'UTC', '2026-01-01T00:00:00Z', 2)).toEqual([
      '2028-02-29T00:00:00Z',
      '2032-02-29T00:00:00Z',
    ]);
    expect(next('0 0 0 29 2 ?', 'UTC', '2096-03-01T00:00:00Z')).toEqual(['2104-02-29T00:00:00Z']);
    expect(next('59 59 23 31 12 ?', 'Asia/Shanghai', '2026-12-31T15:59:58Z', 2)).toEqual([
      '2026-12-31T15:59:59Z',
      '2027-12-31T15:59:59Z',
    ]);
    expect(next('0 0 0 1 1 ? 2027', 'UTC', '2027-01-01T00:00:00Z')).toEqual([]);
  });

  it('skips wall times that a clock moved forward does not show', () => {
    expect(next('0 30 2 * * ?', 'Europe/Berlin', '2026-03-28T12:00:00Z')).toEqual(['2026-03-30T00:30:00Z']);
    expect(next('0 0 3 * * ?', 'Europe/Berlin', '2026-03-28T12:00:00Z')).toEqual(['2026-03-29T01:00:00Z']);
    expect(next('0 0 * * * ?', 'Europe/Berlin', '2026-03-29T00:30:00Z', 2)).toEqual([
      '2026-03-29T01:00:00Z',
      '2026-03-29T02:00:00Z',
    ]);
  });

  it('fires a fixed time once where the clock is moved back, and an hourly one in every hour', () => {
    expect(next('0 30 2 * * ?', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T01:30:00Z',
      '2026-10-26T01:30:00Z',
    ]);
    expect(next('0 0 * * * ?', 'Europe/Berlin', '2026-10-24T22:30:00Z', 4)).toEqual([
      '2026-10-24T23:00:00Z',
      '2026-10-25T00:00:00Z',
      '2026-10-25T01:00:00Z',
      '2026-10-25T02:00:00Z',
    ]);
  });

  it('crosses a day that a zone left out', () => {
    expect(next('0 0 12 * * ?', 'Pacific/Apia', '2011-12-29T12:00:00Z', 3)).toEqual([
      '2011-12-29T22:00:00Z',
      '2011-12-30T22:00:00Z',
      '2011-12-31T22:00:00Z',
    ]);
  });

  it('refuses a zone that does not exist', () => {
    expect(() => nextFire(parseCron('0 0 0 * * ?'), 'Mars/Olympus', 0)).toThrow(/Mars\/Olympus/);
  });
});

describe('against a plain scan of the wall clock', () => {
  const edges: readonly (readonly [string, string])[] = [
    ['Europe/Berlin', '2026-03-29T01:00:00Z'],
    ['Europe/Berlin', '2026-10-25T01:00:00Z'],
    ['America/New_York', '2026-11-01T06:00:00Z'],
    ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
    ['Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
    ['Africa/Casablanca', '2026-02-15T02:00:00Z'],
    ['Africa/Casablanca', '2026-03-22T02:00:00Z'],
    ['America/St_Johns', '2026-11-01T04:30:00Z'],
    ['Asia/Shanghai', '2026-06-01T00:00:00Z'],
  ];
  const minute = 60_000;

  it.each(edges)('agrees in %s around %s', (zone, edge) => {
    const start = Date.parse(edge) - 26 * 60 * minute;
    const format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      hour: 'numeric',
      minute: 'numeric',
    });
    const walls = Array.from({ length: 52 * 60 }, (_, n) => {
      const at = start + n * minute;
      const [hour = 0, min = 0] = format.format(at).split(':').map(Number);
      return { at, hour, min };
    });
    const day = 24 * 60;
    const isRepeatedLater = (n: number): boolean =>
      walls
        .slice(n + 1, n + day / 2)
        .some(({ hour, min }) => hour === walls[n]?.hour && min === walls[n].min);
    const hours = fc.oneof(fc.constant(null), fc.uniqueArray(fc.nat(23), { minLength: 1, maxLength: 23 }));
    const minutes = fc.uniqueArray(fc.nat(59), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(hours, minutes, fc.nat(walls.length - 1), (hourList, minuteList, from) => {
        const cron = parseCron(`0 ${minuteList.join()} ${hourList === null ? '*' : hourList.join()} * * ?`);
        const expected = walls.find(
          ({ at, hour, min }, n) =>
            n > from &&
            at > (walls[from]?.at ?? 0) &&
            minuteList.includes(min) &&
            (hourList === null || (hourList.includes(hour) && !isRepeatedLater(n))),
        );
        const found = nextFire(cron, zone, walls[from]?.at ?? 0);
        if (expected === undefined) expect(found).toBeGreaterThanOrEqual(walls.at(-1)?.at ?? 0);
        else expect(found).toBe(expected.at);
      }),
      { numRuns: 150 },
    );
  });
});

describe('in every zone there is', () => {
  const zones = Intl.supportedValuesOf('timeZone');
  const year = { from: Date.UTC(2026, 0), to: Date.UTC(2027, 0) };
  const firesOf = (text: string, zone: string): readonly number[] => {
    const cron = parseCron(text);
    const fires: number[] = [];
    for (
      let at = nextFire(cron, zone, year.from - 1);
      at !== null && at < year.to;
      at = nextFire(cron, zone, at)
    )
      fires.push(at);
    return fires;
  };

  it('a daily fire shows its own wall time, at most once a day, and every day but those that lack it', () => {
    for (const zone of zones) {
      const format = new Intl.DateTimeFormat('en-CA', {
        timeZone: zone,
        dateStyle: 'short',
        timeStyle: 'medium',
        hourCycle: 'h23',
      });
      const walls = firesOf('0 30 2 * * ?', zone).map((at) => format.format(at));
      expect(walls.filter((wall) => !wall.endsWith('02:30:00'))).toEqual([]);
      expect(new Set(walls).size).toBe(walls.length);
      expect(walls.length, zone).toBeGreaterThanOrEqual(363);
    }
  }, 60_000);

  it('an hourly fire comes an hour after the last one, but where the clock moves by a part of an hour', () => {
    for (const zone of zones) {
      const fires = firesOf('0 0 * * * ?', zone);
      const odd = fires.filter((at, n) => n > 0 && at - (fires[n - 1] ?? 0) !== 3_600_000);
      expect(odd.length, zone).toBe(zone === 'Australia/Lord_Howe' ? 2 : 0);
    }
  }, 60_000);
});

describe('a refusal', () => {
  it('names the field, its value, why and what is allowed', () => {
    expect(problem('0 0 24 * * ?')).toBe(
      'the cron expression is wrong in field 3 (hour) "24": "24" is not one of its values; allowed: 0-23 , - * /',
    );
    expect(problem('0 0/60 0 * * ?')).toContain('field 2 (minute) "0/60": "/60" is not a step of 1 to 59');
    expect(problem('0 0 0 ? * 2#6')).toContain('field 6 (day-of-week) "2#6": after # only 1 to 5');
    expect(problem('0 0 0 ? * MON-6')).toContain('mixes a name and a number');
    expect(problem('0 0 0 * * ? 2030-2027')).toContain(
      'field 7 (year) "2030-2027": "2030-2027" runs backwards',
    );
    expect(problem('0 0 0 L-31 * ?')).toContain('field 4 (day-of-month) "L-31"');
  });

  it('says how many fields are needed', () => {
    expect(problem('0 0 * * *')).toContain('has 5 fields, 6 or 7 are needed');
    expect(problem('')).toContain('has 0 fields');
  });

  it('demands exactly one question mark', () => {
    expect(problem('0 0 0 * * *')).toContain('exactly one of day-of-month and day-of-week must be ?');
    expect(problem('0 0 0 ? * ?')).toContain('exactly one of day-of-month and day-of-week must be ?');
  });

  it('meets dates that no year has', () => {
    expect(problem('0 0 0 30 2 ?')).toContain('never fires');
    expect(problem('0 0 0 29 2 ? 2027')).toContain('never fires');
  });

  it('meets more than 120 characters', () => {
    expect(problem(`${'0,'.repeat(60)}0 0 0 * * ?`)).toContain('at most 120');
  });

  it('never is anything but BAD_INPUT, whatever the text', () => {
    const piece = fc.constantFrom(
      '*',
      '?',
      'L',
      'W',
      '#',
      '-',
      '/',
      ',',
      '0',
      '1',
      '31',
      '60',
      'MON',
      'JAN',
      ' ',
      ' ',
      'x',
      '１',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        try {
          const at = nextFire(parseCron(pieces.join('')), 'Europe/Berlin', 0);
          expect(at === null || Number.isInteger(at)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_INPUT', field: 'schedule.cron' });
        }
      }),
      { numRuns: 3000 },
    );
  });
});
