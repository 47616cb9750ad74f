// Reading and writing rows of the ledger, in SQL that every SQL target understands alike.
import type { LedgerJob, LedgerPartition, LedgerPlan, LedgerRun, LedgerSplit, RunKey } from './ledger.ts';
import type { LedgerRow, LedgerSession } from './sql-session.ts';
import { integer, integerOrNull, text, textOrNull } from './sql-values.ts';
import { readDoubts } from './sql-doubts.ts';
import type { Position } from '../position.ts';
import { countsOf, mayComplete } from './rules.ts';
import type { SplitSums } from './rules.ts';
import type { TargetTrust } from './target-trust.ts';

export async function lockJob(
  session: LedgerSession,
  job: string,
  lock: 'shared' | 'exclusive' | 'none',
): Promise<(LedgerJob & { readonly targetTable: string }) | null> {
  const { sharedLock, exclusiveLock, beforeLock } = session.dialect;
  if (lock !== 'none' && beforeLock !== undefined) await session.read(beforeLock[lock], [job]);
  const suffix = lock === 'shared' ? sharedLock : lock === 'exclusive' ? exclusiveLock : '';
  const [row] = await session.read(
    `SELECT epoch, task_id, watermark, digest, target_table FROM ${session.table('syncline_job')} WHERE job = ?${suffix}`,
    [job],
  );
  if (row === undefined) return null;
  return {
    job,
    epoch: integer(row, 'epoch'),
    taskId: text(row, 'task_id'),
    watermark: textOrNull(row, 'watermark'),
    digest: text(row, 'digest'),
    targetTable: text(row, 'target_table'),
  };
}

/** null: the job is not there. */
export async function readTrust(session: LedgerSession, job: string): Promise<TargetTrust | null> {
  const [row] = await session.read(`SELECT trust FROM ${session.table('syncline_job')} WHERE job = ?`, [job]);
  return row === undefined ? null : (JSON.parse(text(row, 'trust')) as TargetTrust);
}

export async function putTrust(session: LedgerSession, job: string, trust: TargetTrust): Promise<void> {
  await session.write(`UPDATE ${session.table('syncline_job')} SET trust = ? WHERE job = ?`, [
    JSON.stringify(trust),
    job,
  ]);
}

const runColumns = `epoch, task_id, state, base, plan_id, plan_splits, window_from, window_to, plan_detail,
  read_rows, filtered, nulled, written, dirty, deleted, removed, skipped`;

export async function readRun(session: LedgerSession, key: RunKey): Promise<LedgerRun | null> {
  const rows = await session.read(
    `SELECT ${runColumns} FROM ${session.table('syncline_run')} WHERE job = ? AND epoch = ?`,
    [key.job, key.epoch],
  );
  return firstRun(session, key.job, rows);
}

/** The newest run under a task id. */
export async function readRunOfTask(
  session: LedgerSession,
  job: string,
  taskId: string,
): Promise<LedgerRun | null> {
  const rows = await session.read(
    `SELECT ${runColumns} FROM ${session.table('syncline_run')} WHERE job = ? AND task_id = ? ORDER BY epoch DESC LIMIT 1`,
    [job, taskId],
  );
  return firstRun(session, job, rows);
}

async function firstRun(
  session: LedgerSession,
  job: string,
  rows: readonly LedgerRow[],
): Promise<LedgerRun | null> {
  const [row] = rows;
  if (row === undefined) return null;
  const epoch = integer(row, 'epoch');
  const state = text(row, 'state') as LedgerRun['state'];
  // Those of a run that is closed stand in its own row: its splits' rows go before it does.
  const sums = state === 'running' ? await sumSplits(session, { job, epoch }) : sumsOf(row);
  return {
    job,
    epoch,
    taskId: text(row, 'task_id'),
    state,
    base: textOrNull(row, 'base'),
    plan: planOf(row),
    counts: countsOf(state, sums, integer(row, 'skipped')),
    doubts: await readDoubts(session, { job, epoch }),
  };
}

function planOf(row: LedgerRow): LedgerPlan | null {
  if (row['plan_id'] === null) return null;
  return {
    id: text(row, 'plan_id'),
    splits: integer(row, 'plan_splits'),
    window: { from: textOrNull(row, 'window_from'), to: textOrNull(row, 'window_to') },
    detail: text(row, 'plan_detail'),
  };
}

