// Who did what to which object; rows are only ever added.
import type { AuditEntry, JobStore, Page } from '../../core/ports.ts';
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
    add: async ({ actor, action, object, detail }) => {
      await database.run('writing the audit trail', (db) =>
        db(auditTable).insert({ at: database.now(db), actor, action, object, detail }),
      );
    },
    list: async ({ limit, before }: Page) => {
      const rows = await database.run('reading the audit trail', (db) => {
        const query = db<AuditRow>(auditTable).orderBy('id', 'desc').limit(limit);
        return before === null ? query : query.where('id', '<', before);
      });
      return rows.map((row) => ({ ...row, id: String(row.id), at: Number(row.at) }));
    },
  };
}
