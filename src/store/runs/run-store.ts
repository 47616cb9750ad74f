// RunStore over knex. Every step of a run is one conditional UPDATE: whoever's condition no longer holds changes nothing.
import type { Knex } from 'knex';
import { shapeOf } from '../../core/errors.ts';
import type { AuditOf } from '../../core/ports/audit.ts';
import type { RunStore } from '../../core/ports/runs.ts';
import { insertAudit } from '../jobs/audit-trail.ts';
import { activeStates, isTerminal, type Run } from '../../core/run.ts';
import { createRun } from './create-run.ts';
import { createRunLeases, goingStates } from './run-leases.ts';
import { retryByHand } from './retry-by-hand.ts';
import { listPlanned, listRuns } from './list-runs.ts';
import { createRunLog } from './run-log.ts';
import { createWaitingRuns } from './waiting-runs.ts';
import { reasonColumn, runTable, toRun, type RunRow } from './run-row.ts';
import type { StoreParts } from '../store-parts.ts';
import { sweepRuns } from './sweep-runs.ts';

export function createRunStore(parts: StoreParts): RunStore {
  const { database } = parts;
  return {
    create: (jobId, run, audit) => createRun(parts, jobId, run, audit),
    retry: (request, audit) => retryByHand(parts, request, audit),
    read: (id) => readRun(parts, id),
    list: (filter) => listRuns(parts, filter),
    listPlanned: (range) => listPlanned(parts, range),
    ...createWaitingRuns(database),
    advance: (step) => advance(parts, step),
    saveProgress: (id, owner, report) => saveProgress(parts, { id, owner, report: JSON.stringify(report) }),
    finish: (end) => finish(parts, end),
    requestCancel: (id, audit) => requestCancel(parts, id, audit),
    readPrevious: (jobId, before) => readPrevious(parts, jobId, before),
    sweep: (before, limit) => sweepRuns(database, before, limit),
    ...createRunLeases(database),
    ...createRunLog(database),
  };
}

async function readRun({ database }: StoreParts, id: string): Promise<Run | null> {
  const row = await database.run('reading a run', (db) => db<RunRow>(runTable).where({ id }).first());
  return row === undefined ? null : toRun(row);
}

async function advance({ database }: StoreParts, step: Parameters<RunStore['advance']>[0]): Promise<boolean> {
  const { id, owner, from, to, epoch } = step;
  const changed = await database.run(`moving run ${id} to ${to}`, (db) =>
    db<RunRow>(runTable)
      .where({ id, owner, state: from })
      .whereIn('state', goingStates)
      .update({ state: to, ...(epoch === null ? {} : { epoch }) }),
  );
  return changed === 1;
}

async function saveProgress(
  { database }: StoreParts,
  { id, owner, report }: { id: string; owner: string; report: string },
): Promise<void> {
  await database.run(`saving progress of run ${id}`, (db) =>
    db<RunRow>(runTable).where({ id, owner }).whereIn('state', goingStates).update({ report }),
  );
}

async function finish({ database }: StoreParts, end: Parameters<RunStore['finish']>[0]): Promise<boolean> {
  const { id, owner, state, reason, report } = end;
  const changed = await database.run(`ending run ${id}`, (db) => {
    const ended = {
      state,
      ended_at: database.now(db),
      lease_until: null,
      busy_job_id: null,
      ...reasonColumn(reason),
      ...(report === null ? {} : { report: JSON.stringify(report) }),
    };
    const query = db(runTable).where({ id }).whereIn('state', activeStates);
    return (owner === null ? withoutLiveLease(query, database.now(db)) : query.where({ owner })).update(
      ended,
    );
  });
  return changed === 1;
}

function withoutLiveLease(query: Knex.QueryBuilder, now: Knex.Raw<number>): Knex.QueryBuilder {
  return query.where((lease) => void lease.whereNull('lease_until').orWhere('lease_until', '<=', now));
}

async function requestCancel(
  { database }: StoreParts,
  id: string,
  audit?: AuditOf<Run>,
): Promise<Run | null> {
  const reason = reasonColumn(shapeOf('CANCELLED', 'cancelled before it began'));
  return database.transact(`cancelling run ${id}`, async (trx) => {
    const ended = await trx(runTable)
      .where({ id, state: 'queued' })
      .update({ state: 'cancelled', ended_at: database.now(trx), cancel_requested: 1, ...reason });
    const asked =
      ended > 0
        ? ended
        : await trx(runTable)
            .where({ id, cancel_requested: 0 })
            .whereIn('state', goingStates)
            .update({ cancel_requested: 1 });
    const row = await trx<RunRow>(runTable).where({ id }).first();
    if (row === undefined) return null;
    const run = toRun(row);
    if (asked > 0) await insertAudit(database, trx, audit?.(run));
    return run;
  });
}

/**
 * Page by page and filtered here: with the states in the query MariaDB walks the runs of all jobs. The answer is among the first
 * rows, unless many were skipped.
 */
async function readPrevious(parts: StoreParts, jobId: string, before: Run): Promise<Run | null> {
  const limit = 100;
  for (let cursor = before.id; ;) {
    const page = await listRuns(parts, { jobId, state: null, limit, before: cursor });
    const found = page.find(({ state }) => isTerminal(state) && state !== 'skipped');
    const last = page.at(-1);
    if (found !== undefined || last === undefined || page.length < limit) return found ?? null;
    cursor = last.id;
  }
}
