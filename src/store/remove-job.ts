// Removes a job with all it left behind.
import { SyncError } from '../core/errors.ts';
import { activeStates } from '../core/run.ts';
import type { Database } from './database.ts';
import { jobTable, jobVersionTable } from './job-row.ts';
import { runLogTable, runTable } from './run-row.ts';

export async function removeJob(database: Database, id: string): Promise<void> {
  await database.transact('removing a job', async (trx) => {
    // Changes nothing: it locks the row, so that no fire and no new run comes between.
    const found = await trx(jobTable).where({ id }).update({ id });
    if (found === 0) throw new SyncError('NOT_FOUND', { message: `no job ${id}` });
    const active = await trx(runTable)
      .where({ job_id: id })
      .whereIn('state', activeStates)
      .first<{ id: string; state: string } | undefined>('id', 'state');
    if (active !== undefined)
      throw new SyncError('CONFLICT', { message: `run ${active.id} of job ${id} is ${active.state}` });
    await trx(runLogTable)
      .whereIn('run_id', trx(runTable).where({ job_id: id }).select('id'))
      .delete();
    await trx(runTable).where({ job_id: id }).delete();
    await trx(jobVersionTable).where({ job_id: id }).delete();
    await trx(jobTable).where({ id }).delete();
  });
}
