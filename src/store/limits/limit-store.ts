// LimitStore over knex.
import type { Limit, Place } from '../../core/planning/limit.ts';
import type { LimitStore } from '../../core/ports/limits.ts';
import type { Database } from '../database.ts';
import { insertAudit } from '../jobs/audit-trail.ts';
import { jobPlaceTable, jobTable } from '../jobs/job-row.ts';
import { limitTable, readLimits } from './read-limits.ts';

export function createLimitStore(database: Database): LimitStore {
  return {
    list: () => database.run('listing limits', (db) => readLimits(db)),
    set: ({ kind, name, max }, audit) =>
      database.transact('setting a limit', async (trx) => {
        await trx<Limit>(limitTable).insert({ kind, name, max }).onConflict(['kind', 'name']).merge();
        await insertAudit(database, trx, audit);
      }),
    remove: ({ kind, name }, audit) =>
      database.transact('removing a limit', async (trx) => {
        const removed = await trx(limitTable).where({ kind, name }).delete();
        if (removed > 0) await insertAudit(database, trx, audit);
        return removed > 0;
      }),
    listPlaces: (limit) =>
      database.run('listing what jobs take up', (db) =>
        db(`${jobPlaceTable} as place`)
          .join(`${jobTable} as job`, (on) =>
            on.on('job.id', 'place.job_id').andOn('job.version', 'place.version'),
          )
          .distinct<Place[]>('place.kind', 'place.name')
          .orderBy(['place.kind', 'place.name'])
          .limit(limit),
      ),
  };
}
