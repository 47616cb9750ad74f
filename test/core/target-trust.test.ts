// What a job may believe of its target, over several runs: each step is what the ledger does at begin, plan and end.
import { describe, expect, it } from 'vitest';
import { freshTrust, trustAtBegin, trustAtPlan, trustAtReset } from '../../src/core/ledger/target-trust.ts';
import type { OpenRow, TargetTrust } from '../../src/core/ledger/target-trust.ts';
import { foundRows, noRows } from '../../src/core/ledger/found-rows.ts';
import { trustAtEnd } from '../../src/core/ledger/trust-at-end.ts';
import type { CompletedRun } from '../../src/core/ledger/trust-at-end.ts';
import type { Followed } from '../../src/core/deletes.ts';
import { BEGINNING } from '../../src/core/position.ts';
import type { Window } from '../../src/core/window.ts';
import { english } from '../support/english.ts';

const full = (to: number | null): Window => ({ from: null, to: to === null ? null : String(to) });
const increment = (from: number, to: number): Window => ({ from: String(from), to: String(to) });
const isBefore = (a: string, b: string): boolean => Number(a) < Number(b);

const clean = {
  dirty: 0,
  refused: [],
  closed: new Set<string>(),
  witnesses: [],
  filled: true,
  lost: noRows,
  overwritten: noRows,
  lacks: false,
  tableMark: null,
  sourceMark: null,
  said: [],
};

interface Step {
  readonly mapping?: string;
  readonly version?: number;
  /** Made by hand: nobody says what the mapping is. */
  readonly byHand?: boolean;
  readonly digestChanged?: boolean;
  readonly window: Window;
  readonly emptyTarget?: boolean;
  readonly tableMark?: string;
  readonly columns?: readonly string[];
  readonly follows?: Followed | null;
  /** What an increment found before it began. */
  readonly seen?: Partial<Parameters<typeof trustAtPlan>[1]['seen']>;
  readonly end?: Partial<CompletedRun>;
  readonly dirty?: number;
  readonly refused?: readonly OpenRow[];
  readonly closed?: ReadonlySet<string>;
  /** The run ends before it is complete. */
  readonly fails?: boolean;
}

/** The trust after all steps, and what was said of the last. */
function after(...steps: readonly Step[]): { trust: TargetTrust; doubts: string[] } {
  let trust: TargetTrust | null = null;
  let watermark: string | null = null;
  let doubts: string[] = [];
  for (const step of steps) {
    const {
      mapping = 'm',
      version = 1,
      byHand = false,
      digestChanged = false,
      window,
      emptyTarget = trust === null,
      tableMark = null,
    } = step;
    const begun = trustAtBegin(trust, byHand ? undefined : { digest: mapping, version }, {
      watermark,
      digestChanged,
    });
    const { witnesses, lost, overwritten, blind } = begun;
    const seen = window.from === null ? null : { witnesses, lost, overwritten, blind, ...step.seen };
    trust = trustAtPlan(begun, { window, emptyTarget, tableMark, columns: step.columns ?? null, seen });
    if (step.fails === true) continue;
    const { follows = null, dirty = 0, refused = [], closed = new Set<string>() } = step;
    const rest = { dirty, refused, closed, ...step.end };
    const end = trustAtEnd(trust, { ...clean, window, follows, ...rest });
    trust = end.trust;
    doubts = english(end.doubts);
    watermark = window.to;
  }
  if (trust === null) throw new Error('no step');
  return { trust, doubts };
}

