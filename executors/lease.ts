// The right to act for a run: 10 s by database time, renewed every 3 s. Counted here from before each request was sent, so this
// process stops trusting it earlier than the database does. While it can't be renewed nothing is written; it is lost only when
// the database says so (an outage of the database ends no run: nobody else can take the run over during it either). A clock that
// is set back takes nothing from it, one that is set ahead makes it renewed at once.
import type { Moment } from '../src/core/clock.ts';
import { momentOf, msSince } from '../src/core/clock.ts';
import type { Clock } from '../src/core/clock.ts';
import { SyncError } from '../src/core/errors.ts';
import type { RunStore } from '../src/core/ports/runs.ts';
import type { Run } from '../src/core/run.ts';
import { untilAborted } from '../src/core/waiting/until-aborted.ts';
import { within } from '../src/core/waiting/within.ts';
import type { TickLoop } from './watch/tick-loop.ts';

export const LEASE_MS = 10_000;
const RENEW_EVERY_MS = 3_000;
const RETRY_MS = 500;

export interface Lease {
  /** Aborted with LEASE_LOST once the lease is lost; never by `release`. */
  readonly signal: AbortSignal;
  /** Resolves when the lease lasts at least `ms` more, renewing it if need be. Throws LEASE_LOST. */
  ensure(ms: number): Promise<void>;
  /** Does this executor hold it now, as far as it knows? No: the database did not answer for so long. */
  isHeld(): boolean;
  /** By the clock of the database, as its last answer tells. */
  databaseNow(): number;
  /** Stops renewing; the row's end, or the database's clock, ends the lease itself. */
  release(): void;
}

export interface LeaseHolder {
  readonly runs: Pick<RunStore, 'renew'>;
  readonly clock: Clock;
  readonly ticks: TickLoop;
  readonly owner: string;
}

export interface LeaseGrant {
  readonly run: Pick<Run, 'id' | 'leaseUntil'>;
  /** Just before the claim was sent. */
  readonly grantedAt: Moment;
}

/** Begins to renew it. */
export function holdLease({ runs, clock, ticks, owner }: LeaseHolder, grant: LeaseGrant): Lease {
  const { id } = grant.run;
  const lost = new AbortController();
  /** When the newest renewal that was granted was sent, and the newest of all. */
  let grantedAt = grant.grantedAt;
  let renewedAt = grant.grantedAt;
  let leaseUntil = grant.run.leaseUntil ?? 0;
  let renewing: Promise<void> | null = null;

  const renewOnce = async (): Promise<void> => {
    const sentAt = momentOf(clock);
    renewedAt = sentAt;
    // An unreachable database is no answer: asked again at a later tick.
    const answer = await runs.renew({ id, owner, leaseMs: LEASE_MS }).catch(() => null);
    if (answer === null) return;
    if (answer.held) {
      if (sentAt.monotonic <= grantedAt.monotonic) return;
      grantedAt = sentAt;
      leaseUntil = answer.leaseUntil;
    } else {
      leave();
      lost.abort(new SyncError('LEASE_LOST', { message: `run ${id}: another executor has its lease` }));
    }
  };
  const renew = (): Promise<void> => {
    const attempt = (renewing ??= renewOnce().finally(() => {
      if (renewing === attempt) renewing = null;
    }));
    return attempt;
  };
  const leave = ticks.add(() => {
    const sinceMs = msSince(clock, renewedAt);
    // A request that hangs is given up, so that it can't keep the others from being sent.
    if (sinceMs >= LEASE_MS) renewing = null;
    if (sinceMs >= RENEW_EVERY_MS) void renew();
  });
  const lasts = (ms: number): boolean => msSince(clock, grantedAt) <= LEASE_MS - ms;

  return {
    signal: lost.signal,
    isHeld: () => lasts(0),
    databaseNow: () => leaseUntil - LEASE_MS + msSince(clock, grantedAt),
    release: leave,
    ensure: async (ms) => {
      lost.signal.throwIfAborted();
      while (!lasts(ms)) {
        const renewed = within({ clock, ms: RENEW_EVERY_MS, onLimit: () => undefined }, renew());
        await untilAborted(lost.signal, renewed);
        lost.signal.throwIfAborted();
        if (!lasts(ms)) await clock.sleep(RETRY_MS, lost.signal);
      }
    },
  };
}