function sumsOf(row: LedgerRow): SplitSums {
  return {
    read: integer(row, 'read_rows'),
    filtered: integer(row, 'filtered'),
    nulled: integer(row, 'nulled'),
    written: integer(row, 'written'),
    dirty: integer(row, 'dirty'),
    deleted: integer(row, 'deleted'),
    removed: integer(row, 'removed'),
  };
}

async function sumSplits(session: LedgerSession, key: RunKey): Promise<SplitSums> {
  const [row] = await session.read(
    `SELECT COALESCE(SUM(read_rows), 0) AS read_rows, COALESCE(SUM(filtered), 0) AS filtered,
       COALESCE(SUM(nulled), 0) AS nulled,
       COALESCE(SUM(written), 0) AS written, COALESCE(SUM(dirty), 0) AS dirty,
       COALESCE(SUM(deleted), 0) AS deleted, COALESCE(SUM(removed), 0) AS removed
     FROM ${session.table('syncline_split')} WHERE job = ? AND epoch = ?`,
    [key.job, key.epoch],
  );
  return sumsOf(row ?? {});
}

/** Ends a run in the ledger, with the sums of its splits. */
export async function closeRun(
  session: LedgerSession,
  key: RunKey,
  state: 'complete' | 'aborted',
): Promise<void> {
  const sums = await sumSplits(session, key);
  await session.write(
    `UPDATE ${session.table('syncline_run')} SET state = ?, read_rows = ?, filtered = ?, nulled = ?, written = ?,
       dirty = ?, deleted = ?, removed = ?
     WHERE job = ? AND epoch = ?`,
    [
      state,
      sums.read,
      sums.filtered,
      sums.nulled,
      sums.written,
      sums.dirty,
      sums.deleted,
      sums.removed,
      key.job,
      key.epoch,
    ],
  );
}

export async function setPlan(session: LedgerSession, key: RunKey, plan: LedgerPlan): Promise<void> {
  await session.write(
    `UPDATE ${session.table('syncline_run')} SET plan_id = ?, plan_splits = ?, window_from = ?, window_to = ?,
       plan_detail = ? WHERE job = ? AND epoch = ? AND plan_id IS NULL`,
    [plan.id, plan.splits, plan.window.from, plan.window.to, plan.detail, key.job, key.epoch],
  );
}

export async function addSkipped(session: LedgerSession, key: RunKey, records: number): Promise<void> {
  await session.write(
    `UPDATE ${session.table('syncline_run')} SET skipped = skipped + ? WHERE job = ? AND epoch = ?`,
    [records, key.job, key.epoch],
  );
}

/** Under the exclusive lock: moves the watermark from the run's base to `to` and closes the run; false: it stood elsewhere. */
export async function completeRun(
  session: LedgerSession,
  key: RunKey,
  to: Position | null,
): Promise<boolean> {
  if (!mayComplete(await lockJob(session, key.job, 'none'), await readRun(session, key))) return false;
  await session.write(`UPDATE ${session.table('syncline_job')} SET watermark = ? WHERE job = ?`, [
    to,
    key.job,
  ]);
  await closeRun(session, key, 'complete');
  return true;
}

export async function readPartitions(
  session: LedgerSession,
  key: RunKey,
): Promise<readonly LedgerPartition[]> {
  const rows = await session.read(
    `SELECT topic, partition_no, next_offset, log_incarnation FROM ${session.table('syncline_partition')}
     WHERE job = ? AND epoch = ? ORDER BY topic, partition_no`,
    [key.job, key.epoch],
  );
  return rows.map((row) => ({
    topic: text(row, 'topic'),
    partition: integer(row, 'partition_no'),
    next: integer(row, 'next_offset'),
    logIncarnation: text(row, 'log_incarnation'),
  }));
}

/** Positions of the job's newest run. */
export async function readNewestPartitions(
  session: LedgerSession,
  job: string,
): Promise<readonly LedgerPartition[]> {
  const [row] = await session.read(
    `SELECT COALESCE(MAX(epoch), 0) AS epoch FROM ${session.table('syncline_run')} WHERE job = ?`,
    [job],
  );
  return readPartitions(session, { job, epoch: integer(row ?? {}, 'epoch') });
}

