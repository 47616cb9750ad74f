// A target in memory with the ledger's rules: TargetLedger and SinkStore over one state. Transactions run one at a time on a
// copy of the state, which replaces the state at COMMIT. The tests' row key is the first field of a row.
import { Readable } from 'node:stream';
import type {
  AbortOutcome,
  BeginOutcome,
  BeginRequest,
  DirtyEntry,
  LedgerJob,
  LedgerPartition,
  LedgerRun,
  LedgerSplit,
  RunKey,
  TargetLedger,
} from '../../src/core/ledger/ledger.ts';
import { decideAbort, decideBegin, mayComplete, resetJob } from '../../src/core/ledger/rules.ts';
import type { HeldJob } from '../../src/core/ledger/rules.ts';
import type {
  RefusedRow,
  RowBatch,
  SinkStore,
  SinkTransaction,
} from '../../src/core/connector/sink-store.ts';
import type { Position } from '../../src/core/position.ts';
import { noCounts } from '../../src/core/status.ts';
import { readRow } from '../../src/core/record/row-format.ts';
import { distinctTexts } from '../../src/core/text.ts';
import { freshTrust } from '../../src/core/ledger/target-trust.ts';
import type { TargetTrust } from '../../src/core/ledger/target-trust.ts';

export interface TargetState {
  jobs: Map<string, LedgerJob>;
  trust: Map<string, TargetTrust>;
  runs: Map<string, LedgerRun>;
  partitions: Map<string, LedgerPartition>;
  splits: Map<string, LedgerSplit>;
  /** Of each run. */
  ended: Map<string, number>;
  dirty: { key: string; entry: DirtyEntry }[];
  setAside: { key: string; split: number; row: string }[];
  /** First field → whole row; without a key each row stands for itself. */
  rows: Map<string, string>;
  /** Every watermark a complete run moved from and to. */
  moves: { job: string; from: Position | null; to: Position | null }[];
}

export interface MemoryTarget {
  readonly state: TargetState;
  openLedger(): TargetLedger;
  openStore(): SinkStore;
  /** Called before each COMMIT; throwing makes it fail: `before` leaves the state, `after` applies it first. */
  failCommit: (() => 'before' | 'after' | null) | null;
  /** Takes the watermark's compare-and-set away, to show what it is for. */
  ignoreWatermark: boolean;
  /** What tells its table from another one. */
  mark: string;
}

interface MemoryTable {
  readonly keyed: boolean;
  /** Index of a field that no two rows may have the same value in; null: there is none. */
  readonly unique: number | null;
  /** It says so of rows that another one stands against. */
  readonly tellsConflicts: boolean;
}

const runId = (key: RunKey): string => `${key.job}/${key.epoch}`;

export function createMemoryTarget(
  table: MemoryTable = { keyed: true, unique: null, tellsConflicts: true },
): MemoryTarget {
  let state: TargetState = {
    jobs: new Map(),
    trust: new Map(),
    runs: new Map(),
    partitions: new Map(),
    splits: new Map(),
    ended: new Map(),
    dirty: [],
    setAside: [],
    rows: new Map(),
    moves: [],
  };
  let last: Promise<unknown> = Promise.resolve();

  const inTransaction = <T>(work: (draft: TargetState) => Promise<T> | T): Promise<T> => {
    const run = last.then(async () => {
      const draft: TargetState = {
        jobs: new Map(state.jobs),
        trust: new Map(state.trust),
        runs: new Map(state.runs),
        partitions: new Map(state.partitions),
        splits: new Map(state.splits),
        ended: new Map(state.ended),
        dirty: [...state.dirty],
        setAside: [...state.setAside],
        rows: new Map(state.rows),
        moves: [...state.moves],
      };
      const value = await work(draft);
      const failure = target.failCommit?.() ?? null;
      if (failure !== 'before') state = draft;
      if (failure !== null) throw Object.assign(new Error('connection lost at COMMIT'), { retriable: true });
      return value;
    });
    last = run.catch(() => undefined);
    return run;
  };

  const target: MemoryTarget = {
    get state() {
      return state;
    },
    failCommit: null,
    ignoreWatermark: false,
    mark: '1',
    openLedger: () => createLedger(inTransaction, () => state),
    openStore: () => ({
      prepareTable: () =>
        Promise.resolve({ notes: [], doubts: [], key: table.keyed ? [0] : [], replaceable: true }),
      transaction: (work) =>
        inTransaction((draft) =>
          work({
            ...createTransaction(draft, table, target.ignoreWatermark),
            markTable: () => Promise.resolve(target.mark),
          }),
        ),
      close: () => Promise.resolve(),
    }),
  };
  return target;
}

type InTransaction = <T>(work: (draft: TargetState) => Promise<T> | T) => Promise<T>;

