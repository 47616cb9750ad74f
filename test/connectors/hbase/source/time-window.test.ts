// Where the window of an increment by cell timestamp begins and ends.
import { expect, it } from 'vitest';
import { timeWindow } from '../../../../connectors/hbase/source/time-window.ts';

const now = Date.parse('2026-11-30T12:00:00Z');
const lagMs = 60_000;
const settled = now - lagMs;

it('goes from the position up to what has settled, and never backwards', () => {
  const to = (base: number | null, mode: 'full' | 'incremental') => timeWindow({ base, mode, lagMs }, now);
  expect(to(settled - 5, 'incremental')).toEqual({ from: settled - 5, to: settled });
  expect(to(settled - 5, 'full')).toEqual({ from: null, to: settled });
  expect(to(null, 'full')).toEqual({ from: null, to: settled });
  // The lag was raised since, or a clock set back a little: nothing has settled that was not read.
  for (const base of [settled + 1, now, now + 60_000]) {
    expect(to(base, 'incremental')).toEqual({ from: base, to: base });
    expect(to(base, 'full')).toEqual({ from: null, to: base });
  }
});

it('a position beyond the source’s clock is refused in words, and a full read sets it right', () => {
  for (const base of [now + 60_001, Date.parse('2030-01-01T00:00:00Z'), Number.MAX_SAFE_INTEGER]) {
    expect(() => timeWindow({ base, mode: 'incremental', lagMs }, now)).toThrow(
      expect.objectContaining({
        code: 'BAD_INPUT',
        message: expect.stringMatching(
          /position .* lies beyond the source's clock, which shows 2026-11-30T12:00:00.000Z; set the position .* or run the job with mode full/,
        ) as string,
      }) as Error,
    );
    expect(timeWindow({ base, mode: 'full', lagMs }, now)).toEqual({ from: null, to: settled });
  }
});
