// The source's clock: how far all region servers' clocks have surely come. No RPC gives a server's clock directly; the master's
// cluster status has each server's own time at its last report, and reports come every few seconds. What an answer tells of a
// server's clock minus ours:
//   at least  report's time − when the answer that first had it was here
//   at most   report's time − when an answer was asked for that did not have it yet     (it was made later)
// So the time of both calls is uncertainty, not difference. The second bound holds as far as a report reaches the master at once: a
// server or master that stands still (garbage collection) delays one report, not two in a row.
// With a short lag the status is asked again until the bound is tight, unless it was measured lately (KnownClocks). Clocks surely
// apart by more than half the lag fail the run: rows could be stamped behind the window's end.
import type { Clock } from '../../../src/core/clock.ts';
import { SyncError } from '../../../src/core/errors.ts';
import type { LiveServer } from '../client/messages/cluster-status.ts';
import { addressOf } from '../client/messages/server-name.ts';

const pollMs = 100;
/** Reports are due every 3 s by default; a server silent for so long is not reporting. */
const patienceMs = 12_000;
const freshEnoughMs = 250;
const provenBy = 2;
/** A clock may be stepped; what was measured longer ago is measured again. */
const rememberMs = 120_000;
const driftPerMs = 0.000_2;
/** A report older than this by what was measured says that the server's clock was set back since. */
const oldestReportMs = 6_000;

export interface ClockCheck {
  readonly readServers: () => Promise<readonly LiveServer[]>;
  readonly clock: Clock;
  readonly lagMs: number;
  readonly known: KnownClocks;
  readonly signal: AbortSignal;
}

/** What earlier checks of one cluster measured, so that not every run has to wait for reports. */
export class KnownClocks {
  readonly #measured = new Map<string, { readonly offsetMs: number; readonly atMs: number }>();

  remember(server: string, offsetMs: number, atMs: number): void {
    this.#measured.set(server, { offsetMs, atMs });
  }

  /** At least how far the server's clock is ahead of ours; undefined when that is not known any more. */
  recall(server: string, now: number, reportedAtMs: number): number | undefined {
    const found = this.#measured.get(server);
    if (found === undefined) return undefined;
    const ageMs = now - found.atMs;
    // Whole milliseconds, as cells have them.
    const offsetMs = Math.floor(found.offsetMs - ageMs * driftPerMs);
    if (ageMs >= 0 && ageMs <= rememberMs && reportedAtMs >= now + offsetMs - oldestReportMs) return offsetMs;
    this.#measured.delete(server);
    return undefined;
  }
}

/** Milliseconds since the epoch that neither the local nor any live server's clock is behind. @throws SyncError CLOCK_SKEW */
export async function readSourceClock(check: ClockCheck): Promise<number> {
  const { readServers, clock, lagMs, known, signal } = check;
  const tolerance = Math.max(freshEnoughMs, lagMs / 20);
  const allowed = Math.max(lagMs / 2, freshEnoughMs);
  const seen = new Map<string, Sighting>();
  const deadline = clock.now() + patienceMs;
  let askedBefore: number | undefined;
  for (;;) {
    const askedAt = clock.now();
    const servers = await readServers();
    const now = clock.now();
    const sightings = servers.map((server) => sight(seen, server, { askedBefore, now, known }));
    const isLate = now > deadline;
    const wrong = sightings.find((sighting) => isApart(sighting, allowed, isLate));
    if (wrong !== undefined) throw skew(wrong, now, allowed);
    const open = sightings.filter((sighting) => !isTight(sighting, { tolerance, allowed }));
    if (open.length === 0 || (isLate && open.every(({ atLeast }) => -atLeast <= allowed)))
      return Math.min(now, ...sightings.map(({ atLeast }) => now + atLeast));
    if (isLate) throw silent(open, now);
    askedBefore = askedAt;
    await clock.sleep(pollMs, signal);
  }
}

/** What is known of one server's clock minus ours. */
interface Sighting {
  readonly server: string;
  readonly reportedAtMs: number;
  readonly atLeast: number;
  readonly atMost: number;
  /** Reports that came while we looked. */
  readonly fresh: number;
  /** By an earlier check. */
  readonly isKnown: boolean;
}

function sight(
  seen: Map<string, Sighting>,
  { server, reportedAtMs }: LiveServer,
  when: { readonly askedBefore: number | undefined; readonly now: number; readonly known: KnownClocks },
): Sighting {
  const { askedBefore, now, known } = when;
  const name = addressOf(server);
  const before = seen.get(name);
  if (before?.reportedAtMs === reportedAtMs) return before;
  const identity = `${name},${server.startCode}`;
  const isFresh = before !== undefined && askedBefore !== undefined;
  const measured = before === undefined ? known.recall(identity, now, reportedAtMs) : undefined;
  const atLeast = Math.max(before?.atLeast ?? -Infinity, reportedAtMs - now, measured ?? -Infinity);
  const atMost = isFresh ? Math.max(before.atMost, reportedAtMs - askedBefore) : -Infinity;
  if (isFresh) known.remember(identity, atLeast, now);
  const sighting = {
    server: name,
    reportedAtMs,
    atLeast,
    atMost,
    fresh: (before?.fresh ?? 0) + (isFresh ? 1 : 0),
    isKnown: measured !== undefined,
  };
  seen.set(name, sighting);
  return sighting;
}

/** Surely: at once where a server is ahead, by several reports where it is behind, as one may have been delayed. */
function isApart({ atLeast, atMost, fresh }: Sighting, allowed: number, isLate: boolean): boolean {
  return atLeast > allowed || (fresh >= (isLate ? 1 : provenBy) && atMost < -allowed);
}

function isTight(
  { atLeast, atMost, fresh, isKnown }: Sighting,
  { tolerance, allowed }: { readonly tolerance: number; readonly allowed: number },
): boolean {
  if (-atLeast <= tolerance || (isKnown && -atLeast <= allowed)) return true;
  return fresh > 0 && atMost >= -allowed;
}

function skew({ server, atLeast, atMost }: Sighting, now: number, allowed: number): SyncError {
  const offset = atLeast > 0 ? atLeast : atMost;
  return new SyncError('CLOCK_SKEW', {
    message: `comparing clocks: region server ${server} shows ${iso(now + offset)}, this host ${iso(now)}; they are at least ${Math.round(Math.abs(offset))} ms apart, and half the lag is ${Math.round(allowed)} ms`,
  });
}

function silent(behind: readonly Sighting[], now: number): SyncError {
  const servers = behind
    .map(({ server, reportedAtMs }) => `${server} (last at ${iso(reportedAtMs)})`)
    .join(', ');
  return new SyncError('CLOCK_SKEW', {
    message: `comparing clocks: no fresh report of ${servers} came in ${patienceMs / 1000} s; this host shows ${iso(now)}`,
  });
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
