// The world of the completeness simulation: a changing source table, a log of two partitions, one target, a coordinator that
// begins and aborts runs, and source and sink tasks that crash, stall and come back. One seed, one history.
import type { LedgerPlan } from '../../src/core/ledger.ts';
import type { RowSchema } from '../../src/core/field-type.ts';
import type { RunKey, SinkStore } from '../../src/core/sink-store.ts';
import { SyncError, toSyncError } from '../../src/core/errors.ts';
import { applyUnit } from '../../connectors/runtime/apply-unit.ts';
import type { SinkState } from '../../connectors/runtime/apply-unit.ts';
import { createDecoder } from '../../connectors/runtime/converters/value-converter.ts';
import { createBufferPool } from '../../src/core/buffer-pool.ts';
import { SinkInbox } from '../../connectors/runtime/sink-inbox.ts';
import type { Unit } from '../../connectors/runtime/sink-inbox.ts';
import { loadState } from '../../connectors/runtime/sink-ledger.ts';
import { newCounters, SplitAttempt } from '../../connectors/runtime/split-attempt.ts';
import { createMemoryTarget } from '../fakes/memory-target.ts';
import { breakStore, breakUnit } from './broken-rules.ts';
import type { BrokenRule } from './broken-rules.ts';
import { ChangingTable } from './changing-table.ts';
import { createRandom } from './random.ts';
import { emptyState, planOf, versionOf } from './world-records.ts';
import { SimulatedLog } from './simulated-log.ts';

const JOB = 'job';
const TOPIC = 'topic';
const PARTITIONS = 2;
const SPLITS = 3;
const KEYS = 12;
const LAG = 20;
const schema: RowSchema = {
  fields: [
    { name: 'id', type: { kind: 'int32' }, optional: false },
    { name: 'version', type: { kind: 'int32' }, optional: false },
  ],
  key: ['id'],
};

interface Plan {
  readonly id: string;
  readonly from: number | null;
  readonly to: number;
  readonly splits: number;
  readonly ended: Set<number>;
}

interface SourceActor {
  readonly taskId: string;
  readonly plan: Plan;
  reading: { split: number; keys: number[]; attempt: SplitAttempt } | null;
}

interface SinkActor {
  readonly taskId: string;
  readonly key: RunKey;
  readonly store: SinkStore;
  state: SinkState;
  inboxes: Map<number, SinkInbox>;
  plan: LedgerPlan | null;
}

export interface World {
  readonly violations: string[];
  readonly completeRuns: number;
  step(): Promise<void>;
}

export function createWorld(seed: number, broken: BrokenRule | null = null): World {
  return new SimulatedWorld(seed, broken);
}

class SimulatedWorld implements World {
  readonly violations: string[] = [];
  completeRuns = 0;
  readonly #random;
  readonly #broken: BrokenRule | null;
  readonly #target = createMemoryTarget();
  readonly #log;
  readonly #table = new ChangingTable();
  readonly #sources: SourceActor[] = [];
  readonly #sinks: SinkActor[] = [];
  #now = 100;
  #serial = 0;
  #run: { taskId: string; key: RunKey; plan: Plan; start: number[] } | null = null;
  #movesSeen = 0;
  /** The version each row of the target had last. */
  readonly #written = new Map<string, number>();
  readonly #applied: { epoch: number; partition: number; from: number; to: number }[] = [];

  constructor(seed: number, broken: BrokenRule | null) {
    this.#random = createRandom(seed);
    this.#broken = broken;
    this.#log = new SimulatedLog(PARTITIONS, this.#random, broken === 'acknowledgement and count');
    this.#target.ignoreWatermark = broken === 'fence and watermark';
  }

  async step(): Promise<void> {
    this.#now += 1;
    const dice = this.#random(100);
    if (dice < 25) this.#table.write(this.#random(KEYS), this.#now, this.#random(LAG - 1));
    else if (dice < 30) await this.#coordinate();
    else if (dice < 34) this.#crashOrRestart();
    else if (dice < 64) await this.#stepSource();
    else await this.#stepSink();
    this.#check();
  }

