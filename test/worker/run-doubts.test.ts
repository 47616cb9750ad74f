// What keeps a complete run from being proved reaches the ledger with the rows: from the table, the plan and the reading.
import { expect, it } from 'vitest';
import { applyUnit } from '../../src/worker/sink/apply-unit.ts';
import type { SinkState } from '../../src/worker/sink/sink-state.ts';
import { loadState } from '../../src/worker/sink/sink-ledger.ts';
import type { Segment, Unit } from '../../src/worker/sink/sink-inbox.ts';
import type { EndControl } from '../../src/core/record/headers.ts';
import type { LedgerPlan } from '../../src/core/ledger/ledger.ts';
import { sameInBoth } from '../../src/core/text.ts';
import { batchOf, beginOf, splitOf } from '../conformance/sink-bed.ts';
import { createMemoryTarget } from '../fakes/memory-target.ts';
import { english } from '../support/english.ts';

const key = { job: 'j', epoch: 1 };
const target = { key, topic: 't', dirtyLimit: 0, removalLimit: 100 };
const plan: LedgerPlan = {
  id: 'p',
  splits: 1,
  window: { from: null, to: '9' },
  detail: '{"follows":null,"sourceMark":null}',
};
const [ofTable, ofPlan, ofRead] = ['table', 'plan', 'read'].map(sameInBoth);

const begin = beginOf({ doubts: ofPlan === undefined ? [] : [ofPlan] });
const end: EndControl = {
  plan: 'p',
  split: 0,
  attempt: 'a',
  read: 0,
  filtered: 0,
  emitted: 0,
  nulled: 0,
  doubts: ofRead === undefined ? [] : [ofRead],
};

async function setup() {
  const memory = createMemoryTarget();
  await memory.openLedger().begin({ job: 'j', taskId: 'r', digest: 'd', mode: 'full', byHand: false });
  const store = memory.openStore();
  await store.transaction((tx) =>
    tx.addPartition(key, { topic: 't', partition: 0, next: 0, logIncarnation: 'l' }),
  );
  const apply = async (state: SinkState, from: number, segment: Segment, key = [0]): Promise<void> => {
    const unit: Unit = {
      partition: 0,
      from,
      to: from + 1,
      segments: [segment],
      rows: 0,
      skipped: 0,
      hasControl: true,
      memory: null,
    };
    const table = {
      doubts: ofTable === undefined ? [] : [ofTable],
      place: { key, fields: 2 },
      replaceable: true,
    };
    await applyUnit({ store, target, state, unit, planOf: () => plan, table });
  };
  const readDoubts = async () => (await memory.openLedger().readRun('j', 'r'))?.doubts;
  return { memory, store, apply, readDoubts };
}

it('they are kept with the units that bring them, each once, also over a restart of the task', async () => {
  const { store, apply, readDoubts } = await setup();
  const first = (await loadState(store, target)).state;
  await apply(first, 0, { kind: 'begin', begin });
  expect(await readDoubts()).toEqual([ofTable, ofPlan]);
  const restarted = (await loadState(store, target)).state;
  await apply(restarted, 1, { kind: 'end', end });
  expect(restarted.complete).toBe(true);
  expect(await readDoubts()).toEqual([ofTable, ofPlan, ofRead]);
});

it('those of a begin that is passed over do not count', async () => {
  const { store, apply, readDoubts } = await setup();
  const { state } = await loadState(store, target);
  await apply(state, 0, { kind: 'begin', begin });
  await apply(state, 1, {
    kind: 'begin',
    begin: { ...begin, plan: 'another', doubts: [sameInBoth('other')] },
  });
  expect(await readDoubts()).toEqual([ofTable, ofPlan]);
});

it('rows of a read that was begun again are counted where no key tells them apart', async () => {
  const { store, apply, readDoubts } = await setup();
  const { state } = await loadState(store, target);
  const batch = batchOf([
    ['a', '1'],
    ['b', '2'],
  ]);
  await apply(state, 0, { kind: 'begin', begin }, []);
  await apply(state, 1, { kind: 'rows', split: 0, attempt: 'a', batch }, []);
  await apply(state, 2, { kind: 'begin', begin: { ...begin, attempt: 'b' } }, []);
  expect(english(await readDoubts())).toContainEqual(
    expect.stringMatching(/^2 rows of a read that was begun again .* twice/),
  );
});

it('when the table was altered last is kept with the plan', async () => {
  const { store, apply } = await setup();
  const { state } = await loadState(store, target);
  await apply(state, 0, { kind: 'begin', begin });
  expect(await store.transaction((tx) => tx.readTrust('j'))).toMatchObject({
    tableMark: '1',
    altered: false,
  });
});

it('a table that is altered, or put in the place of the planned one, while the run goes is in doubt', async () => {
  const { memory, store, apply, readDoubts } = await setup();
  const { state } = await loadState(store, target);
  await apply(state, 0, { kind: 'begin', begin });
  memory.mark = '2';
  await apply(state, 1, { kind: 'end', end });
  expect(english(await readDoubts())).toContainEqual(
    expect.stringMatching(/^the target table was, or may have/),
  );
  expect(await store.transaction((tx) => tx.readTrust('j'))).toMatchObject({ tableMark: '2', altered: true });
});

it('the dirty limit holds over what two writers see apart', async () => {
  const { store, apply } = await setup();
  const { state } = await loadState(store, target);
  await apply(state, 0, { kind: 'begin', begin });
  await store.transaction(async (tx) => {
    const endedAs = await tx.addEnded(key);
    await tx.putSplit(key, splitOf(7, { dirty: 3, read: 3, filtered: 0, endedAs }));
  });
  const twoSplits = { ...state, plan: { ...plan, splits: 2 } };
  await expect(apply(twoSplits, 1, { kind: 'end', end })).rejects.toMatchObject({
    code: 'DIRTY_LIMIT',
    message: expect.stringContaining('3 dirty rows, limit 0') as string,
  });
});

it('rows that the source did not count may be none of its own: the job remembers that they are there', async () => {
  const { memory, store, apply } = await setup();
  const { state } = await loadState(store, target);
  const batch = batchOf([
    ['a', '1'],
    ['b', '2'],
  ]);
  await apply(state, 0, { kind: 'begin', begin });
  await apply(state, 1, { kind: 'rows', split: 0, attempt: 'a', batch });
  await expect(apply(state, 2, { kind: 'end', end: { ...end, emitted: 1 } })).rejects.toMatchObject({
    code: 'INCOMPLETE',
    message: expect.stringContaining('the source sent 1 row, the sink got 2') as string,
  });
  expect(memory.state.rows.size).toBe(2);
  expect(await store.transaction((tx) => tx.readTrust('j'))).toMatchObject({ stray: 1 });
});
