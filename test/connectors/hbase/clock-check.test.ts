// The source's clock from server reports: fresh, stale, slow, fast and silent servers, on a clock that the test moves.
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/core/clock.ts';
import { readSourceClock } from '../../../connectors/hbase/clock-check.ts';
import type { LiveServer } from '../../../connectors/hbase/rpc/messages/cluster-status.ts';

const start = 1_800_000_000_000;

interface MadeServer {
  readonly host: string;
  /** Its clock minus ours. */
  readonly offMs: number;
  /** It reports every so often; first `phaseMs` after the start. */
  readonly everyMs: number;
  readonly phaseMs: number;
}

async function check(
  servers: readonly MadeServer[],
  lagMs: number,
): Promise<{ nowMs: number; tookMs: number }> {
  let now = start;
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    sleep: (ms) => {
      now += ms;
      return Promise.resolve();
    },
  };
  const report = ({ host, offMs, everyMs, phaseMs }: MadeServer): LiveServer => {
    const reports = Math.floor((now - start - phaseMs) / everyMs);
    return {
      server: { host, port: 1, startCode: 0n },
      reportedAtMs: start + phaseMs + reports * everyMs + offMs,
    };
  };
  const nowMs = await readSourceClock({
    readServers: () => Promise.resolve(servers.map(report)),
    clock,
    lagMs,
    signal: new AbortController().signal,
  });
  return { nowMs: nowMs - start, tookMs: now - start };
}

const healthy = (host: string, phaseMs: number, offMs = 0): MadeServer => ({
  host,
  offMs,
  everyMs: 3000,
  phaseMs,
});

describe('the source clock', () => {
  it('with a long lag takes the oldest report without waiting', async () => {
    expect(await check([healthy('a', 1000), healthy('b', 2500)], 60_000)).toEqual({
      nowMs: -2000,
      tookMs: 0,
    });
  });

  it('with a short lag waits for fresh reports, then is close to now', async () => {
    const { nowMs, tookMs } = await check([healthy('a', 1000), healthy('b', 2500)], 2000);
    expect(tookMs).toBeGreaterThanOrEqual(2500);
    expect(tookMs).toBeLessThanOrEqual(2700);
    expect(tookMs - nowMs).toBeLessThanOrEqual(100);
  });

  it('is never ahead of the slowest server', async () => {
    const { nowMs, tookMs } = await check([healthy('a', 100), healthy('slow', 200, -700)], 2000);
    expect(nowMs).toBeLessThanOrEqual(tookMs - 700);
    expect(nowMs).toBeGreaterThanOrEqual(tookMs - 900);
  });

  it('without servers is the local clock', async () => {
    expect(await check([], 2000)).toEqual({ nowMs: 0, tookMs: 0 });
  });

  it('a server ahead by more than half the lag fails the run, naming both', async () => {
    await expect(check([healthy('a', 100), healthy('fast', 0, 1500)], 2000)).rejects.toMatchObject({
      code: 'CLOCK_SKEW',
      message: expect.stringMatching(
        /region server fast:1 shows .*, this host .* 1500 ms apart, and half the lag is 1000 ms/,
      ) as string,
    });
  });

  it('a server behind by more than half the lag fails the run once a fresh report proves it', async () => {
    await expect(check([healthy('slow', 500, -40_000)], 60_000)).rejects.toMatchObject({
      code: 'CLOCK_SKEW',
      message: expect.stringContaining('region server slow:1') as string,
    });
  });

  it('a server that no longer reports fails the run unless the lag is long enough for it', async () => {
    const silent: MadeServer = { host: 'dead', offMs: 0, everyMs: 1e9, phaseMs: -5000 };
    await expect(check([silent], 2000)).rejects.toMatchObject({
      code: 'CLOCK_SKEW',
      message: expect.stringContaining('no fresh report of dead:1') as string,
    });
    expect((await check([silent], 60_000)).nowMs).toBeGreaterThanOrEqual(-5000);
  });
});
