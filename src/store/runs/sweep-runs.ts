// Retention: ended runs and their log lines go in small batches, so that no lock lasts.
import type { Database } from '../database.ts';
import { runLogTable, runTable } from './run-row.ts';

export async function sweepRuns(database: Database, before: number, limit: number): Promise<number> {
  return database.transact('removing old runs', async (trx) => {
    // Only ended runs have ended_at.
    const ids = await trx(runTable)
      .where('ended_at', '<', before)
      .orderBy('ended_at')
      .limit(limit)
      .pluck<string[]>('id');
    if (ids.length === 0) return 0;
    await trx(runLogTable).whereIn('run_id', ids).delete();
    return trx(runTable).whereIn('id', ids).delete();
  });
}
