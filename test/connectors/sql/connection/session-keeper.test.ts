// Sessions that are kept between two stores of one login.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSessionKeeper } from '../../../../connectors/sql/connection/session-keeper.ts';
import { SessionHolder } from '../../../../connectors/sql/target/session-holder.ts';
import type { KeptSession } from '../../../../connectors/sql/target/session.ts';
import { SyncError } from '../../../../src/core/errors.ts';

interface FakeSession extends KeptSession {
  alive: boolean;
  /** What its next `begin` throws; null: nothing. */
  refuses: SyncError | null;
  resting: boolean;
}

function setup() {
  const keeper = createSessionKeeper<FakeSession>();
  const opened: FakeSession[] = [];
  const open = (): Promise<FakeSession> => {
    const session: FakeSession = {
      alive: true,
      refuses: null,
      resting: false,
      bornAt: Date.now(),
      begin: () => (session.refuses === null ? Promise.resolve() : Promise.reject(session.refuses)),
      commit: () => Promise.resolve(),
      rollback: () => Promise.resolve(),
      command: () => Promise.resolve(),
      read: () => Promise.resolve([]),
      change: () => Promise.resolve(0),
      destroy: () => void (session.alive = false),
      rest: () => void (session.resting = true),
      wake: () => void (session.resting = false),
    };
    opened.push(session);
    return Promise.resolve(session);
  };
  const holder = (key: string): SessionHolder<FakeSession> =>
    new SessionHolder(open, {
      take: () => keeper.take(key, undefined),
      keep: (session) => keeper.keep(key, session),
    });
  const useOnce = async (key: string): Promise<void> => {
    const sessions = holder(key);
    await sessions.transaction(() => Promise.resolve());
    sessions.close();
  };
  return { opened, holder, useOnce };
}

describe('a session whose store was closed', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is the next one’s of the same login, and of no other', async () => {
    const { opened, useOnce } = setup();
    await useOnce('a');
    await useOnce('a');
    expect(opened).toHaveLength(1);
    expect(opened[0]).toMatchObject({ alive: true, resting: true });
    await useOnce('b');
    expect(opened).toHaveLength(2);
  });

  it('is closed when nobody takes it for five seconds', async () => {
    const { opened, useOnce } = setup();
    await useOnce('a');
    vi.advanceTimersByTime(5_000);
    expect(opened[0]?.alive).toBe(false);
    await useOnce('a');
    expect(opened).toHaveLength(2);
  });

  it('is not taken once it is a minute old, however often it was used', async () => {
    const { opened, useOnce } = setup();
    for (let second = 0; second < 60; second += 1) {
      await useOnce('a');
      vi.advanceTimersByTime(1_000);
    }
    expect(opened).toHaveLength(1);
    await useOnce('a');
    expect(opened).toHaveLength(2);
    expect(opened[0]?.alive).toBe(false);
  });

  it('is replaced when the server closed it meanwhile: nothing was done on it yet', async () => {
    const { opened, useOnce } = setup();
    await useOnce('a');
    const [first] = opened;
    if (first === undefined) throw new Error('none was opened');
    first.refuses = new SyncError('TARGET_UNREACHABLE', { message: 'closed' });
    await useOnce('a');
    expect(opened).toHaveLength(2);
    expect(first.alive).toBe(false);
  });

  it('is not kept when a transaction is open on it', async () => {
    const { opened, holder, useOnce } = setup();
    const sessions = holder('a');
    let end: () => void = () => undefined;
    const work = sessions.transaction(() => new Promise<void>((resolve) => (end = resolve)));
    await vi.advanceTimersByTimeAsync(0);
    sessions.close();
    expect(opened[0]?.alive).toBe(false);
    end();
    await work;
    await useOnce('a');
    expect(opened).toHaveLength(2);
  });
});
