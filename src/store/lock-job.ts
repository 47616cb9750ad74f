// A job's row, held until the transaction ends: what is decided from it stays true.
import type { Knex } from 'knex';
import { SyncError } from '../core/errors.ts';
import type { Database } from './database.ts';
import { jobTable, type JobRow } from './job-row.ts';

export interface LockedJob {
  readonly row: JobRow;
  /** The database's time once the row is held. */
  readonly now: number;
}

/** Throws NOT_FOUND. */
export async function lockJob(database: Database, trx: Knex, id: string): Promise<LockedJob> {
  const row = await trx<JobRow>(jobTable).where({ id }).forUpdate().first();
  if (row === undefined) throw new SyncError('NOT_FOUND', { message: `no job ${id}` });
  return { row, now: await database.readNow(trx) };
}
