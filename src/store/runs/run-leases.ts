// Who holds a run: claim, renew, expire, take over. All by the database's time, so that clocks of executors don't matter.
import type { Knex } from 'knex';
import type { RunStore } from '../../core/ports/runs.ts';
import type { Run } from '../../core/run.ts';
import type { Database } from '../database.ts';
import { isLimited, lockLimitsOf } from '../limits/read-limits.ts';
import { readReason, runTable, toRun, type RunRow } from './run-row.ts';

/** States in which a run has an owner. */
export const goingStates = ['starting', 'running'] as const;

interface Claim {
  readonly id: string;
  readonly owner: string;
  readonly executor?: string;
  readonly leaseMs: number;
}

export function createRunLeases(
  database: Database,
): Pick<RunStore, 'claim' | 'renew' | 'listCancelRequested' | 'release' | 'listExpired' | 'takeOver'> {
  return {
    claim: (request) => claim(database, request),
    renew: (request) => renew(database, request),
    listCancelRequested: (owner) => listCancelRequested(database, owner),
    release: (request) => release(database, request),
    listExpired: (limit) => listExpired(database, limit),
    takeOver: (request) => takeOver(database, request),
  };
}

/** One statement where no limit has a say; else with the limits of the run held, so that nobody takes the last place twice. */
async function claim(database: Database, request: Claim): Promise<Run | null> {
  const { id } = request;
  const what = `claiming run ${id}`;
  const free = await database.run(what, (db) =>
    take(database, db, { ...request, where: (query) => query.whereNotExists(isLimited(db)) }),
  );
  if (free !== null) return free;
  return database.transact(what, async (trx) => {
    const run = await trx<RunRow>(runTable).where({ id, state: 'queued' }).first('job_id', 'job_version');
    if (run === undefined) return null;
    const limits = await lockLimitsOf(trx, { jobId: run.job_id, jobVersion: run.job_version });
    if (limits.length === 0 || limits.some(({ going, max }) => going >= max)) return null;
    return take(database, trx, { ...request, where: (query) => query });
  });
}

/** The unique column busy_job_id refuses the second run of a job, whoever comes second. */
async function take(
  database: Database,
  db: Knex,
  {
    id,
    owner,
    executor,
    leaseMs,
    where,
  }: Claim & { readonly where: (query: Knex.QueryBuilder) => Knex.QueryBuilder },
): Promise<Run | null> {
  const now = database.now(db);
  try {
    const due = db(runTable).where({ id, state: 'queued' }).where('not_before', '<=', now);
    const claimed = await where(forExecutor(due, executor)).update({
      state: 'starting',
      owner,
      lease_until: leaseEnd(database, db, leaseMs),
      started_at: now,
      busy_job_id: db.ref('job_id'),
    });
    return claimed === 1 ? await readOwned(db, id, owner) : null;
  } catch (error) {
    // A transaction in which this happens has changed nothing.
    if (database.isDuplicate(error)) return null;
    throw error;
  }
}

/** Runs for which no other executor was chosen. */
export function forExecutor(query: Knex.QueryBuilder, name: string | undefined): Knex.QueryBuilder {
  return query.where((chosen) => {
    void chosen.whereNull('executor');
    if (name !== undefined) void chosen.orWhere('executor', name);
  });
}

async function renew(database: Database, { id, owner, leaseMs }: Claim): ReturnType<RunStore['renew']> {
  return database.run(`renewing the lease of run ${id}`, async (db) => {
    const renewed = await db(runTable)
      .where({ id, owner })
      .whereIn('state', goingStates)
      .update({ lease_until: leaseEnd(database, db, leaseMs) });
    const run = renewed === 1 ? await readOwned(db, id, owner) : null;
    return {
      held: run !== null,
      leaseUntil: run?.leaseUntil ?? 0,
    };
  });
}

async function listCancelRequested(
  database: Database,
  owner: string,
): ReturnType<RunStore['listCancelRequested']> {
  const rows = await database.run('listing runs to cancel', (db) =>
    db<RunRow>(runTable)
      .where({ owner, cancel_requested: 1 })
      .whereIn('state', goingStates)
      .select('id', 'replaced_by'),
  );
  return rows.map(({ id, replaced_by }) => ({
    id,
    replaced: replaced_by === null ? null : readReason(replaced_by),
  }));
}

async function release(database: Database, { id, owner }: Omit<Claim, 'leaseMs'>): Promise<void> {
  await database.run(`releasing run ${id}`, (db) =>
    db(runTable)
      .where({ id, owner })
      .whereIn('state', goingStates)
      .update({ lease_until: database.now(db) }),
  );
}

async function listExpired(database: Database, limit: number): Promise<readonly Run[]> {
  const rows = await database.run('listing expired leases', (db) =>
    db(runTable)
      .where('lease_until', '<=', database.now(db))
      .whereIn('state', goingStates)
      .orderBy('lease_until')
      .limit(limit)
      .select<RunRow[]>(),
  );
  return rows.map(toRun);
}

async function takeOver(database: Database, { id, owner, leaseMs }: Claim): Promise<Run | null> {
  return database.run(`taking over run ${id}`, async (db) => {
    const taken = await db(runTable)
      .where({ id })
      .whereIn('state', goingStates)
      .where('lease_until', '<=', database.now(db))
      .update({ owner, lease_until: leaseEnd(database, db, leaseMs) });
    return taken === 1 ? await readOwned(db, id, owner) : null;
  });
}

function leaseEnd(database: Database, db: Knex, leaseMs: number): Knex.Raw<number> {
  return db.raw('? + ?', [database.now(db), leaseMs]);
}

async function readOwned(db: Knex, id: string, owner: string): Promise<Run | null> {
  const row = await db<RunRow>(runTable).where({ id, owner }).first();
  return row === undefined ? null : toRun(row);
}
