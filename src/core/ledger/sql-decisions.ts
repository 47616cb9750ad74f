// The two decisions that the ledger itself takes: may this task id have the job (begin), and what becomes of a run that its
// sink did not finish (abort). Each runs in one transaction that the caller opens; an outcome other than `begun` or
// `aborted` has changed nothing. What a known task id gets: judge-known-run.ts.
import type { AbortOutcome, BeginOutcome, BeginRequest } from './ledger.ts';
import { judgeKnownRun } from './judge-known-run.ts';
import { closeRun, lockJob, putTrust, readRunOfTask, readTrust } from './sql-rows.ts';
import { integer, text } from './sql-values.ts';
import type { IsBefore, Position } from '../position.ts';
import { freshTrust, trustAtBegin, trustAtReset } from './target-trust.ts';
import type { TargetTrust } from './target-trust.ts';
import { ledgerTables, type LedgerSession } from './sql-session.ts';

/** Old runs stay in the ledger so that a task of theirs that wakes up is known for what it is. */
const keptEpochs = 1000;

type HeldJob = NonNullable<Awaited<ReturnType<typeof lockJob>>>;

export async function beginRun(
  session: LedgerSession,
  request: BeginRequest,
  targetTable: string,
): Promise<BeginOutcome> {
  const job = await lockOrMakeJob(session, request, targetTable);
  if ('takenBy' in job) return { kind: 'table-taken', by: job.takenBy };
  const known = await readRunOfTask(session, request.job, request.taskId);
  if (known !== null) {
    const holding =
      job.taskId === request.taskId ? known : await readRunOfTask(session, request.job, job.taskId);
    const outcome = judgeKnownRun({ job, known, holding, request });
    if (outcome !== null) return outcome;
  }
  const takenBy = await readOwner(session, targetTable);
  if (takenBy !== null && takenBy !== request.job) return { kind: 'table-taken', by: takenBy };
  const digestChanged = job.epoch > 0 && !request.byHand && job.digest !== request.digest;
  if (digestChanged && request.mode !== 'full') return { kind: 'digest-changed', stored: job.digest };
  // Behind another table or mapping the old watermark says nothing: until a run completes, there is none.
  const base = digestChanged || job.targetTable !== targetTable ? null : job.watermark;
  const before = job.targetTable === targetTable ? await readTrust(session, request.job) : null;
  const trust = trustAtBegin(before, request.mapping, { watermark: job.watermark, digestChanged });
  return startRun(session, request, { job, base, targetTable, trust });
}

async function lockOrMakeJob(
  session: LedgerSession,
  request: BeginRequest,
  targetTable: string,
): Promise<HeldJob | { takenBy: string }> {
  const found = await lockJob(session, request.job, 'exclusive');
  if (found !== null) return found;
  const owner = await readOwner(session, targetTable);
  if (owner !== null) return { takenBy: owner };
  await session.write(
    `INSERT INTO ${session.table('syncline_job')} (job, epoch, task_id, watermark, digest, target_table, trust)
     VALUES (?, 0, '', NULL, ?, ?, ?) ${session.dialect.keepExisting}`,
    [request.job, request.digest, targetTable, JSON.stringify(freshTrust(''))],
  );
  const made = await lockJob(session, request.job, 'exclusive');
  // Not there: another job took the table between the two statements.
  return made ?? { takenBy: (await readOwner(session, targetTable)) ?? 'another job' };
}

/** The job that writes to the table; null: none does. */
export async function readOwner(session: LedgerSession, targetTable: string): Promise<string | null> {
  const [row] = await session.read(
    `SELECT job FROM ${session.table('syncline_job')} WHERE target_table = ?`,
    [targetTable],
  );
  return row === undefined ? null : text(row, 'job');
}

async function startRun(
  session: LedgerSession,
  request: BeginRequest,
  start: { job: HeldJob; base: Position | null; targetTable: string; trust: TargetTrust },
): Promise<BeginOutcome> {
  const { job, base } = start;
  const epoch = job.epoch + 1;
  await clearFinished(session, request.job, epoch);
  await session.write(
    `UPDATE ${session.table('syncline_job')} SET epoch = ?, task_id = ?, watermark = ?, digest = ?, target_table = ?, trust = ?
     WHERE job = ?`,
    [
      epoch,
      request.taskId,
      base,
      request.digest,
      start.targetTable,
      JSON.stringify(start.trust),
      request.job,
    ],
  );
  await session.write(
    `INSERT INTO ${session.table('syncline_run')} (job, epoch, task_id, state, base, skipped, ended)
     VALUES (?, ?, ?, 'running', ?, 0, 0)`,
    [request.job, epoch, request.taskId, base],
  );
  return { kind: 'begun', epoch, base };
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
  if (job?.taskId !== request.taskId) return { kind: 'not-holder' };
  const run = await readRunOfTask(session, request.job, request.taskId);
  if (run === null) return { kind: 'not-holder' };
  if (run.state === 'complete') return { kind: 'complete', run };
  if (run.state === 'running') {
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
  reset: { readonly watermark: Position | null; readonly isBefore: IsBefore },
): Promise<boolean> {
  const { watermark, isBefore } = reset;
  const held = await lockJob(session, job, 'exclusive');
  const trust = await readTrust(session, job);
  if (held === null || trust === null) return false;
  await putTrust(session, job, trustAtReset(trust, { from: held.watermark, to: watermark }, isBefore));
  await session.write(
    `UPDATE ${session.table('syncline_job')} SET watermark = ?, epoch = epoch + 1 WHERE job = ?`,
    [watermark, job],
  );
  return true;
}

export async function removeJob(session: LedgerSession, job: string): Promise<void> {
  await lockJob(session, job, 'exclusive');
  for (const table of ledgerTables)
    await session.write(`DELETE FROM ${session.table(table)} WHERE job = ?`, [job]);
}
