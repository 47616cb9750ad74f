// The sink's protocol: applies one unit of one partition in one transaction in the target.
//
//   lock job (shared; exclusive where the job's trust, or the number of its ended splits, may change) · its epoch is not mine → FENCED
//   compare-and-set of the partition's position                      · somebody moved it     → POSITION_MOVED
//   BEGIN  of the run's plan and a split not ended → the split's current attempt, counts zeroed, its dirty rows removed
//   row    of the split's current attempt          → written, or stored as dirty; anything else is skipped and counted
//   tombstone of the current attempt               → the row removed
//   KEYS of the current attempt                    → keys of the target that it does not name are put aside, to go at the end
//   END    of the split's current attempt          → its count must equal the sink's own → the split is ended
//   all splits of the plan ended                   → rows put aside removed, watermark moved by compare-and-set, run complete
import { counted } from '../../core/text.ts';
import { SyncError } from '../../core/errors.ts';
import type { EndControl } from '../../core/record/headers.ts';
import { newSplit } from '../../core/ledger/ledger.ts';
import type { LedgerPlan, RunKey } from '../../core/ledger/ledger.ts';
import type { KeyPlace } from '../../core/record/row-key.ts';
import { trustInDoubt } from '../../core/ledger/target-trust.ts';
import { distinctTexts } from '../../core/text.ts';
import type { Text } from '../../core/text.ts';
import type { SinkStore, SinkTransaction } from '../../core/connector/sink-store.ts';
import { applyRows } from './apply-rows.ts';
import type { RowsWork } from './apply-rows.ts';
import { completeRun } from './complete-run.ts';
import type { RunLimits } from './complete-run.ts';
import { touchedKeys } from './rows/witness-keys.ts';
import { beginPlan, lookAtSplit, noteWritten } from './rows/witness-rows.ts';
import { ExchangeFailed } from './rows/write-batch.ts';
import { markedKeys, putSplit } from './sink-state.ts';
import type { SinkState } from './sink-state.ts';
import type { Segment, Unit } from './sink-inbox.ts';
import { UnitSplits } from './unit-splits.ts';

const nobody: ReadonlySet<string> = new Set();

export interface ApplyTarget extends RunLimits {
  readonly topic: string;
}

/** What the look at the target's table told. */
export interface TargetTable {
  readonly place: KeyPlace;
  readonly doubts: readonly Text[];
  /** Nothing of a row is lost when it is removed and written anew. */
  readonly replaceable: boolean;
  /** As ReadyTable has them. */
  readonly mark?: string;
  readonly columns?: readonly string[];
}

export type ApplyOutcome =
  | { readonly kind: 'applied'; readonly complete: boolean }
  /** The position was not where this task left it: read the ledger again. */
  | { readonly kind: 'position-moved' };

/** Throws FENCED, INCOMPLETE, DIRTY_LIMIT, and what the store throws. `state` is changed only when the transaction committed. */
export async function applyUnit(options: {
  store: SinkStore;
  target: ApplyTarget;
  state: SinkState;
  unit: Unit;
  /** The plan a BEGIN of this unit carries, as the ledger is to keep it. */
  planOf: (unit: Unit) => LedgerPlan | null;
  table: TargetTable;
}): Promise<ApplyOutcome> {
  const { store, target, state, unit } = options;
  const work = new UnitWork(target, options);
  const attempt = async (): Promise<ApplyOutcome> => {
    for (;;)
      try {
        return await store.transaction((tx) => work.run(tx, options.planOf(unit)));
      } catch (error) {
        if (!(error instanceof ExchangeFailed)) throw error;
        work.giveUpExchange(error);
      }
  };
  const outcome = await attempt().catch(async (error: unknown) => {
    // In a transaction of its own: that of the unit is taken back.
    if (work.stray > 0) await store.transaction((tx) => noteStray(tx, target.key, work.stray));
    throw error;
  });
  if (outcome.kind === 'applied' && outcome.complete) await store.finishSwap?.(target.key);
  if (outcome.kind === 'applied') work.commitTo(state);
  return outcome;
}

/** The changes one unit makes, kept apart from the state until the transaction has committed. */
class UnitWork {
  readonly #target: ApplyTarget;
  readonly #state: SinkState;
  readonly #unit: Unit;
  readonly #table: TargetTable;
  readonly #splits: UnitSplits;
  /** Where rows may be exchanged: what does not succeed among a batch's rows may among all that wait at the run's end. */
  readonly #mayExchange: Record<'batch' | 'end', boolean>;
  /** Of those that wait at the run's end: refused in an exchange, so that the next one leaves them where they are. */
  readonly #staying = new Set<string>();
  #stage: 'batch' | 'end' = 'batch';
  /** Rows beyond those that the source counted; some of the split's are in the target. */
  stray = 0;
  #plan: LedgerPlan | null = null;
  #doubts: readonly Text[] = [];
  #doubtsKept = 0;
  #skipped = 0;
  #complete = false;
  #rows: RowsWork;
  /** Ended splits of the run; null: none ended here. */
  #ended: number | null = null;
  #marked: readonly string[] = [];
  /** Marked rows, and rows open before the run, that the unit names. */
  readonly #touches: readonly string[];