function createLedger(inTransaction: InTransaction, read: () => TargetState): TargetLedger {
  return {
    begin: (request) => inTransaction((draft) => begin(draft, request)),
    abort: ({ job, taskId }) => inTransaction((draft) => abort(draft, job, taskId)),
    look: (id) => {
      const [job, trust] = [read().jobs.get(id), read().trust.get(id)];
      const held = job === undefined || trust === undefined ? null : { job, trust };
      return Promise.resolve({
        held,
        takenBy: null,
      });
    },
    readJob: (job) => Promise.resolve(read().jobs.get(job) ?? null),
    readTrust: (job) => Promise.resolve(read().trust.get(job) ?? null),
    readRun: (job, taskId) =>
      Promise.resolve(
        [...read().runs.values()].filter((run) => run.job === job && run.taskId === taskId).at(-1) ?? null,
      ),
    readPartitions: (job) => {
      const epoch = read().jobs.get(job)?.epoch ?? 0;
      return Promise.resolve(valuesOf(read().partitions, { job, epoch }));
    },
    readDirty: (job, taskId, limit) => {
      const run = [...read().runs.values()]
        .filter((each) => each.job === job && each.taskId === taskId)
        .at(-1);
      const own = read().dirty.filter((each) => run !== undefined && each.key === runId(run));
      return Promise.resolve(own.slice(0, limit).map((each) => each.entry));
    },
    resetWatermark: (job, reset) =>
      inTransaction((draft) => {
        const held = heldJob(draft, job);
        if (held !== null) putJob(draft, resetJob(held, reset));
      }),
    remove: (job) =>
      inTransaction((draft) => {
        draft.jobs.delete(job);
        draft.trust.delete(job);
      }),
    close: () => Promise.resolve(),
  };
}

function begin(draft: TargetState, request: BeginRequest): BeginOutcome {
  const { job } = request;
  const held = heldJob(draft, job);
  const newestOf = (task: string | undefined): LedgerRun | null =>
    [...draft.runs.values()].findLast((run) => run.job === job && run.taskId === task) ?? null;
  const { outcome, start } = decideBegin(
    {
      job: held,
      known: newestOf(request.taskId),
      holding: newestOf(held?.taskId),
      takenBy: null,
      hasMoved: false,
    },
    request,
  );
  if (start === null) return outcome;
  const { epoch, taskId, watermark: base } = start;
  putJob(draft, start);
  draft.runs.set(runId({ job, epoch }), {
    job,
    epoch,
    taskId,
    state: 'running',
    base,
    plan: null,
    counts: { ...noCounts, skipped: 0 },
    doubts: [],
  });
  return outcome;
}

function abort(draft: TargetState, job: string, taskId: string): AbortOutcome {
  const known = heldJob(draft, job);
  const run = [...draft.runs.values()].findLast((each) => each.job === job && each.taskId === taskId) ?? null;
  const decision = decideAbort(known, run, taskId);
  if (decision === 'not-holder' || known === null || run === null) return { kind: 'not-holder' };
  if (decision === 'complete') return { kind: 'complete', run };
  if (decision === 'abort') {
    draft.runs.set(runId(run), { ...run, state: 'aborted' });
    putJob(draft, { ...known, epoch: known.epoch + 1 });
  }
  return { kind: 'aborted', counts: run.counts };
}

function heldJob(draft: TargetState, id: string): HeldJob | null {
  const [job, trust] = [draft.jobs.get(id), draft.trust.get(id)];
  return job === undefined || trust === undefined ? null : { ...job, trust };
}

function putJob(draft: TargetState, { trust, ...job }: HeldJob): void {
  draft.jobs.set(job.job, job);
  draft.trust.set(job.job, trust);
}

function valuesOf<T>(map: ReadonlyMap<string, T>, key: RunKey): T[] {
  return [...map].filter(([id]) => id.startsWith(`${runId(key)}/`)).map(([, value]) => value);
}