export async function addPartition(
  session: LedgerSession,
  key: RunKey,
  position: LedgerPartition,
): Promise<void> {
  await session.write(
    `INSERT INTO ${session.table('syncline_partition')}
       (job, epoch, topic, partition_no, next_offset, log_incarnation) VALUES (?, ?, ?, ?, ?, ?)
     ${session.dialect.keepExisting}`,
    [key.job, key.epoch, position.topic, position.partition, position.next, position.logIncarnation],
  );
}

export async function movePartition(
  session: LedgerSession,
  key: RunKey,
  move: { topic: string; partition: number; from: number; to: number },
): Promise<boolean> {
  const moved = await session.write(
    `UPDATE ${session.table('syncline_partition')} SET next_offset = ?
     WHERE job = ? AND epoch = ? AND topic = ? AND partition_no = ? AND next_offset = ?`,
    [move.to, key.job, key.epoch, move.topic, move.partition, move.from],
  );
  return moved === 1;
}

export async function readSplits(session: LedgerSession, key: RunKey): Promise<readonly LedgerSplit[]> {
  const rows = await session.read(
    `SELECT split_no, partition_no, attempt, written, dirty, deleted, removed, read_rows, filtered, nulled, kept, ended_as
     FROM ${session.table('syncline_split')} WHERE job = ? AND epoch = ? ORDER BY split_no`,
    [key.job, key.epoch],
  );
  return rows.map((row) => ({
    split: integer(row, 'split_no'),
    partition: integer(row, 'partition_no'),
    attempt: text(row, 'attempt'),
    written: integer(row, 'written'),
    dirty: integer(row, 'dirty'),
    deleted: integer(row, 'deleted'),
    removed: integer(row, 'removed'),
    read: integerOrNull(row, 'read_rows'),
    filtered: integerOrNull(row, 'filtered'),
    nulled: integerOrNull(row, 'nulled'),
    ...(JSON.parse(text(row, 'kept')) as KeptOfSplit),
    endedAs: integerOrNull(row, 'ended_as'),
  }));
}

/** What the ledger's statements never ask for: one column. */
type KeptOfSplit = Pick<
  LedgerSplit,
  'witnesses' | 'lost' | 'overwritten' | 'refused' | 'closed' | 'waiting' | 'lacks'
>;

function keptOf(split: LedgerSplit): KeptOfSplit {
  const { witnesses, lost, overwritten, refused, closed, waiting, lacks } = split;
  return { witnesses, lost, overwritten, refused, closed, waiting, lacks };
}

const splitColumns = [
  'partition_no',
  'attempt',
  'written',
  'dirty',
  'deleted',
  'removed',
  'read_rows',
  'filtered',
  'nulled',
  'kept',
  'ended_as',
] as const;

/** Only the writer that holds the split's partition writes its row: nobody puts it there in between. */
export async function putSplit(session: LedgerSession, key: RunKey, split: LedgerSplit): Promise<void> {
  const table = session.table('syncline_split');
  const row = [key.job, key.epoch, split.split];
  const values = [
    split.partition,
    split.attempt,
    split.written,
    split.dirty,
    split.deleted,
    split.removed,
    split.read,
    split.filtered,
    split.nulled,
    JSON.stringify(keptOf(split)),
    split.endedAs,
  ];
  const set = splitColumns.map((column) => `${column} = ?`).join(', ');
  const changed = await session.write(
    `UPDATE ${table} SET ${set} WHERE job = ? AND epoch = ? AND split_no = ?`,
    [...values, ...row],
  );
  if (changed > 0) return;
  const columns = ['job', 'epoch', 'split_no', ...splitColumns];
  await session.write(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
    [...row, ...values],
  );
}

export async function addEnded(session: LedgerSession, key: RunKey): Promise<number> {
  const run = session.table('syncline_run');
  const values = [key.job, key.epoch];
  await session.write(`UPDATE ${run} SET ended = ended + 1 WHERE job = ? AND epoch = ?`, values);
  const [row] = await session.read(`SELECT ended FROM ${run} WHERE job = ? AND epoch = ?`, values);
  return integer(row ?? {}, 'ended');
}
