import { describe, expect, it } from 'vitest';
import type { PlanRequest } from '../../../../src/core/connector/contract.ts';
import { findZone } from '../../../../src/core/time/time-zone.ts';
import type { ServerZone, SourceColumn, SourceSession } from '../../../../connectors/sql/source/dialect.ts';
import { planIncrement, windowConditions } from '../../../../connectors/sql/source/increments/increments.ts';
import { instantText } from '../../../../connectors/sql/source/increments/time-text.ts';
import { sqliteWords } from '../../../../connectors/sqlite/source/words.ts';
import { english } from '../../../support/english.ts';

const noon = Date.parse('2026-11-30T12:00:00Z') * 1000;

interface Situation {
  /** Of the server, µs. */
  readonly now?: number;
  readonly zones?: readonly ServerZone[];
  readonly dbTimezone?: string;
  readonly column?: Partial<SourceColumn>;
  readonly base?: string;
  readonly mode?: PlanRequest['mode'];
}

function configOf(dbTimezone: string) {
  return {
    increments: { delayMs: 0, zone: findZone(dbTimezone) },
    place: { kind: 'table', namespace: 'd', table: 't' },
    name: 'd.t',
  } as unknown as Parameters<typeof planIncrement>[1];
}

async function plan({ now = noon, zones = [], dbTimezone = 'UTC', column = {}, base, mode }: Situation) {
  const session = {
    words: sqliteWords,
    read: () => Promise.resolve([]),
    now: () => Promise.resolve({ micros: now, notes: [] }),
    openTransactions: () => Promise.resolve({ kind: 'known', oldest: null }),
    zones: () => Promise.resolve(zones),
  } as unknown as SourceSession;
  const at = {
    ...{ name: 'at', declared: 'DATETIME(6)', nullable: false, order: 'time', local: true },
    ...{ type: { kind: 'timestamp', precision: 6 }, ...column },
  } as unknown as SourceColumn;
  const config = configOf(dbTimezone);
  const request = {
    mode: mode ?? 'incremental',
    base: base ?? '2026-11-30T00:00:00.000000Z',
    lagMs: 1_000,
  };
  const growing = { kind: 'time', columns: [at], disorder: null } as const;
  const { window, doubts } = await planIncrement(session, config, { growing, request });
  return { window, doubts: english(doubts).join('; '), chinese: doubts.map(({ zh }) => zh).join() };
}

const server = (name: string, hours: number): ServerZone => ({ name, offset: hours * 3600, of: null });

describe("increments by times without a zone, where the server's zone is another one than db.timezone", () => {
  it('are in doubt, which names both and what to write', async () => {
    const { doubts, chinese } = await plan({ zones: [server('-05:00', -5)] });
    expect(doubts).toMatch(
      /the server's own zone is -05:00.*at is read by db\.timezone=UTC.*write db\.timezone=-05:00/,
    );
    expect(chinese).toMatch(/-05:00.*db\.timezone=UTC.*请设置 db\.timezone=-05:00/);
    expect((await plan({ zones: [server('CST', 8)] })).doubts).toContain('write db.timezone=+08:00');
    expect((await plan({ zones: [server('Asia/Kolkata', 5.5)] })).doubts).toContain(
      'is Asia/Kolkata (+05:30), but at is read by db.timezone=UTC',
    );
  });

  it('name whose zone it is, and no zone whose clocks are put back', async () => {
    const { doubts } = await plan({
      zones: [server('UTC', 0), { name: 'Europe/Berlin', offset: 3600, of: 'app' }],
    });
    expect(doubts).toMatch(/^the zone of app on the server is Europe\/Berlin \(\+01:00\)/);
    expect(doubts).not.toContain('write db.timezone');
  });

  it('are in none where both are the same now, where the column has a zone, and in a full run', async () => {
    expect((await plan({ zones: [server('CST', 8)], dbTimezone: 'Asia/Shanghai' })).doubts).toBe('');
    expect((await plan({ zones: [server('CST', 8)], column: { local: false } })).doubts).toBe('');
    expect((await plan({ zones: [server('CST', 8)], mode: 'full' })).doubts).toBe('');
  });
});

describe("increments from a position that lies beyond the server's clock", () => {
  const base = '2026-11-30T12:00:00.000000Z';

  it('are in doubt, however little it is: the clock was set back, and stamps rows before the position', async () => {
    for (const microsBack of [1, 55e6]) {
      const { window, doubts, chinese } = await plan({ now: noon - microsBack, base });
      expect(window).toEqual({ from: base, to: base });
      expect(doubts).toMatch(/the server's clock .* before the job's position.*full/);
      expect(chinese).toContain('早于作业的位置');
    }
    expect((await plan({ now: noon, base })).doubts).toBe('');
  });

  it('are refused above what clocks differ by', async () => {
    await expect(plan({ now: noon - 61e6, base })).rejects.toMatchObject({ field: 'watermark' });
  });

  it('begin at the clock again after a full run, which reads every row', async () => {
    for (const microsBack of [1, 55e6, 3600e6]) {
      const { window, doubts } = await plan({ now: noon - microsBack, base, mode: 'full' });
      expect(window).toEqual({ from: null, to: instantText(noon - microsBack - 1e6) });
      expect(doubts).toBe('');
    }
  });

  it('stay at the position where a full run waits longer than the runs before', async () => {
    const { window } = await plan({ now: noon + 500_000, base, mode: 'full' });
    expect(window).toEqual({ from: null, to: base });
  });
});

describe('increments by a DATE', () => {
  const ofDays = { declared: 'DATE', type: { kind: 'date' } } as const;
  const inKarachi = (at: Partial<Situation>) => plan({ column: ofDays, dbTimezone: 'Asia/Karachi', ...at });

  it('end with a whole day of the zone', async () => {
    const base = '2026-11-28T19:00:00.000000Z';
    expect((await inKarachi({ base })).window.to).toBe('2026-11-29T19:00:00.000000Z');
    expect((await inKarachi({ base, now: noon + 7 * 3600e6 + 2e6 })).window.to).toBe(
      '2026-11-30T19:00:00.000000Z',
    );
    expect((await plan({ column: ofDays, base })).window.to).toBe('2026-11-30T00:00:00.000000Z');
  });

  it('read a day whole where a position set by hand lies within it', () => {
    const conditions = (position: string, column: Partial<SourceColumn>) => {
      const at = { name: 'at', nullable: false, order: 'time', local: true, ...column } as SourceColumn;
      return windowConditions(sqliteWords, configOf('Asia/Karachi'), {
        growing: { kind: 'time', columns: [at], disorder: null },
        window: { from: position, to: null },
        bounded: false,
      }).join();
    };
    expect(conditions('2026-11-30T08:30:00.500000Z', ofDays)).toContain("'2026-11-30 00:00:00.000000'");
    const whole = { type: { kind: 'timestamp', precision: 0 } } as const;
    expect(conditions('2026-11-30T08:30:00.500000Z', whole)).toContain("'2026-11-30 13:30:00.000000'");
  });
});
