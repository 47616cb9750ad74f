// A transaction that is open since nobody knows when: it may have given a row any time behind the job's position.
import { describe, expect, it } from 'vitest';
import { mysqlWords } from '../../../../connectors/mysql/source/words.ts';
import type { OpenTransactions, SourceSession } from '../../../../connectors/sql/source/dialect.ts';
import { planIncrement } from '../../../../connectors/sql/source/increments/increments.ts';
import type { Growing } from '../../../../connectors/sql/source/increments/increments.ts';
import { utc } from '../../../../src/core/time/time-zone.ts';
import { english } from '../../../support/english.ts';

const at = (time: string): number => Date.parse(`2026-01-01T${time}Z`) * 1000;
const prepared: OpenTransactions = { kind: 'undated', which: { en: "'x' is prepared", zh: '“x”已预提交' } };

async function plan(
  open: OpenTransactions,
  base: string | null,
  mode: 'full' | 'incremental' = 'incremental',
) {
  const session = {
    words: mysqlWords,
    now: () => Promise.resolve({ micros: at('12:00:00'), notes: [] }),
    openTransactions: () => Promise.resolve(open),
    read: () => Promise.resolve([]),
  } as unknown as SourceSession;
  const column = {
    name: 'at',
    order: 'time',
    local: false,
    nullable: false,
    type: { kind: 'timestamp', precision: 6 },
  };
  const growing = { kind: 'time', columns: [column], disorder: null } as unknown as Growing;
  const increments = {
    mode: 'timestamp' as const,
    ...{ incrementing: '', timestamps: ['at'], zone: utc, delayMs: 0, requireValues: true },
  };
  const config = { increments, name: 't', place: { kind: 'table', namespace: 'd', table: 't' } } as const;
  const request = { base, mode, lagMs: 60_000 } as never;
  const { window, notes } = await planIncrement(session, config, { growing, request });
  return { window, notes: english(notes).join() };
}

describe('a window by time', () => {
  const base = '2026-01-01T11:00:00.000000Z';

  it('ends the lag before the oldest open transaction began: its first statement may have waited for that long, with the time of before', async () => {
    const { window } = await plan({ kind: 'known', oldest: at('11:30:00') }, base);
    expect(window).toEqual({ from: base, to: '2026-01-01T11:29:00.000000Z' });
  });

  it('does not move while one is open whose beginning nobody knows, and says which', async () => {
    const { window, notes } = await plan(prepared, base);
    expect(window).toEqual({ from: base, to: base });
    expect(notes).toContain("the window stays where it was: 'x' is prepared");
    expect(notes).not.toContain('1970');
    expect((await plan(prepared, base, 'full')).window).toEqual({ from: null, to: base });
  });

  it('ends before all times then where the job has no position yet, so that the next run reads all', async () => {
    expect((await plan(prepared, null)).window).toEqual({ from: null, to: '1970-01-01T00:00:00.000000Z' });
  });
});
