// Next fires and refusals of the cron engine.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fireAfter } from '../../scheduler/schedule-fires.ts';
import { parseCron } from '../../scheduler/cron/parse-cron.ts';
import { SyncError } from '../../src/core/errors.ts';

function nextFire(cron: string, timeZone: string, after: number, gap: 'run' | 'skip' = 'run'): number | null {
  return fireAfter({ cron, timeZone, gap }, after);
}

function next(
  text: string,
  zone: string,
  from: string,
  { count = 1, gap = 'run' }: { count?: number; gap?: 'run' | 'skip' } = {},
): readonly string[] {
  const found: string[] = [];
  let at = nextFire(text, zone, Date.parse(from), gap);
  while (at !== null && found.length < count) {
    found.push(new Date(at).toISOString().replace('.000Z', 'Z'));
    at = nextFire(text, zone, at, gap);
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
    expect(next('0 0 0 L * ?', 'UTC', '2028-02-01T00:00:00Z', { count: 2 })).toEqual([
      '2028-02-29T00:00:00Z',
      '2028-03-31T00:00:00Z',
    ]);
    expect(next('0 0 0 L-3 * ?', 'UTC', '2026-02-01T00:00:00Z')).toEqual(['2026-02-25T00:00:00Z']);
    expect(next('0 0 0 LW * ?', 'UTC', '2026-05-01T00:00:00Z')).toEqual(['2026-05-29T00:00:00Z']);
    expect(next('0 0 0 1W * ?', 'UTC', '2026-07-30T00:00:00Z')).toEqual(['2026-08-03T00:00:00Z']);
    expect(next('0 0 */8 LW * ?', 'UTC', '2026-05-01T00:00:00Z', { count: 3 })).toEqual([
      '2026-05-29T00:00:00Z',
      '2026-05-29T08:00:00Z',
      '2026-05-29T16:00:00Z',
    ]);
  });

  it('knows leap days, the turn of the year and the end of a year list', () => {
    expect(next('0 0 0 29 2 ?', 'UTC', '2026-01-01T00:00:00Z', { count: 2 })).toEqual([
      '2028-02-29T00:00:00Z',
      '2032-02-29T00:00:00Z',
    ]);
    expect(next('0 0 0 29 2 ?', 'UTC', '2096-03-01T00:00:00Z')).toEqual(['2104-02-29T00:00:00Z']);
    expect(next('59 59 23 31 12 ?', 'Asia/Shanghai', '2026-12-31T15:59:58Z', { count: 2 })).toEqual([
      '2026-12-31T15:59:59Z',
      '2027-12-31T15:59:59Z',
    ]);
    expect(next('0 0 0 1 1 ? 2027', 'UTC', '2027-01-01T00:00:00Z')).toEqual([]);
  });

  it('runs a fixed time that a clock put forward leaves out at the first instant after, or skips it', () => {
    const daily = ['0 30 2 * * ?', 'Europe/Berlin', '2026-03-28T12:00:00Z'] as const;
    expect(next(...daily, { count: 2 })).toEqual(['2026-03-29T01:00:00Z', '2026-03-30T00:30:00Z']);
    expect(next(...daily, { count: 2, gap: 'skip' })).toEqual([
      '2026-03-30T00:30:00Z',
      '2026-03-31T00:30:00Z',
    ]);
    expect(next('0 30 2 ? 3 SUN#2', 'America/New_York', '2026-01-01T00:00:00Z', { count: 2 })).toEqual([
      '2026-03-08T07:00:00Z',
      '2027-03-14T07:00:00Z',
    ]);
  });

  it('makes one fire of fixed times that fall together behind a gap', () => {
    expect(next('0 0,30 2,3 * * ?', 'Europe/Berlin', '2026-03-29T00:00:00Z', { count: 3 })).toEqual([
      '2026-03-29T01:00:00Z',
      '2026-03-29T01:30:00Z',
      '2026-03-30T00:00:00Z',
    ]);
  });

  it('leaves out of an interval what the clock leaves out, whichever way fixed times go', () => {
    for (const gap of ['run', 'skip'] as const) {
      expect(next('0 0 * * * ?', 'Europe/Berlin', '2026-03-29T00:30:00Z', { count: 2, gap })).toEqual([
        '2026-03-29T01:00:00Z',
        '2026-03-29T02:00:00Z',
      ]);
      expect(next('0 0/20 2 * * ?', 'Europe/Berlin', '2026-03-28T02:00:00Z', { count: 1, gap })).toEqual([
        '2026-03-30T00:00:00Z',
      ]);
    }
  });

  it('fires a fixed time once where the clock is put back, at the first pass, and intervals in both', () => {
    expect(next('0 30 2 * * ?', 'Europe/Berlin', '2026-10-24T12:00:00Z', { count: 2 })).toEqual([
      '2026-10-25T00:30:00Z',
      '2026-10-26T01:30:00Z',
    ]);
    expect(next('0 30 2 * * ?', 'Europe/Berlin', '2026-10-25T00:45:00Z')).toEqual(['2026-10-26T01:30:00Z']);
    expect(next('0 0 * * * ?', 'Europe/Berlin', '2026-10-24T22:30:00Z', { count: 4 })).toEqual([
      '2026-10-24T23:00:00Z',
      '2026-10-25T00:00:00Z',
      '2026-10-25T01:00:00Z',
      '2026-10-25T02:00:00Z',
    ]);
    expect(next('0 0/30 2 * * ?', 'Europe/Berlin', '2026-10-24T22:30:00Z', { count: 4 })).toEqual([
      '2026-10-25T00:00:00Z',
      '2026-10-25T00:30:00Z',
      '2026-10-25T01:00:00Z',
      '2026-10-25T01:30:00Z',
    ]);
  });

  it('runs what belonged to a day that a zone left out at the first instant of the next', () => {
    expect(next('0 0 12 * * ?', 'Pacific/Apia', '2011-12-29T12:00:00Z', { count: 3 })).toEqual([
      '2011-12-29T22:00:00Z',
      '2011-12-30T10:00:00Z',
      '2011-12-30T22:00:00Z',
    ]);
    expect(next('0 0 12 * * ?', 'Pacific/Apia', '2011-12-29T12:00:00Z', { count: 2, gap: 'skip' })).toEqual([
      '2011-12-29T22:00:00Z',
      '2011-12-30T22:00:00Z',
    ]);
  });

  it('refuses a zone that does not exist', () => {
    expect(() => nextFire('0 0 0 * * ?', 'Mars/Olympus', 0)).toThrow(/Mars\/Olympus/);
  });
});

describe('a refusal', () => {
  it('names the field, its value, why and what is allowed', () => {
    expect(problem('0 0 24 * * ?')).toBe(
      'the cron expression is wrong in field 3 (hour) "24": "24" is not one of its values; allowed: 0-23 , - * /; right is for example 8-18',
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
    expect(problem('0 0 * *')).toContain('has 4 fields; right are 5');
    expect(problem('')).toContain('has 0 fields');
  });

  it('demands exactly one question mark', () => {
    expect(problem('0 0 0 * * *')).toContain('exactly one of day-of-month and day-of-week must be ?');
    expect(problem('0 0 0 ? * ?')).toContain('exactly one of day-of-month and day-of-week must be ?');
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
      '@every ',
      '@at ',
      '5m',
      'x',
      '１',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        try {
          const at = nextFire(pieces.join(''), 'Europe/Berlin', 0);
          expect(at === null || Number.isInteger(at)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_INPUT', field: 'schedule.cron' });
        }
      }),
      { numRuns: 3000 },
    );
  });
});
