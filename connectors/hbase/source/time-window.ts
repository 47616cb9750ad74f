// The window of a run whose increments go by cell timestamp: from the job's position up to what has settled, never backwards.
import type { PlanRequest } from '../../../src/core/connector/contract.ts';
import { SyncError } from '../../../src/core/errors.ts';
import type { Window } from '../../../src/core/window.ts';
import { timeOf, timePosition } from './positions.ts';

/** A position may have been taken from a clock that was ahead of today's by as much. */
const slackMs = 60_000;

/**
 * `now`: what the source's clocks show. A full read sets a position that is beyond them right.
 * @throws SyncError BAD_INPUT when an increment would begin where no clock is yet: it would find nothing for long, and call that proved
 */
export function timeWindow({ base, mode, lagMs }: PlanRequest, now: number): Window {
  const since = base === null ? null : timeOf(base);
  const isBeyond = since !== null && since > now + slackMs;
  if (isBeyond && mode === 'incremental')
    throw new SyncError('BAD_INPUT', {
      message: `planning an increment: the job's position ${timePosition(since)} lies beyond the source's clock, which shows ${timePosition(now)}; set the position to when the last rows were surely read, or run the job with mode full`,
      field: 'watermark',
    });
  const settledBefore = now - lagMs;
  const to = since === null || isBeyond ? settledBefore : Math.max(since, settledBefore);
  return { from: mode === 'full' ? null : base, to: timePosition(to) };
}
