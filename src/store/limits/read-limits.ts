// The limits with what takes them up. A run counts from its claim to its end, by the version that it runs: nothing is given back, so
// nothing is lost with a process that dies.
import type { Knex } from 'knex';
import { samePlace, type Limit, type LimitInUse, type Place } from '../../core/planning/limit.ts';
import type { Run } from '../../core/run.ts';
import { jobPlaceTable } from '../jobs/job-row.ts';
import { runTable, type RunRow } from '../runs/run-row.ts';

export const limitTable = 'control_limit';
const idsPerStatement = 500;

/** A version of a job. */
export type Version = Pick<Run, 'jobId' | 'jobVersion'>;

/** By kind and name. */
export async function readLimits(db: Knex): Promise<readonly LimitInUse[]> {
  return countGoing(db, await db<Limit>(limitTable).orderBy(['kind', 'name']).select('kind', 'name', 'max'));
}

/** Those that the runs of a version come under, held until the transaction ends; always in one order. */
export async function lockLimitsOf(trx: Knex, version: Version): Promise<readonly LimitInUse[]> {
  const places = await placesOfVersion(trx, version);
  const limits: Limit[] = [];
  for (const { kind, name } of places) {
    const row = await trx<Limit>(limitTable).where({ kind, name }).forUpdate().first('kind', 'name', 'max');
    if (row !== undefined) limits.push(row);
  }
  return countGoing(trx, limits);
}

/** Whether the rows of the run table that `query` asks for come under a limit. */
export function isLimited(db: Knex): Knex.QueryBuilder {
  return limitedPlaces(db)
    .whereRaw(`place.job_id = ${runTable}.job_id`)
    .whereRaw(`place.version = ${runTable}.job_version`)
    .select(db.raw('1'));
}

/** What of each version comes under a limit. */
export async function readLimitedPlaces(
  db: Knex,
  versions: readonly Version[],
): Promise<(version: Version) => readonly Place[]> {
  const jobIds = [...new Set(versions.map(({ jobId }) => jobId))];
  const rows: (Place & { readonly jobId: string; readonly version: number })[] = [];
  for (let at = 0; at < jobIds.length; at += idsPerStatement)
    rows.push(
      ...(await limitedPlaces(db)
        .whereIn('place.job_id', jobIds.slice(at, at + idsPerStatement))
        .select<typeof rows>({
          jobId: 'place.job_id',
          version: 'place.version',
          kind: 'place.kind',
          name: 'place.name',
        })),
    );
  const found = new Map<string, Place[]>();
  for (const { jobId, version, kind, name } of rows) {
    const key = `${jobId}/${version}`;
    found.set(key, [...(found.get(key) ?? []), { kind, name }]);
  }
  return ({ jobId, jobVersion }) => found.get(`${jobId}/${jobVersion}`) ?? [];
}

function limitedPlaces(db: Knex): Knex.QueryBuilder {
  return db(`${jobPlaceTable} as place`).join(`${limitTable} as bound`, (on) =>
    on.on('bound.kind', 'place.kind').andOn('bound.name', 'place.name'),
  );
}

async function placesOfVersion(db: Knex, { jobId, jobVersion }: Version): Promise<readonly Place[]> {
  return limitedPlaces(db)
    .where({ 'place.job_id': jobId, 'place.version': jobVersion })
    .orderBy(['place.kind', 'place.name'])
    .select<Place[]>({ kind: 'place.kind', name: 'place.name' });
}

/** From the runs that go, which are few, to their places: a database that joins them goes from the places of all jobs to their runs. */
async function countGoing(db: Knex, limits: readonly Limit[]): Promise<readonly LimitInUse[]> {
  if (limits.length === 0) return [];
  const going = await db<RunRow>(runTable).whereNotNull('busy_job_id').select('job_id', 'job_version');
  const versions = going.map(({ job_id, job_version }) => ({ jobId: job_id, jobVersion: job_version }));
  const placesOf = await readLimitedPlaces(db, versions);
  const taken = versions.flatMap(placesOf);
  return limits.map((limit) => ({
    ...limit,
    going: taken.filter((place) => samePlace(place, limit)).length,
  }));
}
