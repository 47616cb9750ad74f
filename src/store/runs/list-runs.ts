// Runs, newest first, by job and state, page by page.
import type { Knex } from 'knex';
import type { RunStore } from '../../core/ports/runs.ts';
import type { Run } from '../../core/run.ts';
import type { StoreParts } from '../store-parts.ts';
import { runTable, toRun, type RunRow } from './run-row.ts';

export type RunFilter = Parameters<RunStore['list']>[0];

/** First the ids, which an index alone gives, then their rows: asked for whole rows MariaDB walks the runs of all jobs. */
export async function listRuns(
  { database }: Pick<StoreParts, 'database'>,
  filter: RunFilter,
): Promise<readonly Run[]> {
  const rows = await database.run('listing runs', async (db) => {
    const ids = await pageOfRuns(db, filter).pluck<string[]>('id');
    return ids.length === 0 ? [] : db<RunRow>(runTable).whereIn('id', ids).orderBy('id', 'desc');
  });
  return rows.map(toRun);
}

/** The unique index of planned instants gives both. */
export async function listPlanned(
  { database }: Pick<StoreParts, 'database'>,
  { jobId, from, to, limit }: Parameters<RunStore['listPlanned']>[0],
): Promise<readonly Run[]> {
  const rows = await database.run('listing the runs of intervals', async (db) => {
    const owning = (): Knex.QueryBuilder<RunRow, RunRow[]> =>
      db<RunRow>(runTable).where('job_id', jobId).whereNotNull('interval_to').orderBy(newestPlanned);
    const within = await owning().whereBetween('planned_at', [from, to]).limit(limit);
    const before = await owning().where('planned_at', '<', from).limit(1);
    return [...within, ...before];
  });
  return rows.map(toRun);
}

const newestPlanned = [
  { column: 'planned_at', order: 'desc' },
  { column: 'attempt', order: 'desc' },
];

/** Their ids; each filter has its index. */
export function pageOfRuns(db: Knex, { jobId, state, limit, before }: RunFilter): Knex.QueryBuilder {
  const page = db(runTable).orderBy('id', 'desc').limit(limit);
  if (jobId !== null) void page.where('job_id', jobId);
  if (state !== null) void page.where('state', state);
  if (before !== null) void page.where('id', '<', before);
  return page.select('id');
}
