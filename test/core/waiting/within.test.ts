// Waiting that ends in time, or with a signal.
import { describe, expect, it } from 'vitest';
import { untilAborted } from '../../../src/core/waiting/until-aborted.ts';
import { within } from '../../../src/core/waiting/within.ts';
import { createFakeClock } from '../../fakes/fake-clock.ts';

const never = new Promise<string>(() => undefined);
const late = (): never => {
  throw new Error('too late');
};

describe('within a time', () => {
  it('gives what the work gives, and leaves no sleeper', async () => {
    const clock = createFakeClock(0);
    expect(await within({ clock, ms: 10, onLimit: late }, Promise.resolve('done'))).toBe('done');
    await Promise.resolve();
    expect(clock.sleepers).toBe(0);
  });

  it('throws what the work throws', async () => {
    const clock = createFakeClock(0);
    const work = Promise.reject<string>(new Error('of the work'));
    await expect(within({ clock, ms: 10, onLimit: late }, work)).rejects.toThrow('of the work');
    expect(clock.sleepers).toBe(0);
  });

  it('throws or gives what its limit says when the time is up', async () => {
    const clock = createFakeClock(0);
    const thrown = expect(within({ clock, ms: 10, onLimit: late }, never)).rejects.toThrow('too late');
    const given = within({ clock, ms: 10, onLimit: () => 'instead' }, never);
    await clock.advance(10);
    await thrown;
    expect(await given).toBe('instead');
  });

  it('does not hear of a failure that comes later', async () => {
    const clock = createFakeClock(0);
    const work = clock.sleep(20).then(() => Promise.reject(new Error('long after')));
    const given = within<unknown>({ clock, ms: 10, onLimit: () => 'instead' }, work);
    await clock.advance(30);
    expect(await given).toBe('instead');
  });
});

describe('until aborted', () => {
  it('gives what the work gives, without a signal too', async () => {
    const { signal } = new AbortController();
    expect(await untilAborted(signal, Promise.resolve(1))).toBe(1);
    expect(await untilAborted(undefined, Promise.resolve(1))).toBe(1);
  });

  it('throws the reason, aborted before or during the work', async () => {
    const stop = new AbortController();
    const waiting = expect(untilAborted(stop.signal, never)).rejects.toThrow('stop');
    stop.abort(new Error('stop'));
    await waiting;
    await expect(untilAborted(stop.signal, never)).rejects.toThrow('stop');
  });
});
