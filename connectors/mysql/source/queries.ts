// What a session gives to those who ask the server about itself: its clock, its tables, its transactions.
import type { FieldPacket } from 'mysql2/promise';
import type { mysqlWords } from './words.ts';

export type TextRow = readonly (string | null)[];

export interface MysqlQueries {
  readonly words: typeof mysqlWords;
  readonly isMariadb: boolean;
  read(sql: string): Promise<readonly TextRow[]>;
  /** Text rows, and what the server says of their columns. */
  query(sql: string): Promise<{ readonly rows: readonly TextRow[]; readonly fields: readonly FieldPacket[] }>;
}
