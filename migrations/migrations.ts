// Every migration, oldest first. A list, not a directory scan: the same under tsx and compiled.
import type { Knex } from 'knex';
import { up as createControlTables } from './202511250100_create_control_tables.ts';

export interface Migration {
  /** The file's name without its ending. */
  readonly name: string;
  up(trx: Knex.Transaction): Promise<void>;
}

export const migrations: readonly Migration[] = [
  { name: '202511250100_create_control_tables', up: createControlTables },
];