describe('deletes', () => {
  it('are to be followed from the end of the first window whose rows were written, also by a run that failed', () => {
    expect(
      after({ window: full(100), fails: true }, { window: full(200), fails: true }).trust.deletesFrom,
    ).toBe('100');
  });

  it('are followed when a run goes back to there; only then the beginning moves', () => {
    const failed: Step = { window: full(100), fails: true };
    const short = after(failed, { window: full(200), follows: { since: '150' } });
    expect(short.doubts.join()).toMatch(/deleted in the source since 100 may still be in the target/);
    expect(short.trust.deletesFrom).toBe('100');
    for (const follows of ['all', { since: '100' }] as const)
      expect(after(failed, { window: full(200), follows })).toMatchObject({
        doubts: [],
        trust: { deletesFrom: '200' },
      });
  });

  it('that are ignored leave the beginning where it is, without a doubt: the job wants it so', () => {
    const ignored = after({ window: full(100) }, { window: increment(100, 200) });
    expect(ignored).toMatchObject({ doubts: [], trust: { deletesFrom: '100' } });
    const late = after({ window: full(100) }, { window: increment(100, 200), follows: { since: '150' } });
    expect(late.doubts).toHaveLength(1);
  });

  it('of a source without positions are to be followed from the beginning', () => {
    expect(after({ window: full(null) }).trust.deletesFrom).toBe(BEGINNING);
    expect(after({ window: full(null), follows: 'keys' }).doubts).toEqual([]);
    const late = after({ window: full(null) }, { window: full(100), follows: { since: '50' } });
    expect(late.doubts).toEqual([expect.stringContaining('since the beginning may still be in the target')]);
  });
});

describe('what a run has in doubt', () => {
  const doubtful: Step = { window: full(100), end: { said: [{ en: 'a trigger', zh: '触发器' }] } };

  it('stays so for increments, which leave its rows as they are, until a full read is complete', () => {
    const said = ['in doubt since an earlier run, until a full one: a trigger'];
    expect(after(doubtful, { window: increment(100, 200) }).doubts).toEqual(said);
    expect(
      after(doubtful, { window: full(200), fails: true }, { window: increment(100, 200) }).doubts,
    ).toEqual(said);
    expect(after(doubtful, { window: increment(100, 200) }, { window: full(300) }).doubts).toEqual([]);
  });

  it('is said once where the run has it in doubt itself, and of many some are kept', () => {
    expect(after(doubtful, { ...doubtful, window: increment(100, 200) }).doubts).toEqual([]);
    const many = Array.from({ length: 30 }, (_, i) => ({ en: `reason ${i}`, zh: `原因 ${i}` }));
    const { doubts } = after({ window: full(100), end: { said: many } }, { window: increment(100, 200) });
    expect(doubts).toHaveLength(10);
  });
});

describe('another mapping', () => {
  const first: Step = { window: full(100), mapping: 'a' };
  const changed: Step = { window: increment(100, 200), mapping: 'b', version: 7 };

  it('leaves old columns in rows that are not read again: said until a full read is complete', () => {
    const { doubts } = after(first, changed, { ...changed, window: increment(200, 300), version: 8 });
    expect(doubts).toEqual([
      'mapping changed in version 7: rows unchanged since 100 keep the old columns until the next full run',
    ]);
    expect(after(first, changed, { window: full(300), mapping: 'b' }).doubts).toEqual([]);
  });

  it('is not undone by the old one: rows were written by both', () => {
    expect(
      after(first, changed, { window: increment(200, 300), mapping: 'a', version: 9 }).doubts,
    ).toHaveLength(1);
  });

  it('is not forgotten when the full run fails', () => {
    expect(
      after(
        first,
        { window: full(200), mapping: 'b', fails: true },
        { window: increment(100, 300), mapping: 'b' },
      ).doubts,
    ).toHaveLength(1);
  });

  it('before any row was written is none', () => {
    const trust = trustAtBegin(
      freshTrust('a'),
      { digest: 'b', version: 2 },
      { watermark: null, digestChanged: true },
    );
    expect(trust).toEqual(freshTrust('b'));
  });
});

