// A run of a target as the worker's sink has it, unit by unit. Every unit is applied by a task that knows nothing but the ledger: as if the
// one before it had been killed.
import assert from 'node:assert/strict';
import type { ReadyTable, SinkStore } from '../../../src/core/connector/sink-store.ts';
import type {
  DirtyEntry,
  LedgerPlan,
  LedgerRun,
  RunKey,
  TargetLedger,
} from '../../../src/core/ledger/ledger.ts';
import type { BeginControl } from '../../../src/core/record/headers.ts';
import { applyUnit, type ApplyOutcome } from '../../../src/worker/sink/apply-unit.ts';
import { planDetail } from '../../../src/worker/sink/plan-detail.ts';
import type { Segment, Unit } from '../../../src/worker/sink/sink-inbox.ts';
import { loadState } from '../../../src/worker/sink/sink-ledger.ts';
import type { Field, RowSchema } from '../../../src/core/connector/field-type.ts';
import { batchOf, beginOf, noSignal, openRun, pairs, requestOf } from './run-tools.ts';
import { newTableName, type TargetBed } from './target-bed.ts';

const topic = 't';

type Rows = Readonly<Record<string, string>>;

interface Course {
  readonly key: RunKey;
  readonly taskId: string;
  readonly from: string | null;
  /** Rows sent of each split. */
  readonly sent: number[];
  offset: number;
}

interface Desk {
  readonly bed: TargetBed;
  store: SinkStore;
  readonly ledger: TargetLedger;
  prepared: ReadyTable;
  schema: RowSchema;
  readonly table: string;
  readonly splits: number;
  readonly dirtyLimit: number;
}

export class UnitRun {
  readonly table: string;
  readonly #desk: Desk;
  #course: Course;
  #last: Unit | null = null;

  private constructor(desk: Desk, course: Course) {
    this.#desk = desk;
    this.table = desk.table;
    this.#course = course;
  }

  /** The first run of a target that is not there yet, over all that its source has. */
  static async open(bed: TargetBed, { splits = 1, dirtyLimit = 0 } = {}): Promise<UnitRun> {
    const table = newTableName();
    const config = bed.configOf(table);
    const { store, prepared, key } = await openRun(bed, config);
    const ledger = await bed.plugin.openLedger(config);
    const desk = { bed, store, ledger, prepared, schema: pairs, table, splits, dirtyLimit };
    const run = new UnitRun(desk, courseOf(key, 'task-1', { from: null, splits }));
    await run.#addPartition();
    return run;
  }

  get prepared(): ReadyTable {
    return this.#desk.prepared;
  }

  /** One unit each: what a split of the plan sends. */
  begin(split = 0): Promise<ApplyOutcome> {
    return this.#next({ kind: 'begin', begin: this.#beginOf(split) });
  }

  rows(values: Rows, split = 0): Promise<ApplyOutcome> {
    const none = this.#desk.schema.fields.slice(pairs.fields.length).map(() => null);
    const batch = batchOf(Object.entries(values).map((pair) => [...pair, ...none]));
    this.#course.sent[split] = (this.#course.sent[split] ?? 0) + batch.rows;
    return this.#next({ kind: 'rows', split, attempt: `a${split}`, batch }, batch.rows);
  }

