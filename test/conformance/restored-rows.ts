// Rows that somebody puts back to older values while a run goes on, of every target: the run's tasks are killed and begin again from
// what the ledger holds, as another process would; the run is complete, and never proved. Part of what every SinkStore must do.
import { expect, it } from 'vitest';
import type { LedgerPlan, RunKey } from '../../src/core/ledger/ledger.ts';
import type { RowBatch, SinkStore } from '../../src/core/connector/sink-store.ts';
import { applyUnit } from '../../src/worker/sink/apply-unit.ts';
import { planDetail } from '../../src/worker/sink/plan-detail.ts';
import type { Segment, Unit } from '../../src/worker/sink/sink-inbox.ts';
import { loadState } from '../../src/worker/sink/sink-ledger.ts';
import { english } from '../support/english.ts';
import { batchOf, beginOf, openRun, pairs, requestOf } from './sink-bed.ts';
import type { Tools } from './sink-bed.ts';

const topic = 't';
const limits = { dirtyLimit: 0, removalLimit: 100 };
type Rows = Readonly<Record<string, string>>;

interface Desk {
  /** One unit each: what a split of the plan sends. */
  readonly begin: (split: number) => Promise<void>;
  readonly rows: (split: number, values: Rows) => Promise<void>;
  readonly end: (split: number) => Promise<void>;
  /** By somebody else. */
  readonly put: (values: Rows) => Promise<void>;
  readonly doubts: () => Promise<string[]>;
  readonly abort: () => Promise<void>;
  /** Another run of the job, an increment. */
  readonly next: () => Promise<void>;
}

/** Every unit is applied by a task that knows nothing but the ledger. */
async function withRun(tools: Tools, splits: number, work: (desk: Desk) => Promise<void>): Promise<void> {
  const table = tools.newTable();
  const config = tools.bed().configOf(table);
  const opened = await openRun(tools.bed(), config);
  const { store, prepared } = opened;
  const ledger = await tools.bed().plugin.openLedger(config);
  let run: {
    key: RunKey;
    taskId: string;
    from: string | null;
    sent: number[];
    ended: number;
    offset: number;
  };
  const start = async (key: RunKey, taskId: string, from: string | null): Promise<void> => {
    run = { key, taskId, from, sent: new Array<number>(splits).fill(0), ended: 0, offset: 0 };
    await store.transaction((tx) =>
      tx.addPartition(key, { topic, partition: 0, next: 0, logIncarnation: 'log' }),
    );
  };
  const plan = (): { window: LedgerPlan['window']; id: string } => {
    const to = String(run.key.epoch * 100);
    return { id: `plan-${run.taskId}`, window: { from: run.from, to } };
  };
  const apply = async (segment: Segment, rows = 0): Promise<void> => {
    const unit: Unit = {
      partition: 0,
      from: run.offset,
      to: run.offset + 1,
      segments: [segment],
      rows,
      skipped: 0,
      hasControl: segment.kind === 'begin' || segment.kind === 'end',
      memory: null,
    };
    const { state } = await loadState(store, { key: run.key });
    const place = { key: prepared.key, fields: pairs.fields.length };
    const planOf = (): LedgerPlan | null =>
      segment.kind === 'begin'
        ? { ...plan(), splits, detail: JSON.stringify(planDetail(segment.begin)) }
        : null;
    const target = { key: run.key, topic, ...limits };
    await applyUnit({ store, target, state, unit, planOf, table: { ...prepared, place } });
    run.offset += 1;
  };
  try {
    await start(opened.key, 'task-1', null);
    await work({
      begin: (split) => {
        const { id, window } = plan();
        const begin = { plan: id, ...window, splits, split, attempt: `a${split}`, predictedTotal: '1' };
        return apply({ kind: 'begin', begin: beginOf(begin) });
      },
      rows: (split, values) => {
        const batch = batchOf(Object.entries(values));
        run.sent[split] = (run.sent[split] ?? 0) + batch.rows;
        return apply({ kind: 'rows', split, attempt: `a${split}`, batch }, batch.rows);
      },
      end: (split) => {
        const rows = run.sent[split] ?? 0;
        const counts = { read: rows, filtered: 0, emitted: rows, nulled: 0 };
        return apply({
          kind: 'end',
          end: { plan: plan().id, split, attempt: `a${split}`, ...counts, doubts: [] },
        });
      },
      put: (values) => write(store, batchOf(Object.entries(values))),
      doubts: async () => english((await ledger.readRun(run.key.job, run.taskId))?.doubts ?? []),
      abort: async () => {
        await ledger.abort({ job: run.key.job, taskId: run.taskId });
      },
      next: async () => {
        const taskId = `task-${run.key.epoch + 1}`;
        const begun = await ledger.begin(
          requestOf(run.key.job, taskId, { mapping: { digest: '', version: 1 } }),
        );
        if (begun.kind !== 'begun') throw new Error(`begin said ${begun.kind}`);
        await start({ job: run.key.job, epoch: begun.epoch }, taskId, begun.base);
      },
    });
  } finally {
    await store.close();
    await ledger.close();
  }
}

async function write(store: SinkStore, batch: RowBatch): Promise<void> {
  expect(await store.transaction((tx) => tx.writeRows(batch))).toEqual([]);
}

const changed = (key: string) => [
  expect.stringMatching(new RegExp(`holds other values than it left \\(first keys: ${key}\\)`)) as string,
];

export function describeRestoredRows(tools: Tools): void {
  it('rows that the run wrote and nobody touched are proved, also one that came twice', () =>
    withRun(tools, 1, async ({ begin, rows, end, doubts }) => {
      await begin(0);
      await rows(0, { a: '1', b: '1', c: '1' });
      await rows(0, { d: '1', a: '2', e: '1' });
      await rows(0, { f: '1' });
      await end(0);
      expect(await doubts()).toEqual([]);
    }));

  it('a row that somebody puts back before its split has ended is named, and the run is not proved', () =>
    withRun(tools, 1, async ({ begin, rows, end, put, doubts }) => {
      await put({ a: '0', b: '0' });
      await begin(0);
      await rows(0, { a: '1', b: '1' });
      await put({ a: '0' });
      await rows(0, { c: '1' });
      await end(0);
      expect(await doubts()).toEqual(changed('a'));
    }));

  it('so is one that is put back when its split has ended, and the run has not', () =>
    withRun(tools, 2, async ({ begin, rows, end, put, doubts }) => {
      await begin(0);
      await rows(0, { a: '1', b: '1' });
      await end(0);
      await put({ b: '0' });
      await begin(1);
      await rows(1, { c: '1' });
      await end(1);
      expect(await doubts()).toEqual(changed('b'));
    }));

  it('a row that a failed increment wrote and somebody put back is named by the next one', () =>
    withRun(tools, 1, async ({ begin, rows, end, put, doubts, abort, next }) => {
      await begin(0);
      await rows(0, { a: '1', b: '1' });
      await end(0);
      expect(await doubts()).toEqual([]);
      await next();
      await begin(0);
      await rows(0, { a: '2' });
      await abort();
      await put({ a: '1' });
      await next();
      await begin(0);
      await rows(0, { c: '1' });
      await end(0);
      expect(await doubts()).toEqual(changed('a'));
    }));
}
