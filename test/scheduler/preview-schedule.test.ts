// What is told of a schedule before it is saved: kinds of schedules, why one never fires, previews.
import { describe, expect, it } from 'vitest';
import { previewSchedule, requireFires, type Preview } from '../../scheduler/preview-schedule.ts';
import { fireAfter, firesBefore } from '../../scheduler/schedule-fires.ts';
import { SyncError } from '../../src/core/errors.ts';

const now = Date.parse('2026-11-30T12:00:00Z');

function problem(
  cron: string,
  { timeZone = 'UTC', gap = 'run' }: { timeZone?: string; gap?: 'run' | 'skip' } = {},
): string {
  try {
    requireFires({ cron, timeZone, gap }, now);
  } catch (error) {
    if (error instanceof SyncError && error.code === 'BAD_INPUT' && error.field === 'schedule.cron')
      return error.message;
    throw error;
  }
  throw new Error(`${cron} was accepted`);
}

function preview(cron: string, timeZone = 'UTC', previous = 0): Promise<Preview> {
  return previewSchedule({ cron, timeZone, gap: 'run' }, { now, count: 3, previous });
}

const utcOf = (fires: Preview['fires']): readonly string[] => fires.map(({ utc }) => utc.slice(0, 16));

describe('a schedule', () => {
  it.each([
    ['@hourly', '2026-11-30T13:00', 'every hour', '每小时'],
    ['@daily', '2026-12-01T00:00', 'at 00:00', '00:00'],
    ['@weekly', '2026-12-06T00:00', 'at 00:00, on Sunday', '周日，00:00'],
    ['@monthly', '2026-12-01T00:00', 'at 00:00, on day 1', '每月 1 日，00:00'],
    ['@yearly', '2027-01-01T00:00', 'at 00:00, on day 1, in January', '1 月，每月 1 日，00:00'],
    ['*/20 * * * *', '2026-11-30T12:20', 'every 20 minutes', '每 20 分钟'],
    ['0 2 * * 7', '2026-12-06T02:00', 'at 02:00, on Sunday', '周日，02:00'],
    ['0 2 13 * 5', '2026-12-04T02:00', 'at 02:00, on day 13 or on Friday', '每月 13 日或周五，02:00'],
    ['@every 1h30m', '2026-11-30T13:30', 'every 1 hour 30 minutes', '每隔 1 小时 30 分钟'],
    ['@at 2027-01-31T02:00', '2027-01-31T02:00', 'at 02:00, on 2027-01-31', '2027-01-31，02:00'],
    ['0 0 2 ? JANUARY MONDAY', '2027-01-04T02:00', 'at 02:00, on Monday, in January', '1 月，周一，02:00'],
    ['0 0 2 5C * ?', '2026-12-05T02:00', 'at 02:00, on day 5', '每月 5 日，02:00'],
    ['0 0 2 1-5-9 * ?', '2026-12-01T02:00', 'at 02:00, on days 1 to 5', '每月 1 至 5 日，02:00'],
    ['0 0 2 ? * MON-FRI/2', '2026-12-01T02:00', 'at 02:00, on Monday to Friday', '周一至周五，02:00'],
    [
      '0 0 2 L-W * ?',
      '2026-12-31T02:00',
      'at 02:00, on the last weekday of the month',
      '每月最后一个工作日，02:00',
    ],
  ])('%s fires first at %s: %s', async (cron, first, en, zh) => {
    const { fires, words } = await preview(cron);
    expect({ first: utcOf(fires)[0], words }).toEqual({ first, words: { en, zh } });
  });

  it('at a fixed delay has one fire that is known, and none before', async () => {
    const { fires, previous, words } = await preview('@delay 90s', 'UTC', 3);
    expect([utcOf(fires), previous]).toEqual([['2026-11-30T12:01'], []]);
    expect(words).toEqual({
      en: '1 minute 30 seconds after the end of the last run',
      zh: '上一次运行结束 1 分钟 30 秒后',
    });
  });

  it('at a fixed rate fires at the same instants whenever it is asked, through all clock changes', () => {
    const when = { cron: '@every 90m', timeZone: 'America/New_York', gap: 'run' } as const;
    const at = Date.parse('2026-11-01T04:30:00Z');
    const fires = [at, at + 1, at + 5_400_000 - 1].map((from) => fireAfter(when, from));
    expect(fires).toEqual([at + 5_400_000, at + 5_400_000, at + 5_400_000]);
    expect(firesBefore(when, at, 2)).toEqual([at, at - 5_400_000]);
  });

  it('shows its zone and UTC, fires before now, and why one is not at its time', async () => {
    const spring = { cron: '0 30 2 * * ?', timeZone: 'Europe/Berlin', gap: 'run' } as const;
    const at = Date.parse('2026-03-28T12:00:00Z');
    const { fires, previous } = await previewSchedule(spring, { now: at, count: 2, previous: 2 });
    expect(fires.map(({ local, utc, note }) => [local, utc, note?.en.slice(0, 25)])).toEqual([
      ['2026-03-29T03:00:00+02:00', '2026-03-29T01:00:00Z', 'The clock is put forward '],
      ['2026-03-30T02:30:00+02:00', '2026-03-30T00:30:00Z', undefined],
    ]);
    expect(previous.map(({ local }) => local)).toEqual([
      '2026-03-28T02:30:00+01:00',
      '2026-03-27T02:30:00+01:00',
    ]);
    const autumn = Date.parse('2026-10-24T12:00:00Z');
    const [twice] = (await previewSchedule(spring, { now: autumn, count: 1, previous: 0 })).fires;
    expect(twice).toMatchObject({
      local: '2026-10-25T02:30:00+02:00',
      note: { zh: expect.any(String) as string },
    });
  });

  it('tells what of it has no effect', async () => {
    const [note] = (await preview('0 0 2 ? * MONDAY-FRIDAY')).notes;
    expect(note?.en).toContain('field 6 (day-of-week): "DAY-FRIDAY". It fires at 02:00, on Monday.');
    expect((await preview('0 0 2 ? * MON-FRI')).notes).toEqual([]);
  });
});

