// begin, abort, reset and removal over the ledger's tables: what rules.ts decides, read and stored in one transaction that the caller
// opens; an outcome other than `begun` or `aborted` has changed nothing.
import { SyncError } from '../errors.ts';
import type { AbortOutcome, BeginOutcome, BeginRequest, WatermarkReset } from './ledger.ts';
import { decideAbort, decideBegin, keptEpochs, resetJob } from './rules.ts';
import type { HeldJob } from './rules.ts';
import { closeRun, lockJob, putTrust, readRunOfTask, readTrust } from './sql-rows.ts';
import { integer, text } from './sql-values.ts';
import { freshTrust } from './target-trust.ts';
import { ledgerTables, type LedgerSession } from './sql-session.ts';

type TableJob = NonNullable<Awaited<ReturnType<typeof lockJob>>>;

export async function beginRun(
  session: LedgerSession,
  request: BeginRequest,
  targetTable: string,
): Promise<BeginOutcome> {
  const found = await lockOrMakeJob(session, request, targetTable);
  if ('takenBy' in found) return { kind: 'table-taken', by: found.takenBy };
  const known = await readRunOfTask(session, request.job, request.taskId);
  const holding =
    found.taskId === request.taskId ? known : await readRunOfTask(session, request.job, found.taskId);
  const owner = await readOwner(session, targetTable);
  const trust = (await readTrust(session, request.job)) ?? freshTrust('');
  const { outcome, start } = decideBegin(
    {
      job: { ...found, trust },
      known,
      holding,
      takenBy: owner === request.job ? null : owner,
      hasMoved: found.targetTable !== targetTable,
    },
    request,
  );
  if (start !== null) await startRun(session, start, targetTable);
  return outcome;
}

async function lockOrMakeJob(
  session: LedgerSession,
  request: BeginRequest,
  targetTable: string,
): Promise<TableJob | { takenBy: string }> {
  const found = await lockJob(session, request.job, 'exclusive');
  if (found !== null) return found;
  const owner = await readOwner(session, targetTable);
  // Its own name: somebody made the job between the two statements.
  if (owner !== null && owner !== request.job) return { takenBy: owner };
  await session.write(
    `INSERT INTO ${session.table('syncline_job')} (job, epoch, task_id, watermark, digest, target_table, trust)
     VALUES (?, 0, '', NULL, ?, ?, ?) ${session.dialect.keepExisting}`,
    [request.job, request.digest, targetTable, JSON.stringify(freshTrust(''))],
  );
  const made = await lockJob(session, request.job, 'exclusive');
  if (made !== null) return made;
  // Another job took the table between the two statements.
  const taker = await readOwner(session, targetTable);
  if (taker !== null) return { takenBy: taker };
  // It did, and this transaction does not see it yet; or the ledger keeps nothing.
  throw new SyncError('TARGET_FAILED', {
    message: `beginning a run of ${request.job}: the ledger has neither the job that was put into it nor another one for ${targetTable}`,
    retriable: true,
  });
}

/** The job that writes to the table; null: none does. */
export async function readOwner(session: LedgerSession, targetTable: string): Promise<string | null> {
  const [row] = await session.read(
    `SELECT job FROM ${session.table('syncline_job')} WHERE target_table = ?`,
    [targetTable],
  );
  return row === undefined ? null : text(row, 'job');
}

async function startRun(session: LedgerSession, start: HeldJob, targetTable: string): Promise<void> {
  const { job, epoch, taskId, watermark: base, digest, trust } = start;
  await clearFinished(session, job, epoch);
  await session.write(
    `UPDATE ${session.table('syncline_job')} SET epoch = ?, task_id = ?, watermark = ?, digest = ?, target_table = ?, trust = ?
     WHERE job = ?`,
    [epoch, taskId, base, digest, targetTable, JSON.stringify(trust), job],
  );
  await session.write(
    `INSERT INTO ${session.table('syncline_run')} (job, epoch, task_id, state, base, skipped, ended)
     VALUES (?, ?, ?, 'running', ?, 0, 0)`,
    [job, epoch, taskId, base],
  );
}

/** Closes what an earlier run left open, and removes the details of all but the last one. */
async function clearFinished(session: LedgerSession, job: string, newEpoch: number): Promise<void> {
  const run = session.table('syncline_run');
  const rows = await session.read(`SELECT epoch, state FROM ${run} WHERE job = ? ORDER BY epoch`, [job]);
  for (const row of rows)
    if (row['state'] === 'running') await closeRun(session, { job, epoch: integer(row, 'epoch') }, 'aborted');
  await session.write(`DELETE FROM ${session.table('syncline_removal')} WHERE job = ?`, [job]);
  const last = rows.at(-1);
  if (last === undefined) return;
  for (const table of ['syncline_partition', 'syncline_split', 'syncline_dirty'] as const)
    await session.write(`DELETE FROM ${session.table(table)} WHERE job = ? AND epoch < ?`, [
      job,
      integer(last, 'epoch'),
    ]);
  for (const table of ['syncline_run', 'syncline_doubt'] as const)
    await session.write(`DELETE FROM ${session.table(table)} WHERE job = ? AND epoch < ?`, [
      job,
      newEpoch - keptEpochs,
    ]);
}

export async function abortRun(
  session: LedgerSession,
  request: { job: string; taskId: string },
): Promise<AbortOutcome> {
  const job = await lockJob(session, request.job, 'exclusive');
  const run = await readRunOfTask(session, request.job, request.taskId);
  const decision = decideAbort(job, run, request.taskId);
  if (decision === 'not-holder' || run === null) return { kind: 'not-holder' };
  if (decision === 'complete') return { kind: 'complete', run };
  if (decision === 'abort') {
    await raiseEpoch(session, request.job);
    await closeRun(session, run, 'aborted');
  }
  return { kind: 'aborted', counts: run.counts };
}

async function raiseEpoch(session: LedgerSession, job: string): Promise<void> {
  await session.write(`UPDATE ${session.table('syncline_job')} SET epoch = epoch + 1 WHERE job = ?`, [job]);
}

/** false: there is no such job. */
export async function resetWatermark(
  session: LedgerSession,
  job: string,
  reset: WatermarkReset,
): Promise<boolean> {
  const held = await lockJob(session, job, 'exclusive');
  const trust = await readTrust(session, job);
  if (held === null || trust === null) return false;
  const after = resetJob({ ...held, trust }, reset);
  await putTrust(session, job, after.trust);
  await session.write(`UPDATE ${session.table('syncline_job')} SET watermark = ?, epoch = ? WHERE job = ?`, [
    after.watermark,
    after.epoch,
    job,
  ]);
  return true;
}

export async function removeJob(session: LedgerSession, job: string): Promise<void> {
  await lockJob(session, job, 'exclusive');
  for (const table of ledgerTables)
    await session.write(`DELETE FROM ${session.table(table)} WHERE job = ?`, [job]);
}
