// Queued runs: which could start now, and what the others wait for.
import type { Knex } from 'knex';
import { fullLimit, startable, type LimitInUse } from '../../core/planning/limit.ts';
import type { RunStore } from '../../core/ports/runs.ts';
import type { Run } from '../../core/run.ts';
import type { WaitsFor } from '../../core/planning/waits-for.ts';
import type { Database } from '../database.ts';
import { jobPlaceTable } from '../jobs/job-row.ts';
import { readLimitedPlaces, readLimits } from '../limits/read-limits.ts';
import { forExecutor } from './run-leases.ts';
import { runTable, toRun, type RunRow } from './run-row.ts';

/** Places that one end frees are few. */
const maxFreed = 100;

export function createWaitingRuns(
  database: Database,
): Pick<RunStore, 'listQueued' | 'listFreed' | 'readWaiting'> {
  return {
    listQueued: (now, limit, executor) =>
      database.run('listing queued runs', async (db) =>
        listStartable(db, {
          now,
          limit,
          limits: await readLimits(db),
          narrow: (query) => (executor === undefined ? query : forExecutor(query, executor)),
        }),
      ),
    listFreed: ({ jobId, jobVersion }, now) =>
      database.run('listing the runs that may start next', async (db) => {
        const limits = await readLimits(db);
        const places =
          limits.length === 0
            ? []
            : (await readLimitedPlaces(db, [{ jobId, jobVersion }]))({ jobId, jobVersion });
        const shares = (query: Knex.QueryBuilder): Knex.QueryBuilder =>
          query.where((either) => {
            void either.where('queued.job_id', jobId);
            if (places.length > 0) void either.orWhereExists(taking(db, places));
          });
        const runs = await listStartable(db, { now, limit: maxFreed, limits, narrow: shares });
        return runs.filter((run, at) => runs.findIndex((first) => first.jobId === run.jobId) === at);
      }),
    readWaiting: (runs) =>
      database.run('reading what runs wait for', async (db) =>
        readWaiting(
          db,
          runs.filter(({ state }) => state === 'queued'),
          await database.readNow(db),
        ),
      ),
  };
}

interface Asked {
  readonly now: number;
  readonly limit: number;
  readonly limits: readonly LimitInUse[];
  readonly narrow: (query: Knex.QueryBuilder) => Knex.QueryBuilder;
}

/** What waits for a full limit is left out in the query, or it would hide what could start behind it. */
async function listStartable(db: Knex, { now, limit, limits, narrow }: Asked): Promise<readonly Run[]> {
  const busy = db(`${runTable} as other`).whereRaw('other.busy_job_id = queued.job_id').select(db.raw('1'));
  const query = db(`${runTable} as queued`)
    .where('queued.state', 'queued')
    .where('queued.not_before', '<=', now)
    .whereNotExists(busy)
    .orderBy([{ column: 'queued.queue_rank' }, { column: 'queued.not_before' }, { column: 'queued.id' }])
    .limit(limit);
  const full = limits.filter(({ going, max }) => going >= max);
  if (full.length > 0) void query.whereNotExists(taking(db, full));
  const rows = await narrow(query).select<RunRow[]>('queued.*');
  const runs = rows.map(toRun);
  if (limits.length === full.length) return runs;
  return startable(runs, await readLimitedPlaces(db, runs), limits);
}

/** Does a row of `queued` take up one of the places? */
function taking(
  db: Knex,
  places: readonly { readonly kind: string; readonly name: string }[],
): Knex.QueryBuilder {
  return db(`${jobPlaceTable} as taken`)
    .whereRaw('taken.job_id = queued.job_id')
    .whereRaw('taken.version = queued.job_version')
    .where((any) => {
      for (const { kind, name } of places) void any.orWhere({ 'taken.kind': kind, 'taken.name': name });
    })
    .select(db.raw('1'));
}

async function readWaiting(
  db: Knex,
  runs: readonly Run[],
  now: number,
): Promise<ReadonlyMap<string, WaitsFor>> {
  if (runs.length === 0) return new Map();
  const jobIds = [...new Set(runs.map(({ jobId }) => jobId))];
  const busy = await db<RunRow>(runTable).whereIn('busy_job_id', jobIds).select('id', 'job_id');
  const limits = await readLimits(db);
  const placesOf = limits.length === 0 ? (): readonly [] => [] : await readLimitedPlaces(db, runs);
  const waitsFor = (run: Run): WaitsFor => {
    if (run.notBefore > now) return { kind: 'time', until: run.notBefore };
    const other = busy.find(({ job_id }) => job_id === run.jobId);
    if (other !== undefined) return { kind: 'turn', runId: other.id };
    const limit = fullLimit(placesOf(run), limits);
    return limit === null ? { kind: 'executor', name: run.executor } : { kind: 'limit', limit };
  };
  return new Map(runs.map((run) => [run.id, waitsFor(run)]));
}
