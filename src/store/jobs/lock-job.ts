// A job's row, held until the transaction ends: what is decided from it stays true.
import type { Knex } from 'knex';
import { SyncError } from '../../core/errors.ts';
import type { Database } from '../database.ts';
import { jobTable, type JobRow } from './job-row.ts';

export interface LockedJob {
  readonly row: JobRow;
  /** The database's time once the row is held. */
  readonly now: number;
}

/** For a change. Throws NOT_FOUND, CONFLICT while the job is being removed. */
export async function lockJob(database: Database, trx: Knex, id: string): Promise<LockedJob> {
  const locked = await lockAnyJob(database, trx, id);
  if (locked.row.removing === null) return locked;
  throw new SyncError('CONFLICT', { message: `job ${locked.row.name} is being deleted` });
}

/** Throws NOT_FOUND. */
export async function lockAnyJob(database: Database, trx: Knex, id: string): Promise<LockedJob> {
  const row = await trx<JobRow>(jobTable).where({ id }).forUpdate().first();
  if (row === undefined) throw new SyncError('NOT_FOUND', { message: `no job ${id}` });
  return { row, now: await database.readNow(trx) };
}