function createTransaction(
  draft: TargetState,
  table: MemoryTable,
  ignoreWatermark: boolean,
): SinkTransaction {
  const at = (key: RunKey, part: string | number): string => `${runId(key)}/${part}`;
  const run = (key: RunKey): LedgerRun => {
    const row = draft.runs.get(runId(key));
    if (row === undefined) throw new Error(`no run ${runId(key)}`);
    return row;
  };
  return {
    lockJob: (job) => Promise.resolve(draft.jobs.get(job) ?? null),
    readRun: (key) => Promise.resolve(draft.runs.get(runId(key)) ?? null),
    readTrust: (job) => Promise.resolve(draft.trust.get(job) ?? freshTrust('')),
    putTrust: (job, trust) => Promise.resolve(void draft.trust.set(job, trust)),
    setPlan: (key, plan) => {
      draft.runs.set(runId(key), { ...run(key), plan });
      return Promise.resolve();
    },
    readPartitions: (key) => Promise.resolve(valuesOf(draft.partitions, key)),
    addPartition: (key, position) => {
      const id = at(key, position.partition);
      if (!draft.partitions.has(id)) draft.partitions.set(id, position);
      return Promise.resolve();
    },
    movePartition: (key, move) => {
      const id = at(key, move.partition);
      const row = draft.partitions.get(id);
      if (row?.next !== move.from) return Promise.resolve(false);
      draft.partitions.set(id, { ...row, next: move.to });
      return Promise.resolve(true);
    },
    readSplits: (key) => Promise.resolve(valuesOf(draft.splits, key)),
    putSplit: (key, split) => {
      draft.splits.set(at(key, split.split), split);
      return Promise.resolve();
    },
    addDirty: (key, rows) => {
      draft.dirty.push(...rows.map((entry) => ({ key: runId(key), entry })));
      return Promise.resolve();
    },
    clearDirty: (key, split) => {
      draft.dirty = draft.dirty.filter((each) => each.key !== runId(key) || each.entry.split !== split);
      return Promise.resolve();
    },
    addSkipped: (key, records) => {
      const row = run(key);
      draft.runs.set(runId(key), {
        ...row,
        counts: { ...row.counts, skipped: (row.counts.skipped ?? 0) + records },
      });
      return Promise.resolve();
    },
    addDoubts: (key, doubts) => {
      const row = run(key);
      draft.runs.set(runId(key), { ...row, doubts: distinctTexts([...row.doubts, ...doubts]) });
      return Promise.resolve();
    },
    writeRows: (batch) => Promise.resolve(writeLines(draft.rows, table, linesOf(batch))),
    deleteRows: (batch) => {
      for (const key of keysOf(batch)) draft.rows.delete(key);
      return Promise.resolve();
    },
    unclaimedKeys: ({ from, until, keys, onLacking }) => {
      const claimed = new Set(keysOf(keys));
      const must = linesOf(keys).map((line) => readRow(Buffer.from(line, 'latin1')));
      if (must.some(([key, mark]) => mark != null && !draft.rows.has(key?.toString('latin1') ?? '')))
        onLacking?.();
      const [low, high] = [from?.[0]?.toString('latin1') ?? '', until?.[0]?.toString('latin1') ?? null];
      const gone = [...draft.rows.keys()].filter(
        (row) => row >= low && (high === null || row < high) && !claimed.has(row),
      );
      return Readable.from([gone]);
    },
    setAside: (key, split, keys) => {
      draft.setAside.push(...keys.map((row) => ({ key: runId(key), split, row })));
      return Promise.resolve();
    },
    clearSetAside: (key, split) => {
      draft.setAside = draft.setAside.filter((each) => each.key !== runId(key) || each.split !== split);
      return Promise.resolve();
    },
    removeSetAside: (key) => {
      for (const { row } of draft.setAside.filter((each) => each.key === runId(key))) draft.rows.delete(row);
      return Promise.resolve();
    },
    digestRows: (batch) => Promise.resolve(keysOf(batch).map((key) => draft.rows.get(key) ?? null)),
    isEmpty: () => Promise.resolve(draft.rows.size === 0),
    countRows: (atMost) => Promise.resolve(Math.min(atMost, draft.rows.size)),
    addEnded: (key) => {
      const ended = (draft.ended.get(runId(key)) ?? 0) + 1;
      draft.ended.set(runId(key), ended);
      return Promise.resolve(ended);
    },
    completeRun: (key, to) => {
      const job = draft.jobs.get(key.job);
      const row = run(key);
      if (job === undefined || !(mayComplete(job, row) || ignoreWatermark)) return Promise.resolve(false);
      draft.jobs.set(key.job, { ...job, watermark: to });
      draft.runs.set(runId(key), { ...row, state: 'complete' });
      draft.moves.push({ job: key.job, from: row.base, to });
      return Promise.resolve(true);
    },
  };
}

function writeLines(
  rows: Map<string, string>,
  { keyed, unique, tellsConflicts: conflict }: MemoryTable,
  lines: readonly string[],
): readonly RefusedRow[] {
  return lines.flatMap((line, index) => {
    const key = keyed ? fieldOf(line, 0) : `${rows.size}`;
    const stands =
      unique !== null &&
      [...rows].some(([other, row]) => other !== key && fieldOf(row, unique) === fieldOf(line, unique));
    if (stands) return [{ index, key, field: '', reason: 'duplicate', bytesHex: '', conflict }];
    rows.set(key, line);
    return [];
  });
}

function fieldOf(line: string, index: number): string {
  return readRow(Buffer.from(line, 'latin1'))[index]?.toString('latin1') ?? '';
}

function linesOf(batch: RowBatch): string[] {
  return batch.bytes.toString('latin1').split('\n').slice(0, -1);
}

function keysOf(batch: RowBatch): string[] {
  return linesOf(batch).map((line) => fieldOf(line, 0));
}
