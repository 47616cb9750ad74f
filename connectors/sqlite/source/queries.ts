// What a session gives to those who ask a file about its tables.
import type { sqliteWords } from './words.ts';

export type TextRow = readonly (string | null)[];

export interface SqliteQueries {
  readonly words: typeof sqliteWords;
  read(sql: string): Promise<readonly TextRow[]>;
  columnsOf(sql: string): readonly { readonly name: string; readonly type: string | null }[];
}
