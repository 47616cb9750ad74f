// Removes a job with all it left behind, however much that is: in small transactions, so that no lock lasts and, on SQLite, the
// process does something else in between.
//
//   null ─beginRemoval─► asked ─remove─► decided ─► gone          asked ─keep─► null
import type { Knex } from 'knex';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SyncError } from '../../core/errors.ts';
import type { AuditEntry } from '../../core/ports/audit.ts';
import type { JobStore } from '../../core/ports/jobs.ts';
import { activeStates } from '../../core/run.ts';
import { jobCalendarTable } from '../calendars/read-calendars.ts';
import type { Database } from '../database.ts';
import { insertAudit } from './audit-trail.ts';
import {
  jobLabelTable,
  jobPlaceTable,
  jobTable,
  jobVersionTable,
  toJobHead,
  type JobRow,
} from './job-row.ts';
import { lockAnyJob } from './lock-job.ts';
import { runLogTable, runTable } from '../runs/run-row.ts';

const batchSize = 200;

export function createRemovals(
  database: Database,
): Pick<JobStore, 'beginRemoval' | 'keep' | 'remove' | 'listRemovals'> {
  return {
    beginRemoval: (job) => beginRemoval(database, job),
    keep: async (id) => {
      await database.run('keeping a job', (db) =>
        db(jobTable).where({ id, removing: 'asked' }).update({ removing: null }),
      );
    },
    remove: (id, audit) => removeJob(database, id, audit),
    listRemovals: async (before) => {
      const rows = await database.run('listing removals', (db) =>
        db<JobRow>(jobTable).whereNotNull('removing').where('updated_at', '<', before),
      );
      return rows.map((row) => ({ ...toJobHead(row), decided: row.removing === 'decided' }));
    },
  };
}

async function beginRemoval(
  database: Database,
  { id, version }: Parameters<JobStore['beginRemoval']>[0],
): Promise<void> {
  await database.transact('beginning to remove a job', async (trx) => {
    const { row, now } = await lockAnyJob(database, trx, id);
    if (row.version !== version) {
      const message = `deleting job ${row.name}: it is at version ${row.version}, version ${version} was to be deleted`;
      throw new SyncError('CONFLICT', { message, field: 'If-Match' });
    }
    await refuseActive(trx, row);
    if (row.removing === null)
      await trx(jobTable).where({ id }).update({ removing: 'asked', updated_at: now });
  });
}

async function removeJob(database: Database, id: string, audit?: () => AuditEntry): Promise<number> {
  await database.transact('removing a job', async (trx) => {
    const { row, now } = await lockAnyJob(database, trx, id);
    await refuseActive(trx, row);
    await trx(jobTable).where({ id }).update({ removing: 'decided', updated_at: now });
    await insertAudit(database, trx, audit?.());
  });
  let removed = 0;
  for (;;) {
    const count = await database.transact('removing runs of a job', (trx) => removeRuns(trx, id));
    removed += count;
    if (count < batchSize) break;
    await nextTurn();
  }
  await database.transact('removing a job', async (trx) => {
    for (const table of [jobLabelTable, jobPlaceTable, jobCalendarTable, jobVersionTable])
      await trx(table).where({ job_id: id }).delete();
    await trx(jobTable).where({ id }).delete();
  });
  return removed;
}

async function removeRuns(trx: Knex, jobId: string): Promise<number> {
  const ids = await trx(runTable)
    .where({ job_id: jobId })
    .orderBy('id')
    .limit(batchSize)
    .pluck<string[]>('id');
  if (ids.length === 0) return 0;
  await trx(runLogTable).whereIn('run_id', ids).delete();
  return trx(runTable).whereIn('id', ids).delete();
}

async function refuseActive(trx: Knex, { id, name }: JobRow): Promise<void> {
  const active = await trx(runTable)
    .where({ job_id: id })
    .whereIn('state', activeStates)
    .first<{ id: string; state: string } | undefined>('id', 'state');
  if (active === undefined) return;
  const message = `deleting job ${name}: run ${active.id} is ${active.state}; cancel it first`;
  throw new SyncError('CONFLICT', { message });
}
