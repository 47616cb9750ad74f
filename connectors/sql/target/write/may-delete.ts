// delete.enabled=false: rows stay, and a source that tells of rows that are gone is refused.
import type { TableSinkConfig } from '../../../../src/core/connector/table-sink-config.ts';
import { sayWay, type DeleteRefusal, type DeleteWay } from '../../../../src/core/deletes.ts';
import { SyncError } from '../../../../src/core/errors.ts';

const key = 'delete.enabled';

export function refuseKept(
  { mayDelete }: Pick<TableSinkConfig, 'mayDelete'>,
  way: DeleteWay,
): DeleteRefusal | null {
  if (mayDelete) return null;
  const message = `the source follows deletes (${sayWay(way)}), and ${key}=false keeps every row: set it to true, or write ${way.setting}=ignore`;
  return { key, message };
}

/** For a source that does not say beforehand how it tells of them. Throws TARGET_SCHEMA. */
export function requireMayDelete({ mayDelete, table }: Pick<TableSinkConfig, 'mayDelete' | 'table'>): void {
  if (mayDelete) return;
  throw new SyncError('TARGET_SCHEMA', {
    message: `${table}: the source follows deletes, and ${key}=false keeps every row; set it to true, or let the source ignore deletes`,
    field: key,
  });
}
