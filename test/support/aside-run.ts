// A run that loads a table beside its target, unit by unit, as a sink task does it; restarted, aborted or left wherever one likes.
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import type { SinkPlugin } from '../../src/core/connector/contract.ts';
import type { SinkStore } from '../../src/core/connector/sink-store.ts';
import type { RunKey } from '../../src/core/ledger/ledger.ts';
import { applyUnit } from '../../src/worker/sink/apply-unit.ts';
import { planDetail } from '../../src/worker/sink/plan-detail.ts';
import type { Segment } from '../../src/worker/sink/sink-inbox.ts';
import { loadState } from '../../src/worker/sink/sink-ledger.ts';
import type { SinkState } from '../../src/worker/sink/sink-state.ts';
import { batchOf, beginOf, noSignal, pairs, requestOf } from '../conformance/sink-bed.ts';

export interface AsideRun {
  readonly key: RunKey;
  readonly taskId: string;
  readonly store: SinkStore;
  /** BEGIN, and as many units of rows; each row is `key`, `value`. */
  load(...batches: readonly (readonly (readonly [string, string])[])[]): Promise<void>;
  /** END: the run is complete with it. */
  end(): Promise<void>;
  isComplete(): boolean;
  close(): Promise<void>;
}

export interface AsideAsked {
  readonly plugin: SinkPlugin;
  readonly config: ConnectorConfig;
  readonly job: string;
  readonly taskId: string;
  /** Where its window begins; absent: it reads all. */
  readonly from?: string;
  readonly mode?: 'full' | 'incremental';
}

const topic = 't';

/** Begins the run, or goes on with it where it was begun: its table is made, its state read, a swap that is due done. */
export async function openAsideRun(asked: AsideAsked): Promise<AsideRun> {
  const { plugin, config, job, taskId, mode = 'full' } = asked;
  const ledger = await plugin.openLedger(config);
  const begun = await ledger
    .begin(requestOf(job, taskId, { mode, mapping: { digest: 'm', version: 1 } }))
    .finally(() => ledger.close());
  if (begun.kind !== 'begun' && begun.kind !== 'current') throw new Error(`begin said ${begun.kind}`);
  const key = { job, epoch: begun.epoch };
  return joinAsideRun(asked, key);
}

/** As the task of a run that was begun. */
export async function joinAsideRun(asked: AsideAsked, key: RunKey): Promise<AsideRun> {
  const store = await asked.plugin.openStore(asked.config, noSignal);
  try {
    const { state, partitions } = await loadState(store, { key });
    if (state.complete) return runOf(asked, { key, store, state, at: 0, apply: () => Promise.resolve() });
    const ready = await store.prepareTable(pairs, key);
    if (partitions.length === 0)
      await store.transaction((tx) =>
        tx.addPartition(key, { topic, partition: 0, next: 0, logIncarnation: 'l' }),
      );
    const table = { ...ready, place: { key: ready.key, fields: pairs.fields.length } };
    const target = { key, topic, dirtyLimit: 0, removalLimit: 100 };
    const apply = async (from: number, segment: Segment): Promise<void> => {
      const unit = {
        ...{ partition: 0, from, to: from + 1, segments: [segment], rows: 0, skipped: 0 },
        ...{ hasControl: segment.kind !== 'rows', memory: null },
      };
      const plan = {
        id: 'p',
        splits: 1,
        window: windowOf(asked),
        detail: JSON.stringify(planDetail(beginOf(asked))),
      };
      await applyUnit({ store, target, state, unit, planOf: () => plan, table });
    };
    return runOf(asked, { key, store, state, at: partitions[0]?.next ?? 0, apply });
  } catch (error) {
    await store.close();
    throw error;
  }
}

function runOf(
  asked: AsideAsked,
  task: {
    readonly key: RunKey;
    readonly store: SinkStore;
    readonly state: SinkState;
    readonly at: number;
    readonly apply: (from: number, segment: Segment) => Promise<void>;
  },
): AsideRun {
  let { at } = task;
  const { key, store, state, apply } = task;
  const next = async (segment: Segment): Promise<void> => {
    await apply(at, segment);
    at += 1;
  };
  return {
    key,
    taskId: asked.taskId,
    store,
    load: async (...batches) => {
      if (at === 0) await next({ kind: 'begin', begin: beginOf(windowOf(asked)) });
      for (const rows of batches) await next({ kind: 'rows', split: 0, attempt: 'a', batch: batchOf(rows) });
    },
    end: () => {
      const { written } = state.sums;
      const counts = { read: written, filtered: 0, emitted: written, nulled: 0 };
      return next({ kind: 'end', end: { plan: 'p', split: 0, attempt: 'a', ...counts, doubts: [] } });
    },
    isComplete: () => state.complete,
    close: () => store.close(),
  };
}

function windowOf({ from }: AsideAsked) {
  return { from: from ?? null, to: '9' };
}
