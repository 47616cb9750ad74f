// ExecutorStore over knex.
import type { ExecutorStore } from '../core/ports/executors.ts';
import { goneAfterMs } from '../core/ports/executors.ts';
import type { Database } from './database.ts';

const table = 'control_executor';
const forgottenAfterMs = 7 * 86_400_000;

interface ExecutorRow {
  readonly name: string;
  readonly seen_at: number | string;
}

export function createExecutorStore(database: Database): ExecutorStore {
  return {
    sayHere: (name) =>
      database.run('saying that this executor is here', async (db) => {
        const now = await database.readNow(db);
        await db(table).insert({ name, seen_at: now }).onConflict('name').merge(['seen_at']);
        await db(table)
          .where('seen_at', '<', now - forgottenAfterMs)
          .delete();
      }),
    list: () =>
      database.run('listing executors', async (db) => {
        const now = await database.readNow(db);
        const rows = await db<ExecutorRow>(table).orderBy('name').limit(1_000);
        return rows.map(({ name, seen_at }) => {
          const seenAt = Number(seen_at);
          return { name, seenAt, here: now - seenAt < goneAfterMs };
        });
      }),
  };
}