describe('runs by hand, of which nobody says what was changed between them', () => {
  const first: Step = { window: full(100), byHand: true };

  it('are not in doubt when they are the first, or read in full where deletes are not followed', () => {
    expect(after(first).doubts).toEqual([]);
    expect(after(first, { window: full(200), byHand: true }).doubts).toEqual([]);
    expect(after({ ...first, follows: 'all' }).doubts).toEqual([]);
  });

  it('may have another mapping than rows that are not read again: said until a full read is complete', () => {
    const { doubts } = after(first, { window: increment(100, 200), byHand: true });
    expect(doubts).toEqual([expect.stringMatching(/^a run was begun by hand.* unchanged since 100/)]);
  });

  it('may have another source or key than rows of before, where deletes are followed: said until keys are compared', () => {
    const again: Step = { window: full(200), byHand: true, follows: 'all' };
    expect(after(first, again).doubts).toEqual([expect.stringMatching(/^a run was begun by hand.* source/)]);
    expect(after(first, { ...again, follows: 'keys' }).doubts).toEqual([]);
  });
});

describe('another source or key', () => {
  const changed: Step = { window: full(200), digestChanged: true, version: 3, follows: 'all' };

  it('leaves rows that the source may not have: said until all keys are compared, or the target is empty', () => {
    const said = after({ window: full(100) }, changed, {
      window: increment(200, 300),
      follows: { since: '200' },
    });
    expect(said.doubts).toEqual([expect.stringContaining('a run of version 3 had another')]);
    expect(after({ window: full(100) }, { ...changed, follows: 'keys' }).doubts).toEqual([]);
    expect(after({ window: full(100) }, { ...changed, emptyTarget: true, follows: 'all' }).doubts).toEqual(
      [],
    );
  });
});

describe('a source that was made anew', () => {
  const first: Step = { window: full(100), end: { sourceMark: '1' } };
  const anew: Step = { window: increment(100, 200), end: { sourceMark: '2' } };

  it('may have rows that no increment reads: said until a full read is complete', () => {
    const said = [expect.stringContaining('made anew since 100')];
    const next: Step = { window: increment(200, 300), end: { sourceMark: '2' } };
    expect(after(first, anew).doubts).toEqual(said);
    expect(after(first, anew, next).doubts).toEqual(said);
    expect(after(first, { ...anew, window: full(200), fails: true }, anew).doubts).toEqual(said);
    expect(after(first, anew, { ...anew, window: full(300) }, next).doubts).toEqual([]);
    expect(
      after(first, { window: increment(100, 200) }, { ...first, window: increment(200, 300) }),
    ).toMatchObject({
      doubts: [],
    });
  });

  it('left rows that no delete tells of: said until all keys are compared in a full run, or the target is empty', () => {
    const whole: Step = { ...anew, window: full(200), follows: 'all' };
    expect(after(first, whole).doubts).toEqual([
      expect.stringContaining('before it was made anew (since 100)'),
    ]);
    expect(after(first, whole, { ...whole, window: full(300), follows: 'keys' }, whole).doubts).toEqual([]);
    expect(after(first, { ...whole, emptyTarget: true }).doubts).toEqual([]);
  });
});

describe('a table that somebody altered or made anew', () => {
  const first: Step = { window: full(100), tableMark: '1' };
  const altered: Step = { window: increment(100, 200), tableMark: '2' };

  it('may have changed rows that no increment reads: said until a full read', () => {
    const said = [expect.stringContaining('altered or made anew')];
    expect(after(first, altered).doubts).toEqual(said);
    expect(after(first, altered, { window: increment(200, 300), tableMark: '2' }).doubts).toEqual(said);
    expect(after(first, altered, { window: full(300), tableMark: '2' }).doubts).toEqual([]);
  });

  it('stays so when the full run fails, and needs no full run when it is as it was, or cannot be told', () => {
    const failed: Step = { window: full(200), tableMark: '2', fails: true };
    expect(after(first, failed, altered).doubts).toHaveLength(1);
    expect(after(first, { ...altered, tableMark: '1' }).doubts).toEqual([]);
    const during = { ...first, end: { tableMark: '2' } };
    expect(after(during).doubts).toEqual([expect.stringMatching(/was, or may have been, altered/)]);
    expect(after(during, { window: full(200), tableMark: '2' }).doubts).toEqual([]);
    expect(after(first, { window: increment(100, 200) }).doubts).toEqual([]);
    expect(after({ window: full(100) }, altered).doubts).toEqual([]);
  });
});