  async #coordinate(): Promise<void> {
    const ledger = this.#target.openLedger();
    if (this.#run !== null) {
      const row = await ledger.readRun(JOB, this.#run.taskId);
      if (row?.state !== 'complete' && this.#random(4) !== 0) return;
      await ledger.abort({ job: JOB, taskId: this.#run.taskId });
    }
    this.#serial += 1;
    const taskId = `task-${this.#serial}`;
    const outcome = await ledger.begin({ job: JOB, taskId, digest: '', mode: 'incremental', byHand: false });
    if (outcome.kind !== 'begun') throw new Error(`begin: ${outcome.kind}`);
    const plan = this.#newPlan(outcome.base, SPLITS);
    this.#run = { taskId, key: { job: JOB, epoch: outcome.epoch }, plan, start: this.#log.ends() };
    this.#sources.push(this.#newSource());
    this.#sinks.push(await this.#newSink());
  }

  #newPlan(from: number | null, splits: number): Plan {
    this.#serial += 1;
    const lag = this.#broken === 'lag' ? 0 : LAG;
    const to = Math.max(from ?? 0, this.#now - lag);
    return { id: `plan-${this.#serial}`, from, to, splits, ended: new Set() };
  }

  #newSource(): SourceActor {
    const { taskId, plan } = this.#current();
    const again = this.#broken === 'one plan' && plan.ended.size > 0;
    return {
      taskId,
      plan: again ? this.#newPlan(plan.from, 1 + this.#random(SPLITS)) : plan,
      reading: null,
    };
  }

  #current(): NonNullable<SimulatedWorld['run']> {
    if (this.#run === null) throw new Error('no run');
    return this.#run;
  }

  get run(): { taskId: string; key: RunKey; plan: Plan; start: number[] } | null {
    return this.#run;
  }

  async #newSink(): Promise<SinkActor> {
    const { taskId, key, start } = this.#current();
    const store = breakStore(this.#target.openStore(), key, this.#broken);
    await store.transaction(async (tx) => {
      if ((await tx.readPartitions(key)).length > 0) return;
      for (let partition = 0; partition < PARTITIONS; partition += 1) {
        const next = start[partition] ?? 0;
        await tx.addPartition(key, { topic: TOPIC, partition, next, logIncarnation: 'log' });
      }
    });
    const sink: SinkActor = { taskId, key, store, state: emptyState(), inboxes: new Map(), plan: null };
    await this.#reload(sink);
    return sink;
  }

  async #reload(sink: SinkActor): Promise<void> {
    const { state, partitions } = await loadState(sink.store, {
      key: sink.key,
      removalLimit: 100,
      dirtyLimit: 0,
    });
    sink.state = state;
    sink.plan = state.plan;
    sink.inboxes = new Map(
      partitions.map(({ partition, next }) => [
        partition,
        new SinkInbox({
          topic: 't',
          passesOthers: true,
          partition,
          next,
          maxRows: 20_000,
          taskId: sink.taskId,
          decoder: () => createDecoder('row', schema),
          onBegin: (begin) => (sink.plan ??= planOf(begin)),
          pool: createBufferPool({ minSize: 64, keep: 8 }),
        }),
      ]),
    );
  }

  #crashOrRestart(): void {
    // Old actors stay and may step again later: they are the zombies. Now and then one is gone for good.
    if (this.#sources.length > 4) this.#sources.splice(this.#random(this.#sources.length), 1);
    if (this.#sinks.length > 4) this.#sinks.splice(this.#random(this.#sinks.length), 1);
    if (this.#run !== null && this.#random(2) === 0) this.#sources.push(this.#newSource());
  }

  async #stepSource(): Promise<void> {
    const source = this.#pick(this.#sources);
    if (source === null) return;
    try {
      await this.#read(source);
    } catch {
      // A send failed for good: this attempt gets no END; the split is read again from its start.
      source.reading = null;
    }
  }

  async #read(source: SourceActor): Promise<void> {
    const { splits } = source.plan;
    if (source.reading === null) {
      const open = Array.from({ length: splits }, (_, split) => split).filter(
        (split) => !source.plan.ended.has(split),
      );
      const split = open[this.#random(open.length)];
      if (split !== undefined) source.reading = await this.#beginSplit(source, split);
      return;
    }
    const { keys, attempt, split } = source.reading;
    const key = keys.shift();
    if (key !== undefined) {
      this.#emitRow(source, attempt, key);
      if (this.#random(3) === 0) await attempt.acknowledged();
      return;
    }
    await attempt.acknowledged();
    await attempt.end(source.plan.ended.size + 1 === splits);
    source.plan.ended.add(split);
    source.reading = null;
  }

  async #beginSplit(source: SourceActor, split: number): Promise<SourceActor['reading']> {
    const { plan, taskId } = source;
    const counters = newCounters();
    this.#serial += 1;
    const attempt = new SplitAttempt({
      producer: this.#log.producer(),
      topic: TOPIC,
      batchLimit: 1_000_000,
      partition: split % PARTITIONS,
      taskId,
      predictedTotal: '7',
      begin: {
        plan: plan.id,
        from: plan.from,
        to: plan.to,
        splits: plan.splits,
        partitions: PARTITIONS,
        split,
        attempt: this.#broken === 'attempt' ? 'a' : `a${this.#serial}`,
        format: 'row',
        schema,
        predictedTotal: '7',
        followsFrom: null,
        doubts: [],
      },
      encoder: null,
      control: true,
      batchRows: 2,
      pool: createBufferPool({ minSize: 64, keep: 8 }),
      counters,
      now: () => this.#now,
    });
    await attempt.begin();
    const keys = this.#table.changed(plan, this.#now).filter((key) => key % plan.splits === split);
    return { split, keys, attempt };
  }

  /** Whole rows are read unbounded: the newest visible version. */
  #emitRow(source: SourceActor, attempt: SplitAttempt, key: number): void {
    const version = this.#table.newest(key, this.#now);
    const bytes = Buffer.from(`${key}${key}\t${version}`);
    const keyEnd = String(key).length;
    attempt.row(bytes, keyEnd, bytes.length);
    attempt.nulled('v');
  }

  async #stepSink(): Promise<void> {
    if (this.#run !== null && this.#random(12) === 0) {
      await this.#replaceSink();
      return;
    }
    const sink = this.#pick(this.#sinks);
    if (sink === null || sink.state.complete) return;
    const inbox = sink.inboxes.get(this.#random(PARTITIONS));
    if (inbox === undefined) return;
    this.#log.feed(inbox, this.#now);
    const taken = inbox.take(this.#now, 1, 0);
    if (taken === null) return;
    const unit = breakUnit(taken, sink.state, this.#broken);
    if (this.#random(10) === 0) this.#target.failCommit = () => (this.#random(2) === 0 ? 'before' : 'after');
    try {
      const target = { key: sink.key, topic: TOPIC, dirtyLimit: 0, removalLimit: 100 };
      const outcome = await applyUnit({
        store: sink.store,
        target,
        state: sink.state,
        unit,
        planOf: () => sink.plan,
        table: { doubts: [], place: { key: [0], fields: 2 }, replaceable: true },
      });
      if (outcome.kind === 'position-moved') await this.#reload(sink);
      else this.#noteApplied(sink.key.epoch, unit);
    } catch (error) {
      this.#target.failCommit = null;
      await this.#afterFailure(sink, error);
    } finally {
      this.#target.failCommit = null;
    }
  }

  /** Every log offset is applied at most once per epoch. */
  #noteApplied(epoch: number, unit: Unit): void {
    const twice = this.#applied.find(
      (each) =>
        each.epoch === epoch &&
        each.partition === unit.partition &&
        each.from < unit.to &&
        unit.from < each.to,
    );
    if (twice !== undefined)
      this.violations.push(`offsets ${unit.from}–${unit.to} applied twice in epoch ${epoch}`);
    this.#applied.push({ epoch, partition: unit.partition, from: unit.from, to: unit.to });
  }

  async #afterFailure(sink: SinkActor, error: unknown): Promise<void> {
    const fatal = error instanceof SyncError && !error.retriable;
    try {
      if (fatal || toSyncError(error).code === 'INCOMPLETE') throw error;
      await this.#reload(sink);
    } catch {
      const at = this.#sinks.indexOf(sink);
      if (at >= 0) this.#sinks.splice(at, 1);
    }
  }

  async #replaceSink(): Promise<void> {
    try {
      this.#sinks.push(await this.#newSink());
    } catch {
      // The run is fenced or complete: a new task finds nothing to do.
    }
  }

