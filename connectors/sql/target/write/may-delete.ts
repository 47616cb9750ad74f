// delete.enabled=false: rows stay, and a run that would have to remove some says so.
import type { TableSinkConfig } from '../../../../src/core/connector/table-sink-config.ts';
import { SyncError } from '../../../../src/core/errors.ts';

/** Throws TARGET_SCHEMA. */
export function requireMayDelete({ mayDelete, table }: Pick<TableSinkConfig, 'mayDelete' | 'table'>): void {
  if (mayDelete) return;
  throw new SyncError('TARGET_SCHEMA', {
    message: `${table}: the source says that rows are gone, and delete.enabled=false keeps them; set it to true, or let the source ignore deletes`,
    field: 'delete.enabled',
  });
}