describe('a watermark moved by hand', () => {
  it('over changes that nobody read is said until a full read', () => {
    const moved = trustAtReset(after({ window: full(100) }).trust, { from: '100', to: '500' }, isBefore);
    const run = (window: Step['window']) =>
      english(trustAtEnd(moved, { ...clean, window, follows: null }).doubts);
    expect(run(increment(500, 600))).toEqual([expect.stringContaining('moved by hand')]);
    expect(run(full(600))).toEqual([]);
  });

  it('back, or away, skips nothing', () => {
    const { trust } = after({ window: full(100) });
    expect(trustAtReset(trust, { from: '100', to: '50' }, isBefore)).toEqual(trust);
    expect(trustAtReset(trust, { from: '100', to: null }, isBefore)).toEqual(trust);
  });
});

describe('rows of before', () => {
  const first: Step = { window: full(100), end: { witnesses: [{ key: 'k', mark: 'm' }] } };
  const next: Step = { window: increment(100, 200) };

  it('that are gone, hold other values or are not known any more are said until a full run is complete', () => {
    for (const [seen, said] of [
      [{ lost: foundRows(['a', 'b']) }, /^2 of the rows .* not in the target any more \(first keys: a, b\)/],
      [{ overwritten: foundRows(['c']) }, /^1 of the rows .* holds other values .* \(first keys: c\)/],
      [{ blind: true }, /is known any more/],
    ] as const) {
      const doubts = [expect.stringMatching(said)];
      expect(after(first, { ...next, seen }).doubts).toEqual(doubts);
      expect(after(first, { ...next, seen }, { window: increment(200, 300) }).doubts).toEqual(doubts);
      expect(after(first, { ...next, seen }, { window: full(300) }).doubts).toEqual([]);
    }
  });

  it('that are gone at the end of a full run are said all the same, and after it', () => {
    const lossy: Step = { window: full(200), end: { lost: foundRows(['a']) } };
    expect(after(first, lossy).doubts).toHaveLength(1);
    expect(after(first, lossy, { window: increment(200, 300) }).doubts).toHaveLength(1);
    expect(after(first, lossy, { window: full(300) }).doubts).toEqual([]);
  });

  it('are not marked any more when a full run was planned, or the mapping is another', () => {
    const marks = (...steps: readonly Step[]) => after(...steps).trust.witnesses.map(({ mark }) => mark);
    expect(marks({ ...first, fails: false })).toEqual(['m']);
    expect(marks(first, { ...next, fails: true })).toEqual(['m']);
    expect(marks(first, { window: full(200), fails: true })).toEqual([null]);
    expect(marks(first, { ...next, mapping: 'other', fails: true })).toEqual([null]);
  });
});