  constructor(target: ApplyTarget, work: { state: SinkState; unit: Unit; table: TargetTable }) {
    this.#target = target;
    this.#state = work.state;
    this.#unit = work.unit;
    this.#table = work.table;
    const { replaceable } = work.table;
    this.#mayExchange = { batch: replaceable, end: replaceable };
    this.#splits = new UnitSplits(work.state);
    this.#rows = this.#newRows();
    const batches = work.unit.segments.flatMap((each) => (each.kind === 'rows' ? [each.batch] : []));
    const open = work.state.open.flatMap(({ sent }) => sent ?? []);
    this.#touches = touchedKeys(batches, [...work.state.marked, ...open], work.table.place);
  }

  /**
   * After ExchangeFailed: of a batch's rows no other is tried. Of those at the end one without the rows that were refused; a row that
   * waits for one of them is met by the next try only. Each try has fewer rows than the last, so there are no more tries than rows that
   * wait; one that taught nothing is the last.
   */
  giveUpExchange({ keys }: ExchangeFailed): void {
    const known = this.#staying.size;
    if (this.#stage === 'end') for (const key of keys) this.#staying.add(key);
    if (this.#staying.size === known) this.#mayExchange[this.#stage] = false;
  }

  async run(tx: SinkTransaction, planOfBegin: LedgerPlan | null): Promise<ApplyOutcome> {
    const { key, topic } = this.#target;
    const unit = this.#unit;
    // A store may run the work again on a fresh transaction: nothing of the last try may stay.
    this.#splits.forget();
    this.#rows = this.#newRows();
    this.#plan = this.#state.plan;
    this.#skipped = unit.skipped;
    this.#doubts = this.#table.doubts;
    this.stray = 0;
    this.#stage = 'batch';
    this.#ended = null;
    this.#marked = this.#state.marked;
    const job = await tx.lockJob(key.job, this.#needsExclusive() ? 'exclusive' : 'shared');
    if (job?.epoch !== key.epoch) throw fenced(key, job?.epoch ?? null);
    const moved = await tx.movePartition(key, {
      topic,
      partition: unit.partition,
      from: unit.from,
      to: unit.to,
    });
    if (!moved) return { kind: 'position-moved' };
    if (this.#plan === null && planOfBegin !== null) await this.#adoptPlan(tx, planOfBegin);
    for (const segment of unit.segments) await this.#apply(tx, segment);
    await this.#noteWritten(tx);
    for (const split of this.#splits.touched) await tx.putSplit(key, split);
    if (this.#skipped > 0) await tx.addSkipped(key, this.#skipped);
    await this.#addDoubts(tx);
    const { place } = this.#table;
    const ended = this.#planEnded();
    if (ended !== null) {
      this.#stage = 'end';
      const run = { plan: ended, place, mayExchange: this.#mayExchange.end, staying: this.#staying };
      for (const split of await completeRun(tx, this.#target, run)) this.#splits.put(split);
    }
    this.#complete = ended !== null;
    return { kind: 'applied', complete: this.#complete };
  }

  #newRows(): RowsWork {
    return {
      target: this.#target,
      splits: this.#splits,
      place: this.#table.place,
      plan: () => this.#plan,
      open: this.#state.open,
      mayExchange: this.#mayExchange.batch,
      staying: nobody,
      written: [],
      marked: new Set(),
      closed: new Set(),
      removalsSeen: this.#state.removalsSeen,
    };
  }

  /** Only what was written: what a row of another attempt holds nobody knows. */
  async #noteWritten(tx: SinkTransaction): Promise<void> {
    const { place, written, closed } = this.#rows;
    const marked = new Set(this.#marked);
    const touched = touchedKeys(written, this.#touches, place).filter((key) => marked.has(key));
    if (touched.length + closed.size === 0) return;
    const { job } = this.#target.key;
    this.#marked = markedKeys(await noteWritten(tx, { job, touched, closed, place }));
  }

  commitTo(state: SinkState): void {
    state.plan = this.#plan;
    for (const split of this.#splits.touched) putSplit(state, split);
    state.skipped += this.#skipped;
    state.doubts = this.#doubts;
    state.doubtsKept = this.#doubtsKept;
    state.complete ||= this.#complete;
    state.removalsSeen = this.#rows.removalsSeen;
    state.marked = this.#marked;
  }

  /** The plan whose last split ended here. */
  #planEnded(): LedgerPlan | null {
    return this.#ended === this.#plan?.splits ? this.#plan : null;
  }

  /** What the job believes of its target changes only under that lock. */
  #needsExclusive(): boolean {
    const { hasControl, segments } = this.#unit;
    const { doubts, doubtsKept } = this.#state;
    const isInDoubt = distinctTexts([...doubts, ...this.#table.doubts]).length > doubtsKept;
    return (
      hasControl || isInDoubt || this.#touches.length > 0 || segments.some(({ kind }) => kind === 'deletes')
    );
  }

  async #addDoubts(tx: SinkTransaction): Promise<void> {
    const { doubts: known } = this.#state;
    const all = distinctTexts([...known, ...this.#doubts]);
    if (all.length > known.length) await tx.addDoubts(this.#target.key, all.slice(known.length));
    this.#doubts = all;
    this.#doubtsKept = this.#state.doubtsKept;
    if (all.length <= this.#doubtsKept || this.#splits.sum('written') + this.#splits.sum('deleted') === 0)
      return;
    // The rows stay, whatever becomes of the run.
    const { job } = this.#target.key;
    await tx.putTrust(job, trustInDoubt(await tx.readTrust(job), all));
    this.#doubtsKept = all.length;
  }

  /** The first BEGIN seen sets the run's plan; another task of this sink may have been faster. */
  async #adoptPlan(tx: SinkTransaction, plan: LedgerPlan): Promise<void> {
    const run = await tx.readRun(this.#target.key);
    if (run?.plan != null) {
      this.#plan = run.plan;
    } else {
      await tx.setPlan(this.#target.key, plan);
      const trust = await beginPlan(tx, { job: this.#target.key.job, plan, table: this.#table });
      this.#marked = markedKeys(trust);
      this.#plan = plan;
    }
  }

  async #apply(tx: SinkTransaction, segment: Segment): Promise<void> {
    if (segment.kind === 'begin') return this.#begin(tx, segment);
    if (segment.kind === 'end') return this.#end(tx, segment.end);
    const split = this.#splits.current(segment.split, segment.attempt);
    if (split === null) {
      this.#skipped += 'batch' in segment ? segment.batch.rows : 1;
      return;
    }
    await applyRows(tx, this.#rows, { split, segment });
  }

  async #begin(tx: SinkTransaction, segment: Segment & { kind: 'begin' }): Promise<void> {
    const { begin } = segment;
    const known = this.#splits.read(begin.split);
    if (begin.plan !== this.#plan?.id || (known?.endedAs ?? null) !== null) {
      this.#skipped += 1;
      return;
    }
    this.#doubts = [...this.#doubts, ...begin.doubts];
    // Without a key nobody can tell its rows from those that come now.
    if (this.#table.place.key.length === 0 && (known?.written ?? 0) > 0)
      this.#doubts = [...this.#doubts, doubtTwice(known?.written ?? 0)];
    if ((known?.dirty ?? 0) > 0) await tx.clearDirty(this.#target.key, begin.split);
    if ((known?.removed ?? 0) > 0) await tx.clearSetAside(this.#target.key, begin.split);
    const { partition } = this.#unit;
    this.#splits.put(newSplit({ split: begin.split, partition, attempt: begin.attempt }));
  }

  async #end(tx: SinkTransaction, end: EndControl): Promise<void> {
    const split = end.plan === this.#plan?.id ? this.#splits.current(end.split, end.attempt) : null;
    if (split === null) {
      this.#skipped += 1;
      return;
    }
    const got = split.written + split.dirty + split.deleted + split.waiting.length;
    if (got !== end.emitted) {
      const before = this.#state.splits.get(end.split);
      if (before?.attempt === end.attempt && before.written > 0) this.stray = Math.max(0, got - end.emitted);
      throw new SyncError('INCOMPLETE', {
        message: `closing split ${end.split}: the source sent ${counted(end.emitted, 'row')}, the sink got ${got}`,
      });
    }
    const { read, filtered, nulled } = end;
    this.#doubts = [...this.#doubts, ...end.doubts];
    const looked = await lookAtSplit(tx, split, this.#rows);
    this.#ended = await tx.addEnded(this.#target.key);
    this.#splits.put({ ...split, ...looked, read, filtered, nulled, endedAs: this.#ended });
  }
}

/** Rows that no source counted may be none of its own: the job remembers that they are there. */
async function noteStray(tx: SinkTransaction, { job, epoch }: RunKey, rows: number): Promise<void> {
  if ((await tx.lockJob(job, 'exclusive'))?.epoch !== epoch) return;
  const trust = await tx.readTrust(job);
  await tx.putTrust(job, { ...trust, stray: trust.stray + rows });
}

function doubtTwice(rows: number): Text {
  return {
    en: `${counted(rows, 'row')} of a read that was begun again ${rows === 1 ? 'stays in the target: without a key (pk.mode=none) it is there twice' : 'stay in the target: without a key (pk.mode=none) they are there twice'}`,
    zh: `重新开始的读取此前写入的 ${rows} 行仍留在目标中：没有主键（pk.mode=none），它们会出现两次`,
  };
}

function fenced(key: RunKey, holder: number | null): SyncError {
  const now = holder === null ? 'the job is gone from the ledger' : `epoch ${holder} holds the job`;
  return new SyncError('FENCED', { message: `writing as epoch ${key.epoch} of ${key.job}: ${now}` });
}
