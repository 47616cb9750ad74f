// The world of the completeness simulation: a changing source table, a log of two partitions, one target that somebody empties now and
// then, a coordinator that begins and aborts runs, and source and sink tasks that crash, stall and come back. One seed, one history.
import type { Clock } from '../../src/core/clock.ts';
import type { LedgerPlan, RunKey, TargetLedger } from '../../src/core/ledger/ledger.ts';
import type { Witness } from '../../src/core/ledger/target-trust.ts';
import type { Position } from '../../src/core/position.ts';
import type { SinkStore } from '../../src/core/connector/sink-store.ts';
import { toSyncError } from '../../src/core/errors.ts';
import type { TargetTable } from '../../src/worker/sink/apply-unit.ts';
import type { SinkState } from '../../src/worker/sink/sink-state.ts';
import { createDecoder } from '../../src/worker/converters/value-converter.ts';
import { createBufferPool } from '../../src/core/record/buffer-pool.ts';
import { SinkInbox } from '../../src/worker/sink/sink-inbox.ts';
import { resetTo } from '../../connectors/conformance/target/run-tools.ts';
import { loadState } from '../../src/worker/sink/sink-ledger.ts';
import { writeUnit } from '../../src/worker/sink/write-unit.ts';
import { createMemoryTarget } from '../fakes/memory-target.ts';
import type { MemoryTarget } from '../fakes/memory-target.ts';
import { breakStore, breakUnit, hazardsOf } from './broken-rules.ts';
import type { BrokenRule, Hazards } from './broken-rules.ts';
import { ChangingTable } from './changing-table.ts';
import { CompletenessChecks } from './completeness-checks.ts';
import { createRandom } from './random.ts';
import { planOf, readSimulatedRow, simulatedSchema, UNIQUE_FIELD } from './world-records.ts';
import { SimulatedLog } from './simulated-log.ts';
import { doubtOdd, PARTITIONS, SimulatedSource, TOPIC } from './simulated-source.ts';
import type { Plan, SourceActor } from './simulated-source.ts';

const JOB = 'job';
const SPLITS = 3;
const KEYS = 12;
const LAG = 20;
const AHEAD = 150;
/** Keys of one mapping of keys are none of another's. */
const KEY_SHIFT = 1_000;
const LIMITS = { removalLimit: 100, dirtyLimit: 100 };
/** One of so many worlds has a target without a key. */
const KEYLESS_IN = 5;
const FOREIGN_KEY = '9000';

interface Run {
  readonly taskId: string;
  readonly key: RunKey;
  readonly plan: Plan;
  /** Ends of the log's partitions when it began. */
  readonly start: number[];
}

interface SinkActor {
  readonly taskId: string;
  readonly key: RunKey;
  readonly store: SinkStore;
  state: SinkState;
  inboxes: Map<number, SinkInbox>;
  plan: LedgerPlan | null;
}

export class SimulatedWorld {
  readonly checks: CompletenessChecks;
  readonly #hazards: Hazards;
  readonly #random;
  readonly #broken: BrokenRule | null;
  readonly #target: MemoryTarget;
  readonly #place: TargetTable['place'];
  readonly #log;
  readonly #table = new ChangingTable();
  readonly #source: SimulatedSource;
  readonly #sources: SourceActor[] = [];
  readonly #sinks: SinkActor[] = [];
  #now = 100;
  #serial = 0;
  #run: Run | null = null;
  #mapping = 0;
  /** Of the target's rows, made between two runs. */
  #backup: ReadonlyMap<string, string> = new Map();
  #keyShift = 0;
  /** An increment found the target changed: only a full run helps. */
  #fullDue = false;

