// The source's clock from server reports: fresh, stale, slow, fast and silent servers, on a clock that the test moves.
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../../src/core/clock.ts';
import { KnownClocks, readSourceClock } from '../../../../connectors/hbase/source/clock-check.ts';
import type { LiveServer } from '../../../../connectors/hbase/client/messages/cluster-status.ts';

const start = 1_800_000_000_000;

interface MadeServer {
  readonly host: string;
  /** Its clock minus ours. */
  readonly offMs: number;
  /** It reports every so often; first `phaseMs` after the start. */
  readonly everyMs: number;
  readonly phaseMs: number;
}

interface Circumstances {
  /** How long the master takes to answer, after which it looks, or before. */
  readonly answerMs?: number;
  readonly looks?: 'first' | 'last';
  readonly known?: KnownClocks;
  readonly beginsAt?: number;
  /** A server or the master stands still: reports made within it arrive at its end. */
  readonly pause?: { readonly fromMs: number; readonly toMs: number };
}

async function check(
  servers: readonly MadeServer[],
  lagMs: number,
  { answerMs = 0, looks = 'first', known = new KnownClocks(), beginsAt = 0, pause }: Circumstances = {},
): Promise<{ nowMs: number; tookMs: number }> {
  const begin = start + beginsAt;
  let now = begin;
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    sleep: (ms) => {
      now += ms;
      return Promise.resolve();
    },
  };
  const report = ({ host, offMs, everyMs, phaseMs }: MadeServer): LiveServer => {
    const isStill = pause !== undefined && now >= start + pause.fromMs && now < start + pause.toMs;
    const until = isStill ? start + pause.fromMs : now;
    const reports = Math.floor((until - start - phaseMs) / everyMs);
    return {
      server: { host, port: 1, startCode: 0n },
      reportedAtMs: start + phaseMs + reports * everyMs + offMs,
    };
  };
  const nowMs = await readSourceClock({
    readServers: () => {
      if (looks === 'last') now += answerMs;
      const answer = servers.map(report);
      if (looks === 'first') now += answerMs;
      return Promise.resolve(answer);
    },
    clock,
    known,
    lagMs,
    signal: new AbortController().signal,
  });
  return { nowMs: nowMs - begin, tookMs: now - begin };
}

const healthy = (host: string, phaseMs: number, offMs = 0): MadeServer => ({
  host,
  offMs,
  everyMs: 3000,
  phaseMs,
});

describe('the source clock', () => {
  it('is a whole number of milliseconds, as cells have them, also by what was measured a while ago', async () => {
    const known = new KnownClocks();
    const servers = [healthy('a', 100, -7), healthy('b', 900, -3)];
    await check(servers, 2_000, { known });
    for (const beginsAt of [8_111, 20_003, 33_337]) {
      const { nowMs } = await check(servers, 2_000, { known, beginsAt });
      expect(Number.isInteger(nowMs)).toBe(true);
    }
  });

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

  it('clocks that are the same are not called apart by slow answers, whenever the master looks', async () => {
    for (const answerMs of [300, 1_500, 4_000])
      for (const looks of ['first', 'last'] as const)
        for (let phaseMs = 0; phaseMs < 3_000; phaseMs += 250) {
          const { nowMs, tookMs } = await check([healthy('a', phaseMs)], 2_000, { answerMs, looks });
          expect(nowMs).toBeLessThanOrEqual(tookMs);
          expect(tookMs - nowMs).toBeLessThanOrEqual(2 * answerMs + 200 + 3_000);
        }
  });

  it('nor by a server or master that stands still for seconds', async () => {
    for (const lagMs of [500, 2_000])
      for (let fromMs = 0; fromMs < 6_000; fromMs += 350) {
        const pause = { fromMs, toMs: fromMs + 2_500 };
        const { nowMs, tookMs } = await check([healthy('a', 700), healthy('b', 2_100)], lagMs, { pause });
        expect(nowMs).toBeLessThanOrEqual(tookMs);
      }
  });

  it('what was measured lately is not waited for again, and is as tight', async () => {
    const known = new KnownClocks();
    const servers = [healthy('a', 1_000), healthy('slow', 2_500, -300)];
    const first = await check(servers, 2_000, { known });
    expect(first.tookMs).toBeGreaterThanOrEqual(2_500);
    for (const beginsAt of [10_000, 11_700, 100_000]) {
      const next = await check(servers, 2_000, { known, beginsAt });
      expect(next.tookMs).toBe(0);
      expect(next.nowMs).toBeLessThanOrEqual(-300);
      expect(next.nowMs).toBeGreaterThanOrEqual(-300 - 100 - 60);
    }
    // Too long ago; and a server whose clock was set back since.
    expect((await check(servers, 2_000, { known, beginsAt: 400_000 })).tookMs).toBeGreaterThan(0);
    const setBack = [healthy('a', 1_000), healthy('slow', 2_500, -900 - 6_000)];
    await expect(check(setBack, 2_000, { known, beginsAt: 410_000 })).rejects.toMatchObject({
      code: 'CLOCK_SKEW',
    });
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