describe('an expression that never fires again', () => {
  const newYork = { timeZone: 'America/New_York' };

  it('is refused with the true reason', () => {
    expect(problem('0 0 0 30 2 ?')).toContain('no month that it names has such a day');
    expect(problem('0 0 30 2 *')).toContain('never fires: no month');
    expect(problem('0 0 0 29 2 ? 2027')).toContain('none of its years has such a day');
    expect(problem('0 0 2 * * ? 2300')).toContain('its years lie outside 1970-2199');
    expect(problem('0 0 2 1 1 ? 2019')).toContain('its last time was 2019-01-01T02:00:00.000Z');
    expect(problem('@at 2026-11-30T12:00')).toContain('its last time was 2026-11-30T12:00:00.000Z');
    const behind = { cron: '0 30 1 1 11 ? 2026', ...newYork, gap: 'run' } as const;
    // Shown a second time in a quarter of an hour, but it has fired.
    expect(() => {
      requireFires(behind, Date.parse('2026-11-01T06:15:00Z'));
    }).toThrow('its last time was 2026-11-01T05:30:00.000Z');
    const skipped = problem('0 30 2 ? 3 SUN#2', { ...newYork, gap: 'skip' });
    expect(skipped).toContain('leaves out when it is put forward, such as 2027-03-14 02:30');
    expect(skipped).toContain('"gap": "run"');
    expect(problem('0 0/5 2 ? 3 SUN#2', newYork)).toContain('an interval keeps to the times that are there');
    expect(problem('0 0/5 2 ? 3 SUN#2 2019-2024', newYork)).toContain('such as 2019-03-10 02:00');
  });

  it('and all that is refused otherwise show an example that is right', () => {
    const wrong = [
      '0 0 0 30 2 ?',
      '0 0 0 29 2 ? 2027',
      '0 0 2 * * ? 2300',
      '0 0 2 1 1 ? 2019',
      '0 0 2 * * *',
      '0 0 2 ? * ?',
      '@every',
      '@every 90',
      '@delay 0s',
      '@delay 400d',
      '@at tomorrow',
      '@at 2027-02-29T00:00',
      '@reboot',
      '0 0',
      '',
    ];
    for (const cron of wrong) {
      const [, list = ''] = /right (?:is|are)(?: for example)? (.*)$/.exec(problem(cron)) ?? [];
      const examples = list
        .split(/, or | or |, (?=@)|;/)
        .map((each) =>
          each
            .replace(/^.*for example /, '')
            .replace(/ for the .*|, without.*| \(the zone.*/, '')
            .trim(),
        )
        .filter((each) => /^[@\d]/.test(each) && !/\(minute/.test(each));
      expect(examples.length, problem(cron)).toBeGreaterThan(0);
      for (const example of examples)
        expect(() => {
          requireFires({ cron: example, timeZone: 'UTC', gap: 'run' }, now);
        }, example).not.toThrow();
    }
    expect(problem('0 0/5 2 ? 3 SUN#2', newYork)).toContain('0 0/5 4 ? 3 SUN#2');
    requireFires({ cron: '0 0/5 4 ? 3 SUN#2', ...newYork, gap: 'run' }, now);
  });

  it('is told apart from one that fires once more, next year, or on 29 February of another century', () => {
    for (const cron of [
      '@at 2026-11-30T12:01',
      '0 0 2 1 1 ? 2027',
      '0 0 0 29 2 ? 2096-2110',
      '0 0 0 1 1 ? 2199',
    ])
      expect(() => {
        requireFires({ cron, ...newYork, gap: 'skip' }, now);
      }).not.toThrow();
    // 14 March is the day of the change in some years only.
    expect(fireAfter({ cron: '0 30 2 14 3 ? 2027,2032,2033', ...newYork, gap: 'skip' }, now)).toBe(
      Date.parse('2033-03-14T06:30:00Z'),
    );
  });
});
