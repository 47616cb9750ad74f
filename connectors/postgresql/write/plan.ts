// How a run's rows go into a PostgreSQL table.
import type { WritePlan } from '../../sql/target/table-shape.ts';
import type { PostgresKey } from '../table/describe-table.ts';

export interface PostgresPlan extends WritePlan {
  /** No row was in the table when it was looked at, and no key was met since: rows may go straight into it. */
  readonly isFresh: { value: boolean };
  readonly uniqueKeys: readonly PostgresKey[];
}