describe('refused rows', () => {
  const row = (name: string): OpenRow => ({ key: name, sent: `["${name}"]`, row: null });
  const refusing: Step = { window: full(100), dirty: 2, refused: [row('r1'), row('r2')] };

  it('stay open over runs that do not meet them, with their number and first keys', () => {
    expect(after(refusing, { window: increment(100, 200) }).doubts).toEqual([
      expect.stringMatching(/^2 refused rows are open \(first keys: r1, r2\)/),
    ]);
  });

  it('whose key is NULL are told so', () => {
    const [doubt] = after({ ...refusing, dirty: 1, refused: [{ ...row(''), sent: '[null]' }] }).doubts;
    expect(doubt).toMatch(/^1 refused row is open \(first keys: NULL or empty\)/);
  });

  it('whose keys were not kept name none, and only a full read without them ends it', () => {
    const beyond: Step = { ...refusing, dirty: 13 };
    const left = { window: increment(100, 200), closed: new Set(['["r1"]', '["r2"]']) };
    const doubt = expect.stringMatching(/^11 refused rows are open whose keys were not kept/) as string;
    expect(after(beyond, left).doubts).toEqual([doubt]);
    expect(after(beyond, left, { window: full(300) }).doubts).toEqual([]);
  });

  it('are closed by a run that writes or removes their key, or by a full read without them', () => {
    const one = after(refusing, { window: increment(100, 200), closed: new Set(['["r1"]']) });
    expect(one.trust.open.map(({ key }) => key)).toEqual(['r2']);
    const all = after(refusing, { window: increment(100, 200), closed: new Set(['["r1"]', '["r2"]']) });
    expect(all.doubts).toEqual([]);
    expect(after(refusing, { window: full(200) }).doubts).toEqual([]);
  });

  it('that are refused again are open once', () => {
    const { trust } = after(refusing, { window: increment(100, 200), dirty: 1, refused: [row('r1')] });
    expect(trust.open.map(({ key }) => key)).toEqual(['r1', 'r2']);
  });

  it('of which no key is kept are counted until a full read', () => {
    const many = after(
      { window: full(100), dirty: 900, refused: [row('r1')] },
      { window: increment(100, 200) },
    );
    expect(many.doubts).toEqual([expect.stringMatching(/^900 refused rows are open/)]);
  });
});

describe('rows that a comparison of keys does not find in the target', () => {
  const first: Step = { window: full(100), follows: 'keys' };
  const lacking: Step = { window: increment(100, 200), follows: 'keys', end: { lacks: true } };

  it('are said, also by runs that do not compare, until a full run or a comparison that finds none', () => {
    const said = [expect.stringContaining('the target lacks rows')];
    expect(after(first, lacking).doubts).toEqual(said);
    expect(after(first, lacking, { window: increment(200, 300) }).doubts).toEqual(said);
    expect(after(first, lacking, { ...first, window: increment(200, 300) }).doubts).toEqual([]);
    expect(after(first, lacking, { window: full(300), follows: 'keys' }).doubts).toEqual([]);
  });
});

it('rows that no source counted are said until keys are compared or the target is empty', () => {
  const { trust } = after({ window: full(100) });
  const doubtsOf = (follows: 'keys' | null, window: Step['window'] = full(200)) =>
    english(trustAtEnd({ ...trust, stray: 2 }, { ...clean, window, follows }).doubts);
  expect(doubtsOf(null)).toEqual([expect.stringMatching(/written 2 rows more than its source counted/)]);
  expect(doubtsOf('keys')).toEqual([]);
});

it('a full run into a target that somebody emptied, and that fails, leaves increments in doubt until a full one is complete', () => {
  const first: Step = { window: full(100) };
  const failed: Step = { window: full(200), emptyTarget: true, fails: true };
  const said = [expect.stringContaining('the target lacks rows')];
  expect(after(first, failed, { window: increment(100, 300) }).doubts).toEqual(said);
  expect(after(first, failed, { window: full(300) }).doubts).toEqual([]);
  expect(after(first, { ...failed, fails: false }).doubts).toEqual([]);
});

it('rows that were there before the first run are no proof of anything where deletes are followed, until keys are compared or all go', () => {
  const said = [expect.stringContaining('before the first run of this job')];
  const first: Step = { window: full(100), emptyTarget: false, follows: 'all' };
  expect(after(first).doubts).toEqual(said);
  expect(after(first, { window: full(200), emptyTarget: false, follows: 'all' }).doubts).toEqual(said);
  expect(after(first, { window: full(200), emptyTarget: false, follows: null }).doubts).toEqual([]);
  expect(after(first, { window: increment(100, 200), follows: 'keys' }).doubts).toEqual([]);
  expect(after(first, { window: full(200), emptyTarget: true, follows: 'all' }).doubts).toEqual([]);
});