  #pick<T>(from: readonly T[]): T | null {
    // The newest acts most often; the older ones are zombies that wake up now and then.
    const at = this.#random(3) === 0 ? this.#random(from.length) : from.length - 1;
    return from[at] ?? null;
  }

  /** No row of the target ever goes back to an older version; each watermark move is looked at once, at its moment. */
  #check(): void {
    const { moves, rows } = this.#target.state;
    for (const [key, row] of rows) {
      const [version, before] = [versionOf(row), this.#written.get(key) ?? 0];
      if (version < before) this.violations.push(`row ${key}: version ${version} over ${before}`);
      this.#written.set(key, version);
    }
    for (; this.#movesSeen < moves.length; this.#movesSeen += 1) {
      const move = moves[this.#movesSeen];
      if (move === undefined) return;
      this.completeRuns += 1;
      const before = this.#movesSeen === 0 ? null : (moves[this.#movesSeen - 1]?.to ?? null);
      if (move.from !== before) this.violations.push(`watermark from ${move.from} but it was ${before}`);
      if ((move.to ?? 0) < (before ?? 0)) this.violations.push(`watermark back from ${before} to ${move.to}`);
      for (const [key, due] of this.#table.due(move.to ?? 0)) this.#checkRow(key, due, rows);
      this.#checkCounts();
    }
  }

  /** Each row has one cell that was sent as NULL. */
  #checkCounts(): void {
    const { jobs, splits } = this.#target.state;
    const run = `${JOB}/${jobs.get(JOB)?.epoch ?? 0}/`;
    for (const [id, { written, nulled }] of splits)
      if (id.startsWith(run) && nulled !== written)
        this.violations.push(`split ${id}: ${nulled} cells of NULL in ${written} rows`);
  }

  #checkRow(key: number, due: number, rows: ReadonlyMap<string, string>): void {
    const got = versionOf(rows.get(String(key)) ?? '');
    if (got < due) this.violations.push(`row ${key}: version ${due} is due, the target has ${got}`);
  }
}
