// The source's clock: how far all region servers' clocks have surely come. No RPC gives a server's clock directly; the master's
// cluster status has each server's own time at its last report, and reports come every few seconds.
//   lower bound of a server's clock now = its last report's time + time since that report was first seen here
// With a short lag the status is asked again until the reports are fresh, so that the bound is tight. Clocks apart by more than
// half the lag fail the run: rows could be stamped behind the window's end.
import type { Clock } from '../../src/core/clock.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { LiveServer } from './rpc/messages/cluster-status.ts';
import { addressOf } from './rpc/messages/server-name.ts';

const pollMs = 100;
/** Reports are due every 3 s by default; a server silent for so long is not reporting. */
const patienceMs = 12_000;
const freshEnoughMs = 250;

export interface ClockCheck {
  readonly readServers: () => Promise<readonly LiveServer[]>;
  readonly clock: Clock;
  readonly lagMs: number;
  readonly signal: AbortSignal;
}

/** Milliseconds since the epoch that neither the local nor any live server's clock is behind. @throws SyncError CLOCK_SKEW */
export async function readSourceClock({ readServers, clock, lagMs, signal }: ClockCheck): Promise<number> {
  const tolerance = Math.max(freshEnoughMs, lagMs / 20);
  const allowed = Math.max(lagMs / 2, freshEnoughMs);
  const seen = new Map<string, Sighting>();
  const deadline = clock.now() + patienceMs;
  for (;;) {
    const servers = await readServers();
    const now = clock.now();
    const readings = servers.map((server) => sight(seen, server, now));
    const apart = readings.filter(({ atMs }) => Math.abs(now - atMs) > allowed);
    const wrong = apart.find(({ atMs, isFresh }) => isFresh || atMs > now);
    if (wrong !== undefined) throw skew(wrong, now, allowed);
    const stale = readings.some(({ atMs, isFresh }) => !isFresh && now - atMs > tolerance);
    if (!stale || (now > deadline && apart.length === 0))
      return Math.min(now, ...readings.map(({ atMs }) => atMs));
    if (now > deadline) throw silent(apart, now);
    await clock.sleep(pollMs, signal);
  }
}

interface Sighting {
  readonly reportedAtMs: number;
  readonly seenAtMs: number;
  /** A new report came while we looked: its age is at most one poll. */
  readonly isFresh: boolean;
}

interface Reading {
  readonly server: string;
  /** Lower bound of the server's clock. */
  readonly atMs: number;
  readonly isFresh: boolean;
}

function sight(seen: Map<string, Sighting>, { server, reportedAtMs }: LiveServer, now: number): Reading {
  const address = addressOf(server);
  const before = seen.get(address);
  const same = before !== undefined && before.reportedAtMs === reportedAtMs;
  const sighting = same ? before : { reportedAtMs, seenAtMs: now, isFresh: before !== undefined };
  seen.set(address, sighting);
  return { server: address, atMs: reportedAtMs + now - sighting.seenAtMs, isFresh: sighting.isFresh };
}

function skew(reading: Reading, now: number, allowed: number): SyncError {
  const apart = Math.abs(reading.atMs - now);
  return new SyncError('CLOCK_SKEW', {
    message: `comparing clocks: region server ${reading.server} shows ${iso(reading.atMs)}, this host ${iso(now)}; they are ${apart} ms apart, and half the lag is ${Math.round(allowed)} ms`,
  });
}

function silent(behind: readonly Reading[], now: number): SyncError {
  const servers = behind.map((reading) => `${reading.server} (last at ${iso(reading.atMs)})`).join(', ');
  return new SyncError('CLOCK_SKEW', {
    message: `comparing clocks: no fresh report of ${servers} came in ${patienceMs / 1000} s; this host shows ${iso(now)}`,
  });
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
