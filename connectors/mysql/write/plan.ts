// How a run's rows go into a MySQL table.
import type { WritePlan } from '../../sql/target/table-shape.ts';

export interface MysqlPlan extends WritePlan {
  /** The character set LOAD DATA reads the rows in; null: it is not safe here. */
  readonly loadCharset: 'binary' | 'utf8mb4' | null;
  /** Another unique key may lead an upsert to another row. */
  readonly guardKey: boolean;
}
