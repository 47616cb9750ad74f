// JobStore over knex: jobs, their frozen versions, the audit trail and settings.
import type { Knex } from 'knex';
import { SyncError } from '../core/errors.ts';
import type { Job, JobSpec } from '../core/job.ts';
import type { AuditEntry, JobStore, Page } from '../core/ports.ts';
import { createAuditTrail } from './audit-trail.ts';
import { claimDue } from './claim-due.ts';
import { jobTable, jobVersionTable, toJob, toNumber, type JobRow } from './job-row.ts';
import { removeJob } from './remove-job.ts';
import { readSetting, writeSetting } from './settings.ts';
import type { StoreParts } from './store-parts.ts';

export function createJobStore(parts: StoreParts): JobStore {
  const { database } = parts;
  const audit = createAuditTrail(database);
  return {
    create: (spec, nextFireAt) => createJob(parts, spec, nextFireAt),
    read: (id) => readJob(parts, { id }),
    readByName: (name) => readJob(parts, { name }),
    readVersion: (id, version) => readVersion(parts, id, version),
    list: (page) => listJobs(parts, page),
    update: (change) => updateJob(parts, change),
    setPaused: (id, paused, nextFireAt) => setPaused(parts, { id, paused, nextFireAt }),
    remove: (id) => removeJob(database, id),
    claimDue: (now, limit, decide) => claimDue(parts, { now, limit, decide }),
    nextFireAt: () => readNextFire(parts),
    addAudit: (entry: AuditEntry) => audit.add(entry),
    listAudit: (page) => audit.list(page),
    readSetting: (key) => readSetting(database, key),
    writeSetting: (key, value) => writeSetting(database, key, value),
    databaseNow: () => readNow(parts),
    ping: async () => {
      await database.run('asking for a sign of life', (db) => db.raw('SELECT 1'));
    },
  };
}

async function createJob(parts: StoreParts, spec: JobSpec, nextFireAt: number | null): Promise<Job> {
  const { database, sealer, newId } = parts;
  const now = database.clock.now();
  const id = newId(now);
  const row: JobRow = {
    id,
    name: spec.name,
    version: 1,
    spec: sealer.seal(id, spec),
    paused: 0,
    next_fire_at: nextFireAt,
    created_at: now,
    updated_at: now,
  };
  await database.transact(`creating job ${spec.name}`, async (trx) => {
    await refuseTakenName(parts, spec.name, () => trx(jobTable).insert(row));
    await addVersion(trx, row, now);
  });
  return { id, version: 1, spec, paused: false, nextFireAt, createdAt: now, updatedAt: now };
}

async function addVersion(trx: Knex, { id, version, spec }: JobRow, now: number): Promise<void> {
  await trx(jobVersionTable).insert({ job_id: id, version, spec, created_at: now });
}

async function refuseTakenName(
  { database }: StoreParts,
  name: string,
  write: () => PromiseLike<unknown>,
): Promise<void> {
  try {
    await write();
  } catch (cause) {
    if (!database.isDuplicate(cause)) throw cause;
    throw new SyncError('CONFLICT', { message: `a job named ${name} exists`, field: 'name', cause });
  }
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
  return row === undefined ? null : sealer.open(id, row.spec);
}

async function listJobs({ database, sealer }: StoreParts, { limit, before }: Page): Promise<readonly Job[]> {
  const rows = await database.run('listing jobs', (db) => {
    const query = db<JobRow>(jobTable).orderBy('id', 'desc').limit(limit);
    return before === null ? query : query.where('id', '<', before);
  });
  return rows.map((row) => toJob(row, sealer));
}

async function updateJob(
  parts: StoreParts,
  { id, version, spec, nextFireAt }: Parameters<JobStore['update']>[0],
): Promise<Job> {
  const { database, sealer } = parts;
  return database.transact(`changing job ${spec.name}`, async (trx) => {
    const now = database.clock.now();
    const change = {
      name: spec.name,
      version: version + 1,
      spec: sealer.seal(id, spec),
      next_fire_at: nextFireAt,
      updated_at: now,
    };
    let changed = 0;
    await refuseTakenName(parts, spec.name, async () => {
      changed = await trx<JobRow>(jobTable).where({ id, version }).update(change);
    });
    const row = await trx<JobRow>(jobTable).where({ id }).first();
    if (row === undefined) throw noJob(id);
    if (changed === 0) {
      const message = `job ${row.name} is at version ${row.version}, the change was made to version ${version}`;
      throw new SyncError('CONFLICT', { message, field: 'version' });
    }
    await addVersion(trx, row, now);
    return toJob(row, sealer);
  });
}

async function setPaused(
  { database, sealer }: StoreParts,
  { id, paused, nextFireAt }: { id: string; paused: boolean; nextFireAt: number | null },
): Promise<Job> {
  const change = { paused: paused ? 1 : 0, next_fire_at: nextFireAt, updated_at: database.clock.now() };
  return database.transact(paused ? 'pausing a job' : 'resuming a job', async (trx) => {
    await trx<JobRow>(jobTable).where({ id }).update(change);
    const row = await trx<JobRow>(jobTable).where({ id }).first();
    if (row === undefined) throw noJob(id);
    return toJob(row, sealer);
  });
}

async function readNextFire({ database }: StoreParts): Promise<number | null> {
  const row = await database.run('reading the next fire', (db) =>
    db(jobTable).where('paused', 0).min({ at: 'next_fire_at' }).first<{ at: number | string | null }>(),
  );
  return toNumber(row.at);
}

async function readNow({ database }: StoreParts): Promise<number> {
  const row = await database.run("reading the database's time", (db) =>
    db.select({ now: database.now(db) }).first<{ now: number | string }>(),
  );
  return Number(row.now);
}

function noJob(id: string): SyncError {
  return new SyncError('NOT_FOUND', { message: `no job ${id}` });
}
