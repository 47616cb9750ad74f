// Is a suspect column mistyped, or only sparse? The whole table is asked for one cell of it, for a few seconds at most: no cell
// and a name that is almost another column's is a typing error; a cell, or no answer in time, lets the run go on.
import type { Clock } from '../../../src/core/clock.ts';
import { SyncError } from '../../../src/core/errors.ts';
import type { RangeScanner } from '../source/full-read.ts';
import { bytesOfName } from '../mapping/column-name.ts';
import { inTime } from './in-time.ts';
import { wholeTable } from '../client/key-range.ts';
import type { Suspect } from './unseen-columns.ts';

export interface TypoCheck {
  readonly client: RangeScanner;
  readonly table: string;
  readonly retryBudgetMs: number;
  readonly clock: Clock;
  /** A scan for a column that is in no row reads the table on its servers: a small one to the end, a large one not. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/** @throws SyncError MAPPING_INVALID naming each mistyped column and the one that may have been meant */
export async function refuseTypos(check: TypoCheck, suspects: readonly Suspect[]): Promise<void> {
  const absent: Suspect[] = [];
  await inTime(check, async (signal) => {
    for (const suspect of suspects) if (await isAbsent({ ...check, signal }, suspect)) absent.push(suspect);
  });
  if (absent.length === 0) return;
  const problems = absent.map(
    ({ entry, source, near }) =>
      `entry ${entry + 1}, sourceFiled '${source}': no row of the table has this column; did you mean ${near}?`,
  );
  throw new SyncError('MAPPING_INVALID', {
    message: `resolving the columns of ${check.table}: ${problems.join('; ')}`,
    field: 'pkuse.hbase.filed.mapping',
  });
}

async function isAbsent(
  { client, table, retryBudgetMs, signal }: TypoCheck,
  { column }: Suspect,
): Promise<boolean> {
  const qualifiers = [bytesOfName(column.qualifier)];
  const cells = client.scan({
    table,
    range: wholeTable,
    families: [{ family: bytesOfName(column.family), qualifiers }],
    filter: { kind: 'key-only' },
    limitRows: 1,
    retryBudgetMs,
    signal,
  });
  for await (const { rowCount } of cells) if (rowCount > 0) return false;
  return true;
}
