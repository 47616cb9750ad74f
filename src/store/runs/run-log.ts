// The log lines of runs, in the order they were added.
import { SyncError } from '../../core/errors.ts';
import type { LogLine, RunStore } from '../../core/ports/runs.ts';
import type { Database } from '../database.ts';
import { runLogTable } from './run-row.ts';

interface LogRow extends Omit<LogLine, 'at'> {
  readonly seq: number | string;
  readonly at: number | string;
}

/** Throw NOT_FOUND when the run is gone. */
export function createRunLog(database: Database): Pick<RunStore, 'addLog' | 'readLog'> {
  return {
    addLog: async (id, lines) => {
      if (lines.length === 0) return;
      const rows = lines.map(({ at, level, message }) => ({ run_id: id, at, level, message }));
      await database.transact(`writing the log of run ${id}`, (trx) =>
        trx.batchInsert(runLogTable, rows, 200).catch((cause: unknown) => {
          if (!database.isMissingParent(cause)) throw cause;
          throw new SyncError('NOT_FOUND', { message: `no run ${id}`, cause });
        }),
      );
    },
    readLog: async (id, after, limit) => {
      const rows = await database.run(`reading the log of run ${id}`, (db) =>
        db(runLogTable)
          .where('run_id', id)
          .where('seq', '>', after)
          .orderBy('seq')
          .limit(limit)
          .select<LogRow[]>('seq', 'at', 'level', 'message'),
      );
      return rows.map((row) => ({ ...row, seq: Number(row.seq), at: Number(row.at) }));
    },
  };
}
