// JobStore over knex: jobs, their frozen versions, the audit trail and settings.
import type { Knex } from 'knex';
import type { Job, JobFilter, JobHead, JobSpec } from '../../core/job.ts';
import type { AuditEntry } from '../../core/ports/audit.ts';
import type { JobStore } from '../../core/ports/jobs.ts';
import type { Page } from '../../core/ports/page.ts';
import { createAuditTrail } from './audit-trail.ts';
import { createJob, setPaused, updateJob } from './change-job.ts';
import { claimDue, openAll } from './claim-due.ts';
import {
  jobLabelTable,
  jobTable,
  jobVersionTable,
  openSpec,
  toJob,
  toJobHead,
  toNumber,
  type JobRow,
} from './job-row.ts';
import { createRemovals } from './remove-job.ts';
import { readSetting, settleSetting, writeSetting } from '../settings.ts';
import type { StoreParts } from '../store-parts.ts';

export function createJobStore(parts: StoreParts): JobStore {
  const { database } = parts;
  const audit = createAuditTrail(database);
  return {
    create: (spec, firstFire, auditOf) => createJob(parts, spec, firstFire, auditOf),
    read: (id) => readJob(parts, { id }),
    readHead: (id) => readHead(parts, id),
    readByName: (name) => readJob(parts, { name }),
    readVersion: (id, version) => readVersion(parts, id, version),
    list: (page) => listJobs(parts, page),
    listHeads: (filter) => listHeads(parts, filter),
    listUnreadable: () => listUnreadable(parts),
    update: (change, auditOf) => updateJob(parts, change, auditOf),
    setPaused: (change, auditOf) => setPaused(parts, change, auditOf),
    ...createRemovals(database),
    claimDue: (now, limit, decide) => claimDue(parts, { now, limit, decide }),
    nextFireAt: () => readNextFire(parts),
    addAudit: (entry: AuditEntry) => audit.add(entry),
    listAudit: (page) => audit.list(page),
    readSetting: (key) => readSetting(database, key),
    settleSetting: (key, value) => settleSetting(database, key, value),
    databaseNow: () => database.run("reading the database's time", (db) => database.readNow(db)),
    ping: async () => {
      const now = await database.run("reading the database's time", (db) => database.readNow(db));
      await writeSetting(database, 'asked-for-life', String(now));
    },
  };
}

async function readJob({ database, sealer }: StoreParts, where: Partial<JobRow>): Promise<Job | null> {
  const row = await database.run('reading a job', (db) => db<JobRow>(jobTable).where(where).first());
  return row === undefined ? null : toJob(row, sealer);
}

async function readVersion(
  { database, sealer }: StoreParts,
  id: string,
  version: number,
): Promise<JobSpec | null> {
  const row = await database.run('reading a job version', (db) =>
    db(jobVersionTable).where({ job_id: id, version }).first<{ spec: string } | undefined>('spec'),
  );
  return row === undefined ? null : openSpec({ id, spec: row.spec }, sealer);
}

async function listJobs(
  { database, sealer }: StoreParts,
  { limit, before, ...filter }: Page & JobFilter,
): ReturnType<JobStore['list']> {
  const rows = await database.run('listing jobs', (db) => {
    const query = db<JobRow>(jobTable).orderBy('id', 'desc').limit(limit);
    if (before !== null) void query.where('id', '<', before);
    return whereChosen(db, query, filter);
  });
  return openAll(rows, (row) => toJob(row, sealer));
}

async function listHeads(
  { database }: StoreParts,
  { ids, limit, ...filter }: Parameters<JobStore['listHeads']>[0],
): Promise<readonly JobHead[]> {
  const rows = await database.run('listing jobs', (db) => {
    const query = db<JobRow>(jobTable).orderBy('name').limit(limit);
    if (ids !== undefined) void query.whereIn('id', ids);
    return whereChosen(db, query, filter);
  });
  return rows.map(toJobHead);
}

function whereChosen(
  db: Knex,
  query: Knex.QueryBuilder<JobRow, JobRow[]>,
  { group, label }: JobFilter,
): Knex.QueryBuilder<JobRow, JobRow[]> {
  if (group !== undefined) void query.where('group_name', group);
  if (label !== undefined) void query.whereIn('id', db(jobLabelTable).where({ label }).select('job_id'));
  return query;
}

async function readHead({ database }: StoreParts, id: string): Promise<JobHead | null> {
  const row = await database.run('reading a job', (db) => db<JobRow>(jobTable).where({ id }).first());
  return row === undefined ? null : toJobHead(row);
}

async function listUnreadable({ database }: StoreParts): Promise<readonly JobHead[]> {
  const rows = await database.run('listing jobs that can not be opened', (db) =>
    db<JobRow>(jobTable).whereNotNull('unreadable').orderBy('id').limit(100),
  );
  return rows.map(toJobHead);
}

async function readNextFire({ database }: StoreParts): Promise<number | null> {
  const row = await database.run('reading the next fire', (db) =>
    db(jobTable)
      .where('paused', 0)
      .whereNull('unreadable')
      .whereNull('removing')
      .min({ at: 'next_fire_at' })
      .first<{ at: number | string | null }>(),
  );
  return toNumber(row.at);
}
