// How many rows a comparison of keys may remove: a source that was emptied by mistake, or is another table, must not empty the target.
//   up to 50 rows always, but never all · beyond that, a percentage of the target's rows · 100 %: no limit
import { KEY } from '../../core/connector/keys.ts';
import { SyncError } from '../../core/errors.ts';
import type { SinkTransaction } from '../../core/connector/sink-store.ts';

const alwaysRemovable = 50;
/** From so many on a run does not wait for its end, so that not all keys of the target are put aside for nothing. */
export const firstLookAt = 10_000;

/** Rows the target must have for so many of them to go. */
function rowsNeeded(removals: number, percent: number): number {
  if (removals === 0 || percent >= 100) return 0;
  return removals <= alwaysRemovable ? removals + 1 : Math.ceil((removals * 100) / percent);
}

/** Throws REMOVAL_LIMIT. */
export async function requireRemovable(
  tx: Pick<SinkTransaction, 'countRows'>,
  removals: number,
  percent: number,
): Promise<void> {
  const needed = rowsNeeded(removals, percent);
  if (needed === 0) return;
  const rows = await tx.countRows(needed);
  if (rows >= needed) return;
  throw new SyncError('REMOVAL_LIMIT', {
    message: `comparing keys: at least ${removals} of the target's ${rows} rows are not in the source; ${KEY.removalLimit} lets a run remove ${percent} % (always ${alwaysRemovable} rows, never all). None was removed`,
    field: KEY.removalLimit,
  });
}
