// A plan of 20,000 splits: what a sink does for each of their ENDs and dirty rows does not grow with how many there are.
import { expect, it } from 'vitest';
import type { SinkStore } from '../../../src/core/connector/sink-store.ts';
import type { LedgerPlan, LedgerSplit } from '../../../src/core/ledger/ledger.ts';
import { applyUnit } from '../../../src/worker/sink/apply-unit.ts';
import type { Segment, Unit } from '../../../src/worker/sink/sink-inbox.ts';
import { newSinkState } from '../../../src/worker/sink/sink-state.ts';
import { beginOf } from '../../conformance/sink-bed.ts';
import { createMemoryTarget } from '../../fakes/memory-target.ts';

const SPLITS = 20_000;
const UNIT_SPLITS = 250;
const key = { job: 'j', epoch: 1 };
const target = { key, topic: 't', dirtyLimit: SPLITS, removalLimit: 100 };
const plan: LedgerPlan = {
  id: 'p',
  splits: SPLITS,
  window: { from: null, to: '9' },
  detail: '{"follows":null,"sourceMark":null}',
};

/** One dirty row in each. */
function segmentsOf(split: number): Segment[] {
  const attempt = 'a';
  const begin = beginOf({ splits: SPLITS, split, attempt, predictedTotal: '1' });
  const row = { key: `k${split}`, field: 'f', reason: 'odd', bytesHex: '' };
  const counts = { read: 1, filtered: 0, emitted: 1, nulled: 0 };
  return [
    { kind: 'begin', begin },
    { kind: 'dirty', split, attempt, row },
    { kind: 'end', end: { plan: 'p', split, attempt, ...counts, doubts: [] } },
  ];
}

/** Splits that were walked over, in memory or in the ledger, and those that were looked up. */
async function setup() {
  const walked = { memory: 0, ledger: 0 };
  const lookedUp = { splits: 0 };
  class CountedSplits extends Map<number, LedgerSplit> {
    override *[Symbol.iterator](): MapIterator<[number, LedgerSplit]> {
      for (const entry of super.entries()) {
        walked.memory += 1;
        yield entry;
      }
    }
    override get(split: number): LedgerSplit | undefined {
      lookedUp.splits += 1;
      return super.get(split);
    }
    override *values(): MapIterator<LedgerSplit> {
      for (const [, split] of this) yield split;
    }
  }
  const memory = createMemoryTarget();
  await memory.openLedger().begin({ job: 'j', taskId: 'r', digest: 'd', mode: 'full', byHand: false });
  const inner = memory.openStore();
  const store: SinkStore = {
    ...inner,
    transaction: (work) =>
      inner.transaction((tx) =>
        work({
          ...tx,
          readSplits: async (run) => {
            const splits = await tx.readSplits(run);
            walked.ledger += splits.length;
            return splits;
          },
        }),
      ),
  };
  const position = { topic: 't', partition: 0, next: 0, logIncarnation: 'l' };
  await store.transaction((tx) => tx.addPartition(key, position));
  const state = { ...newSinkState(), splits: new CountedSplits() };
  return { memory, store, state, walked, lookedUp };
}

it('the ledger is read once, at the end, and what is known of all splits is never walked over', async () => {
  const { memory, store, state, walked, lookedUp } = await setup();
  const table = { doubts: [], place: { key: [0], fields: 2 }, replaceable: true };
  for (let first = 0; first < SPLITS; first += UNIT_SPLITS) {
    const segments = Array.from({ length: UNIT_SPLITS }, (_, at) => segmentsOf(first + at)).flat();
    const [from, to] = [first, first + UNIT_SPLITS];
    const unit: Unit = {
      partition: 0,
      from,
      to,
      segments,
      rows: 0,
      skipped: 0,
      hasControl: true,
      memory: null,
    };
    await applyUnit({ store, target, state, unit, planOf: () => plan, table });
  }
  expect(state.complete).toBe(true);
  expect(state.sums).toMatchObject({ dirty: SPLITS, ended: SPLITS });
  expect(memory.state.dirty).toHaveLength(SPLITS);
  expect(walked).toEqual({ memory: 0, ledger: SPLITS });
  // A few for each, however many its unit has.
  expect(lookedUp.splits).toBeLessThan(20 * SPLITS);
}, 60_000);
