// What a run does about rows that are gone, decided with the plan: how far back it follows them, and how the report says it.
import { describe, expect, it } from 'vitest';
import type { PlanRequest } from '../../../../src/core/connector/contract.ts';
import { timePosition } from '../../../../connectors/hbase/source/positions.ts';
import { planDeletes } from '../../../../connectors/hbase/source/followed-deletes.ts';
import type { DeletePolicy } from '../../../../connectors/hbase/source/followed-deletes.ts';
import { makeMapping } from '../cell-rows.ts';

const plain = { sourceFiled: 'd:a', targetFiled: 'a' };
const conditional = { ...plain, limitcondition: "= 'x'" };

function plan(
  deletes: DeletePolicy,
  options: { from?: number | null; since?: number; entry?: Record<string, string> } = {},
) {
  const { since, entry = plain } = options;
  const from = options.from == null ? null : timePosition(options.from);
  const request: PlanRequest = {
    base: from,
    mode: 'incremental',
    lagMs: 0,
    ...(since === undefined ? {} : { deletesFrom: timePosition(since) }),
  };
  const source = { deletes, growing: null, mapping: makeMapping([entry]) };
  return planDeletes(source, request, { from, to: timePosition(900) });
}

it.each([
  ['ignore', null, /^deletes not followed: rows deleted in the source stay in the target\n不跟随删除/],
  [
    'markers',
    null,
    /by their markers.* major compaction, or a minor one of all files of a store.*\n.*删除标记/,
  ],
  [
    'markers',
    500,
    /by their markers.* major compaction, or a minor one of all files of a store.*\n.*删除标记/,
  ],
  [
    'reconcile',
    500,
    /of single columns, in an increment, by their markers.* a minor one of all files.*\n.*单列/,
  ],
  ['reconcile', null, /^deletes followed by comparing the keys of source and target\n通过比对/],
] as const)('%s, window from %s, is said in both languages', (policy, from, said) => {
  const { note } = plan(policy, { from });
  expect(`${note.en}\n${note.zh}`).toMatch(said);
});

describe('rows that their condition lets pass no more', () => {
  const of = (policy: DeletePolicy, more: { from?: number | null; since?: number } = {}) =>
    plan(policy, { ...more, entry: conditional });

  it('are removed by increments that follow deletes, and by full reads of what runs had written', () => {
    expect(of('markers', { from: 500 }).removesRefused).toBe(true);
    expect(of('reconcile', { from: 500 }).removesRefused).toBe(true);
    expect(of('markers').removesRefused).toBe(false);
    expect(of('markers', { since: 100 }).removesRefused).toBe(true);
    expect(of('reconcile', { since: 100 }).removesRefused).toBe(false);
    expect(of('ignore', { from: 500 }).removesRefused).toBe(false);
    expect(plan('markers', { from: 500 }).removesRefused).toBe(false);
  });

  it('of before an increment are not found by markers, so it does not claim to follow them', () => {
    expect(plan('markers', { from: 500, since: 100 }).follows).toEqual({ follows: 'all' });
    expect(plan('markers', { from: 500, since: 500 }).follows).toEqual({ follows: 'all' });
    expect(plan('markers', { from: 500 }).follows).toEqual({ follows: { since: timePosition(500) } });
    expect(of('markers', { from: 500, since: 100 }).follows).toEqual({
      follows: { since: timePosition(500) },
    });
    expect(of('reconcile', { from: 500, since: 100 }).follows).toEqual({ follows: 'keys' });
  });

  it('are named where deletes are not followed', () => {
    const { note } = of('ignore');
    expect(note.en).toContain('pass their limitcondition no more, stay in the target');
    expect(note.zh).toContain('不再满足 limitcondition');
  });
});
