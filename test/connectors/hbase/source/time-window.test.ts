// Where the window of an increment by cell timestamp begins and ends, and what its positions are.
import { expect, it } from 'vitest';
import { timePosition, timePositions } from '../../../../connectors/hbase/source/positions.ts';
import { timeWindow } from '../../../../connectors/hbase/source/time-window.ts';

const now = Date.parse('2026-11-30T12:00:00Z');
const lagMs = 60_000;
const settled = now - lagMs;

it('goes from the position up to what has settled, and never backwards', () => {
  const to = (base: number | null, mode: 'full' | 'incremental') =>
    timeWindow({ base: base === null ? null : timePosition(base), mode, lagMs }, now);
  const window = (from: number | null, to: number) => ({
    from: from === null ? null : timePosition(from),
    to: timePosition(to),
  });
  expect(to(settled - 5, 'incremental')).toEqual(window(settled - 5, settled));
  expect(to(settled - 5, 'full')).toEqual(window(null, settled));
  expect(to(null, 'full')).toEqual({ from: null, to: '2026-11-30T11:59:00.000Z' });
  // The lag was raised since, or a clock set back a little: nothing has settled that was not read.
  for (const base of [settled + 1, now, now + 60_000]) {
    expect(to(base, 'incremental')).toEqual(window(base, base));
    expect(to(base, 'full')).toEqual(window(null, base));
  }
});

it('a position beyond the source’s clock is refused in words, and a full read sets it right', () => {
  for (const base of [timePosition(now + 60_001), '2030-01-01T00:00:00Z', '8000000000000000']) {
    expect(() => timeWindow({ base, mode: 'incremental', lagMs }, now)).toThrow(
      expect.objectContaining({
        code: 'BAD_INPUT',
        message: expect.stringMatching(
          /position .* lies beyond the source's clock, which shows 2026-11-30T12:00:00.000Z; set the position .* or run the job with mode full/,
        ) as string,
      }) as Error,
    );
    expect(timeWindow({ base, mode: 'full', lagMs }, now)).toEqual({
      from: null,
      to: timePosition(settled),
    });
  }
});

it('positions are instants, which a user may also write in another zone or as milliseconds', () => {
  for (const text of [
    '2026-11-30T11:00:00Z',
    '2026-11-30T19:00+08:00',
    String(Date.parse('2026-11-30T11:00Z')),
  ])
    expect(timePositions.read(text, now)).toBe('2026-11-30T11:00:00.000Z');
  for (const text of ['yesterday', '2026-11-30', '2026-11-30T11:00:00', '-5', '99999999999999999'])
    expect(() => timePositions.read(text, now)).toThrow(`'${text}' is no time; write an instant as`);
  expect(() => timePositions.read(String(now + 60_001), now)).toThrow(
    `${now + 60_001} is 2026-11-30T12:01:00.001Z, which is still to come (it is 2026-11-30T12:00:00.000Z)`,
  );
});

it('positions are ordered by time, however they are written', () => {
  expect(timePositions.compare('2026-11-30T11:00:00.000Z', '2026-11-30T11:00:00.001Z')).toBeLessThan(0);
  expect(timePositions.compare('2026-11-30T11:00:00.000Z', '2026-11-30T11:00:00Z')).toBe(0);
});
