// Waiting for news: what ends a wait, and that nothing of an ended wait stays.
import { describe, expect, it } from 'vitest';
import { Wakeup } from '../../../src/core/waiting/wakeup.ts';
import { createFakeClock } from '../../fakes/fake-clock.ts';

/** Names the waits that ended, in order. */
function setup(): { news: Wakeup; clock: ReturnType<typeof createFakeClock>; ended: string[] } {
  return { news: new Wakeup(), clock: createFakeClock(0), ended: [] };
}

describe('a wait', () => {
  it('ends at the next wake, all waits at once', async () => {
    const { news, clock, ended } = setup();
    const waits = ['a', 'b'].map((name) => news.wait(100, clock).then(() => ended.push(name)));
    await clock.advance(99);
    expect(ended).toEqual([]);
    news.wake();
    await Promise.all(waits);
    expect(ended).toEqual(['a', 'b']);
    expect(clock.sleepers).toBe(0);
  });

  it('ends after its time', async () => {
    const { news, clock, ended } = setup();
    const wait = news.wait(100, clock).then(() => ended.push('a'));
    await clock.advance(100);
    await wait;
    expect(ended).toEqual(['a']);
  });

  it('ends when its signal aborts, before or during the wait', async () => {
    const { news, clock } = setup();
    const stop = new AbortController();
    const wait = news.wait(100, clock, stop.signal);
    stop.abort();
    await wait;
    await news.wait(100, clock, stop.signal);
    expect(clock.sleepers).toBe(0);
  });

  it('does not end by a wake before it', async () => {
    const { news, clock, ended } = setup();
    news.wake();
    const wait = news.wait(100, clock).then(() => ended.push('a'));
    await clock.advance(99);
    expect(ended).toEqual([]);
    await clock.advance(1);
    await wait;
  });

  it('leaves nothing behind: the last of 50,000 is woken as the first was', async () => {
    const { news, clock } = setup();
    for (let i = 0; i < 50_000; i += 1) {
      const wait = news.wait(100, clock);
      news.wake();
      await wait;
    }
    expect(clock.sleepers).toBe(0);
  });
});