  end(split = 0): Promise<ApplyOutcome> {
    const rows = this.#course.sent[split] ?? 0;
    const counts = { read: rows, filtered: 0, emitted: rows, nulled: 0 };
    return this.#next({
      kind: 'end',
      end: { plan: this.#plan().id, split, attempt: `a${split}`, ...counts, doubts: [] },
    });
  }

  /** The last unit once more, as after an outcome that nobody heard of. */
  async again(): Promise<ApplyOutcome> {
    assert.ok(this.#last !== null, 'no unit was applied yet');
    return this.#apply(this.#last);
  }

  /** Rows of a task that goes on with this run, whatever became of it meanwhile. */
  stay(): (values: Rows) => Promise<ApplyOutcome> {
    const late = new UnitRun(this.#desk, { ...this.#course });
    return (values) => late.rows(values);
  }

  /** By somebody else. */
  async put(values: Rows): Promise<void> {
    const batch = batchOf(Object.entries(values));
    assert.deepEqual(await this.#desk.store.transaction((tx) => tx.writeRows(batch)), []);
  }

  /** By somebody else. */
  async takeAway(...keys: readonly string[]): Promise<void> {
    const batch = batchOf(keys.map((key) => [key, null]));
    await this.#desk.store.transaction((tx) => tx.deleteRows(batch));
  }

  async found(): Promise<LedgerRun> {
    const { key, taskId } = this.#course;
    const run = await this.#desk.ledger.readRun(key.job, taskId);
    assert.ok(run !== null, `the ledger knows no run ${taskId}`);
    return run;
  }

  async dirty(): Promise<readonly DirtyEntry[]> {
    const { key, taskId } = this.#course;
    return this.#desk.ledger.readDirty(key.job, taskId, 1_000);
  }

  /** The source says that it sent so many rows. */
  claim(rows: number, split = 0): void {
    this.#course.sent[split] = rows;
  }

  /** In English. */
  async doubts(): Promise<readonly string[]> {
    return (await this.found()).doubts.map(({ en }) => en);
  }

  async abort(): Promise<void> {
    const { key, taskId } = this.#course;
    await this.#desk.ledger.abort({ job: key.job, taskId });
  }

  /** Another run of the job, an increment. */
  async next(): Promise<void> {
    const { job, epoch } = this.#course.key;
    const taskId = `task-${epoch + 1}`;
    const mapping = { digest: '', version: 1 };
    const begun = await this.#desk.ledger.begin(requestOf(job, taskId, { mapping }));
    assert.ok(begun.kind === 'begun', `begin said ${begun.kind}`);
    const { splits } = this.#desk;
    this.#course = courseOf({ job, epoch: begun.epoch }, taskId, { from: begun.base, splits });
    await this.#addPartition();
  }

  /** Another run, whose rows have more fields, of a sink that adds columns for them. */
  async evolve(...more: readonly Field[]): Promise<void> {
    const desk = this.#desk;
    await this.next();
    await desk.store.close();
    const config = desk.bed.configOf(desk.table, { 'auto.evolve': 'true' });
    desk.schema = { ...pairs, fields: [...pairs.fields, ...more] };
    desk.store = await desk.bed.plugin.openStore(config, noSignal);
    desk.prepared = await desk.store.prepareTable(desk.schema, this.#course.key);
  }

  async close(): Promise<void> {
    await this.#desk.store.close();
    await this.#desk.ledger.close();
  }

  async #addPartition(): Promise<void> {
    const { key, offset } = this.#course;
    await this.#desk.store.transaction((tx) =>
      tx.addPartition(key, { topic, partition: 0, next: offset, logIncarnation: 'log' }),
    );
  }

  async #next(segment: Segment, rows = 0): Promise<ApplyOutcome> {
    const course = this.#course;
    this.#last = {
      partition: 0,
      from: course.offset,
      to: course.offset + 1,
      segments: [segment],
      rows,
      skipped: 0,
      hasControl: segment.kind === 'begin' || segment.kind === 'end',
      memory: null,
    };
    const outcome = await this.#apply(this.#last);
    course.offset += 1;
    return outcome;
  }

  async #apply(unit: Unit): Promise<ApplyOutcome> {
    const { store, prepared, schema, splits, dirtyLimit } = this.#desk;
    const { key } = this.#course;
    const { state } = await loadState(store, { key });
    const [segment] = unit.segments;
    const planOf = (): LedgerPlan | null =>
      segment?.kind === 'begin'
        ? { ...this.#plan(), splits, detail: JSON.stringify(planDetail(segment.begin)) }
        : null;
    const target = { key, topic, dirtyLimit, removalLimit: 100 };
    const place = { key: prepared.key, fields: schema.fields.length };
    return applyUnit({ store, target, state, unit, planOf, table: { ...prepared, place } });
  }

  #plan(): Pick<LedgerPlan, 'id' | 'window'> {
    const { key, taskId, from } = this.#course;
    return { id: `plan-${taskId}`, window: { from, to: String(key.epoch * 100) } };
  }

  #beginOf(split: number): BeginControl {
    const { id, window } = this.#plan();
    const { splits, schema } = this.#desk;
    return beginOf({ schema, plan: id, ...window, splits, split, attempt: `a${split}`, predictedTotal: '1' });
  }
}

function courseOf(
  key: RunKey,
  taskId: string,
  { from, splits }: { readonly from: string | null; readonly splits: number },
): Course {
  return { key, taskId, from, sent: new Array<number>(splits).fill(0), offset: 0 };
}

/** Works with a run that was opened, and closes it. */
export async function withUnitRun(
  bed: TargetBed,
  work: (run: UnitRun) => Promise<void>,
  options: Parameters<typeof UnitRun.open>[1] = {},
): Promise<void> {
  const run = await UnitRun.open(bed, options);
  try {
    await work(run);
  } finally {
    await run.close();
  }
}
