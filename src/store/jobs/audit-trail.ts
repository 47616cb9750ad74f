// Who did what to which object; rows are only ever added.
import type { AuditEntry } from '../../core/ports/audit.ts';
import type { JobStore } from '../../core/ports/jobs.ts';
import type { Page } from '../../core/ports/page.ts';
import type { Knex } from 'knex';
import type { Database } from '../database.ts';

export const auditTable = 'control_audit';

interface AuditRow extends AuditEntry {
  readonly id: number | string;
  readonly at: number | string;
}

export function createAuditTrail(database: Database): {
  add: JobStore['addAudit'];
  list: JobStore['listAudit'];
} {
  return {
    add: (entry) => database.run('writing the audit trail', (db) => insertAudit(database, db, entry)),
    list: async ({ limit, before }: Page) => {
      const rows = await database.run('reading the audit trail', (db) => {
        const query = db<AuditRow>(auditTable).orderBy('id', 'desc').limit(limit);
        return before === null ? query : query.where('id', '<', before);
      });
      return rows.map((row) => ({ ...row, id: String(row.id), at: Number(row.at) }));
    },
  };
}

/** `db`: the act's own transaction, so that neither is without the other. */
export async function insertAudit(
  database: Database,
  db: Knex,
  entry: AuditEntry | undefined,
): Promise<void> {
  if (entry === undefined) return;
  const { actor, action, object, detail } = entry;
  await db(auditTable).insert({ at: database.now(db), actor, action, object, detail });
}
