// What a session gives to those who ask the server about itself: its clock, its tables, its transactions.
import type { FieldDef } from 'pg';
import type { postgresWords } from './words.ts';

export type TextRow = readonly (string | null)[];

export interface PostgresQueries {
  readonly words: typeof postgresWords;
  read(sql: string): Promise<readonly TextRow[]>;
  /** By the extended protocol: one statement, or the server refuses it. */
  queryOne(sql: string): Promise<{ readonly fields: readonly FieldDef[] }>;
}