  constructor(seed: number, broken: BrokenRule | null = null) {
    const keyed = broken === null ? seed % KEYLESS_IN !== 0 : broken !== 'doubled rows';
    const fields = simulatedSchema.fields.length;
    const random = createRandom(seed);
    this.#random = random;
    this.#hazards = {
      oldStamps: random(4) === 0,
      stampsAhead: random(5) === 0,
      reconciles: random(3) === 0,
      keyChanges: random(5) === 0,
      resets: random(4) === 0,
      exchanges: random(3) === 0,
      mappings: random(3) === 0,
      truncations: random(3) === 0,
      foreignRows: random(6) === 0,
      restores: random(3) === 0,
      silentConflicts: random(4) === 0,
      ...hazardsOf(broken),
    };
    this.#broken = broken;
    this.#target = createMemoryTarget({
      keyed,
      unique: keyed && this.#hazards.exchanges ? UNIQUE_FIELD : null,
      tellsConflicts: !this.#hazards.silentConflicts,
    });
    if (this.#hazards.foreignRows)
      this.#target.state.rows.set(FOREIGN_KEY, `${FOREIGN_KEY}\t1\t0\tforeign\tnone`);
    this.#target.ignoreWatermark = broken === 'fence and watermark';
    this.#place = { key: keyed ? [0] : [], fields };
    this.#log = new SimulatedLog(PARTITIONS, random, broken === 'acknowledgement and count');
    this.#source = new SimulatedSource({ table: this.#table, log: this.#log, random, broken });
    this.checks = new CompletenessChecks(this.#table, { keyed, lag: LAG });
  }

  async step(): Promise<void> {
    this.#now += 1;
    const dice = this.#random(100);
    if (dice < 15) this.#changeSource();
    else if (dice < 20) await this.#coordinate();
    else if (dice < 23) this.#crashOrRestart();
    else if (dice < 60) await this.#stepSource();
    else await this.#stepSink();
    const run = this.#run;
    const follows = run !== null && (run.plan.comparesKeys || run.plan.followsFrom !== null);
    const plan = run && { ...run.plan, plan: run.plan.id, follows };
    this.checks.check(this.#target.state, plan);
  }

  #changeSource(): void {
    const [key, delay] = [this.#random(KEYS), this.#random(LAG - 1)];
    const dice = this.#random(20);
    if (dice < 3) this.#table.remove(key, this.#now, delay);
    else if (dice < 5 && this.#hazards.exchanges)
      this.#table.exchange([key, this.#random(KEYS)], this.#now, delay);
    else if (dice < 6 && this.#hazards.oldStamps)
      this.#table.writeLongAgo(KEYS + this.#random(KEYS), this.#now);
    else if (dice < 7 && this.#hazards.stampsAhead)
      this.#table.writeAhead(2 * KEYS + this.#random(KEYS), this.#now, AHEAD);
    else this.#table.write(key, this.#now, delay);
  }

  async #coordinate(): Promise<void> {
    const ledger = this.#target.openLedger();
    if (this.#run !== null) {
      const row = await ledger.readRun(JOB, this.#run.taskId);
      if (row?.state !== 'complete' && this.#random(10) !== 0) return;
      await ledger.abort({ job: JOB, taskId: this.#run.taskId });
    }
    // Between two runs: somebody empties the target, somebody changes the mapping, and back.
    if (this.#hazards.truncations && this.#random(6) === 0) this.#target.state.rows.clear();
    this.#backup = new Map(this.#target.state.rows);
    if (this.#hazards.mappings && this.#random(6) === 0) this.#mapping = this.#random(3);
    if (this.#hazards.keyChanges && this.#random(8) === 0) this.#changeKeys();
    if (this.#hazards.resets && this.#random(8) === 0) await this.#moveWatermark(ledger);
    this.#serial += 1;
    const taskId = `task-${this.#serial}`;
    const mode = this.#fullDue || this.#random(4) === 0 ? 'full' : 'incremental';
    const digest = this.#broken === 'changed mapping' ? '' : `mapping ${this.#mapping}`;
    const mapping = { digest, version: this.#serial };
    const identity = this.#broken === 'former keys' ? '' : `keys ${this.#keyShift}`;
    const before = await ledger.readJob(JOB);
    const outcome = await ledger.begin({ job: JOB, taskId, digest: identity, mapping, mode, byHand: false });
    if (outcome.kind !== 'begun') throw new Error(`begin: ${outcome.kind}`);
    // Behind another mapping of keys there is no watermark.
    if (before !== null && before.digest !== identity) this.checks.resetTo(null);
    if (mode === 'full') this.#fullDue = false;
    const trust = await ledger.readTrust(JOB);
    const plan = this.#newPlan(mode === 'full' ? null : numberOf(outcome.base), numberOf(trust?.deletesFrom));
    this.#run = { taskId, key: { job: JOB, epoch: outcome.epoch }, plan, start: this.#log.ends() };
    this.#sources.push(this.#newSource());
    this.#sinks.push(await this.#newSink());
  }

  /** Another mapping of keys demands a full run. */
  #changeKeys(): void {
    this.#keyShift = (this.#keyShift + KEY_SHIFT) % (2 * KEY_SHIFT);
    this.#fullDue = true;
  }

  /** By hand, to anywhere behind or before the changes that were read, or away. */
  async #moveWatermark(ledger: TargetLedger): Promise<void> {
    const to = this.#random(4) === 0 ? null : String(this.#random(this.#now));
    const job = this.#target.state.jobs.get(JOB);
    if (job === undefined) return;
    this.checks.resetTo(to);
    if (this.#broken === 'skipped changes')
      this.#target.state.jobs.set(JOB, { ...job, watermark: to, epoch: job.epoch + 1 });
    else await resetTo(ledger, JOB, to);
  }

  #newPlan(from: number | null, deletesFrom: number | null, splits = SPLITS): Plan {
    this.#serial += 1;
    const lag = this.#broken === 'lag' ? 0 : LAG;
    const to = Math.max(from ?? 0, this.#now - lag);
    const hasKeys = this.#place.key.length > 0;
    const comparesKeys = hasKeys && this.#hazards.reconciles && this.#random(2) === 0;
    const follows = hasKeys && !comparesKeys && this.#random(6) > 0;
    const isOdd = this.#broken !== 'odd timestamps' && from !== null;
    const odd = isOdd ? this.#table.countOdd(this.#now) : { ahead: 0, behind: 0 };
    return {
      id: `plan-${this.#serial}`,
      plannedAt: this.#now,
      from,
      to,
      // One claim names all keys.
      splits: comparesKeys ? 1 : splits,
      mapping: this.#mapping,
      keyShift: this.#keyShift,
      comparesKeys,
      followsFrom: follows ? Math.min(deletesFrom ?? to, from ?? to) : null,
      doubts: doubtOdd(odd),
      ended: new Set(),
    };
  }

  #newSource(): SourceActor {
    const { taskId, plan } = this.#current();
    const again = this.#broken === 'one plan' && plan.ended.size > 0;
    return {
      taskId,
      plan: again ? this.#newPlan(plan.from, plan.followsFrom, 1 + this.#random(SPLITS)) : plan,
      reading: null,
    };
  }

  #current(): Run {
    if (this.#run === null) throw new Error('no run');
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
    const { state, partitions } = await loadState(store, { key });
    const inboxes = new Map<number, SinkInbox>();
    const sink: SinkActor = { taskId, key, store, state, inboxes, plan: state.plan };
    for (const { partition, next } of partitions) inboxes.set(partition, newInbox(sink, partition, next));
    return sink;
  }

  #crashOrRestart(): void {
    // Old actors stay and may step again later: they are the zombies. Now and then one is gone for good.
    if (this.#sources.length > 4) this.#sources.splice(this.#random(this.#sources.length), 1);
    if (this.#sinks.length > 4) this.#sinks.splice(this.#random(this.#sinks.length), 1);
    if (this.#run !== null && this.#random(2) === 0) this.#sources.push(this.#newSource());
  }

  async #stepSource(): Promise<void> {
    const source = this.#pick(this.#sources);
    if (source !== null) await this.#source.step(source, this.#now);
  }

  async #stepSink(): Promise<void> {
    // In the middle of a run, too.
    if (this.#hazards.truncations && this.#random(400) === 0) this.#emptyTarget();
    if (this.#hazards.restores && this.#random(100) === 0) this.#restoreRows();
    if (this.#run !== null && this.#random(12) === 0) {
      await this.#replaceSink();
      return;
    }
    const sink = this.#pick(this.#sinks);
    const inbox = sink?.inboxes.get(this.#random(PARTITIONS));
    if (sink === null || inbox === undefined || sink.state.complete) return;
    this.#log.feed(inbox, this.#now);
    const taken = inbox.take(this.#now, 1, 0);
    if (taken === null) return;
    const unit = breakUnit(taken, sink.state, this.#broken);
    if (this.#random(10) === 0) this.#target.failCommit = () => (this.#random(2) === 0 ? 'before' : 'after');
    try {
      await writeUnit({
        store: sink.store,
        target: { key: sink.key, topic: TOPIC, ...LIMITS },
        state: sink.state,
        unit,
        plan: sink.plan,
        table: { doubts: [], place: this.#place, replaceable: true },
        clock: impatient(this.#target),
        retryMs: 1,
        signal: new AbortController().signal,
      });
    } catch (error) {
      this.#fullDue ||= toSyncError(error).code === 'TARGET_CHANGED';
      this.#sinks.splice(this.#sinks.indexOf(sink), 1);
    } finally {
      this.#target.failCommit = null;
    }
  }

  #emptyTarget(): void {
    const keys = this.#witnesses().map(({ key }) => keyOf(key));
    this.checks.emptied(this.#now, keys);
    this.#target.state.rows.clear();
  }

  /** Rows that changed since the copy was made are as they were in it; as far as the unique values allow it. */
  #restoreRows(): void {
    const { rows } = this.#target.state;
    const restored = [...this.#backup].filter(([key, row]) => rows.has(key) && rows.get(key) !== row);
    const after = new Map([...rows, ...restored]);
    const values = [...after.values()].map((row) => readSimulatedRow(row).unique);
    if (restored.length === 0 || new Set(values).size < values.length) return;
    const marked = this.#witnesses().filter(({ mark }) => mark !== null);
    const looked = new Set(marked.map(({ key }) => keyOf(key)));
    this.checks.restored(
      this.#now,
      restored.map(([, row]) => readSimulatedRow(row)),
      looked,
    );
    for (const [key, row] of restored) rows.set(key, row);
  }

  /** Rows that the job looks for. */
  #witnesses(): readonly Witness[] {
    const { trust, splits } = this.#target.state;
    const own = [...splits].filter(([id]) => id.startsWith(`${JOB}/${this.#run?.key.epoch}/`));
    return [...(trust.get(JOB)?.witnesses ?? []), ...own.flatMap(([, split]) => split.witnesses)];
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
}

/** Positions of this world are its time. */
function numberOf(position: Position | null | undefined): number | null {
  return position == null ? null : Number(position);
}

/** Of a key as sentKey gives it. */
function keyOf(sent: string): number {
  const [value = ''] = JSON.parse(sent) as readonly string[];
  return Number(Buffer.from(value, 'base64').toString());
}

function newInbox(sink: SinkActor, partition: number, next: number): SinkInbox {
  return new SinkInbox({
    topic: TOPIC,
    passesOthers: true,
    partition,
    next,
    maxRows: 20_000,
    taskId: sink.taskId,
    decoder: () => createDecoder('row', simulatedSchema),
    onBegin: (begin) => (sink.plan ??= planOf(begin)),
    pool: createBufferPool({ minSize: 64, keep: 8 }),
  });
}

/** Of a task whose connection comes back while it waits. */
function impatient(target: MemoryTarget): Clock {
  return {
    now: () => 0,
    monotonic: () => 0,
    sleep: () => {
      target.failCommit = null;
      return Promise.resolve();
    },
  };
}
