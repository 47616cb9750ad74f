import { describe, expect, it } from 'vitest';
import type { OpenTransactions, SourceSession } from '../../../../connectors/sql/source/dialect.ts';
import { ofReplica, settle } from '../../../../connectors/sql/source/increments/settle.ts';
import { createFakeClock } from '../../../fakes/fake-clock.ts';
import { english } from '../../../support/english.ts';

const from = 1_000_000_000;

function setup(open: () => OpenTransactions) {
  const clock = createFakeClock(0);
  const session = { openTransactions: () => Promise.resolve(open()) } as unknown as SourceSession;
  let doubts: readonly string[] | null = null;
  const signal = new AbortController().signal;
  void settle(session, { from, lagMs: 60_000, clock, signal }).then((found) => (doubts = english(found)));
  return { clock, doubts: () => doubts };
}

describe('waiting for smaller numbers', () => {
  it('ends with the transactions that were open, and leaves no doubt', async () => {
    let oldest: number | null = from - 1;
    const { clock, doubts } = setup(() => ({ kind: 'known', oldest }));
    await clock.advance(5_000);
    expect(doubts()).toBeNull();
    oldest = from + 1;
    await clock.advance(1_000);
    expect(doubts()).toEqual([]);
  });

  it('ends with the lag where one lasts longer, and that is a doubt', async () => {
    const { clock, doubts } = setup(() => ({ kind: 'known', oldest: from - 1 }));
    await clock.advance(59_000);
    expect(doubts()).toBeNull();
    await clock.advance(1_000);
    expect(doubts()?.join()).toContain('longer than the lag');
    // In the same words for each run, so that a job remembers it once.
    const later = setup(() => ({ kind: 'known', oldest: from - 1_000_000 }));
    await later.clock.advance(60_000);
    expect(later.doubts()).toEqual(doubts());
  });

  it("ends with the lag where nobody can say, whatever the server's clock does", async () => {
    const { clock, doubts } = setup(() => ({ kind: 'unknown', reason: ofReplica }));
    await clock.advance(59_000);
    expect(doubts()).toBeNull();
    await clock.advance(1_000);
    expect(doubts()).toEqual([]);
  });

  it('does not count one whose beginning nobody knows as begun later: it ends, or is a doubt', async () => {
    let open: OpenTransactions = { kind: 'undated', which: { en: "'x' is prepared", zh: '' } };
    const waited = setup(() => open);
    const lasting = setup(() => ({ kind: 'undated', which: { en: "'x' is prepared", zh: '' } }));
    await waited.clock.advance(5_000);
    expect(waited.doubts()).toBeNull();
    open = { kind: 'known', oldest: from + 1 };
    await waited.clock.advance(1_000);
    expect(waited.doubts()).toEqual([]);
    await lasting.clock.advance(60_000);
    expect(lasting.doubts()?.join()).toMatch(/a prepared transaction of which nobody can tell when it began/);
  });
});
