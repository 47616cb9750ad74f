// The connection test of the SQLite sink: the file, the target table, and whether it keeps the rows. The file is only read.
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import { passOver, runCheckSteps, type Finding } from '../../src/core/connector/check-steps.ts';
import type { CheckStep } from '../../src/core/connector/contract.ts';
import type { RowSchema } from '../../src/core/connector/field-type.ts';
import { SyncError } from '../../src/core/errors.ts';
import { resolveDatabaseFile, type SqliteSinkConfig } from './config.ts';
import type { SqliteDatabase } from './database.ts';
import { hasLedger } from './ledger-tables.ts';
import { foreseeTable } from './table-schema.ts';

export interface CheckedFile {
  /** The only folder in which files can be written. */
  readonly root: string;
  /** null: there is no such file. */
  readonly openToRead: () => Promise<SqliteDatabase | null>;
}

export function checkConnection(
  { root, openToRead }: CheckedFile,
  config: SqliteSinkConfig,
  rows?: RowSchema,
): Promise<readonly CheckStep[]> {
  return runCheckSteps(async (step) => {
    await step('configuration', () =>
      Promise.resolve({ detail: `table ${config.table} in ${config.file}`, value: null }),
    );
    const database = await step('open', async () => {
      const value = await openToRead();
      const detail = value === null ? `the first run will make ${config.file}` : 'the file can be opened';
      return { detail, value };
    });
    try {
      await passOver(step('rights', () => requireWritable(root, config, database)));
      await step('table', () => Promise.resolve(findTable(database, config)));
      if (rows !== undefined) await step('rows', () => Promise.resolve(foreseeRows(database, config, rows)));
    } finally {
      database?.close();
    }
  });
}

/** Of the folder, too: a log of what is written stands beside the file. */
async function requireWritable(
  root: string,
  { file }: SqliteSinkConfig,
  database: SqliteDatabase | null,
): Promise<Finding<null>> {
  const path = await resolveDatabaseFile(root, file);
  const ledger =
    database !== null && hasLedger(database)
      ? 'the ledger is in it'
      : 'the first run will make the ledger in it';
  for (const place of database === null ? [await nearestFolder(path)] : [path, dirname(path)])
    if (!(await isWritable(place)))
      throw new SyncError('TARGET_DENIED', {
        message: `${file}: ${place === path ? 'the file' : 'its folder'} may not be written by the user of this process; change its owner or mode`,
      });
  return { detail: `the file may be written; ${ledger}`, value: null };
}

/** Missing folders are made by the first run. */
async function nearestFolder(path: string): Promise<string> {
  const folder = dirname(path);
  const isThere = await access(folder).then(
    () => true,
    () => false,
  );
  return isThere || folder === path ? folder : nearestFolder(folder);
}

function isWritable(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}

function findTable(database: SqliteDatabase | null, config: SqliteSinkConfig): Finding<null> {
  const { table, autoCreate } = config;
  const columns = database === null ? 0 : countColumns(database, table);
  if (columns > 0)
    return { detail: `${table} has ${columns} ${columns === 1 ? 'column' : 'columns'}`, value: null };
  if (autoCreate) return { detail: `${table} will be created`, value: null };
  throw new SyncError('TARGET_SCHEMA', {
    message: `${table} does not exist; create it, or set auto.create=true`,
  });
}

function countColumns(database: SqliteDatabase, table: string): number {
  const sql = 'SELECT COUNT(*) AS columns FROM pragma_table_xinfo(?)';
  return Number(database.all(sql, [table])[0]?.['columns']);
}

function foreseeRows(
  database: SqliteDatabase | null,
  config: SqliteSinkConfig,
  rows: RowSchema,
): Finding<null> {
  const { notes, doubts } = foreseeTable(database, config, rows);
  const detail = [`every field has its column (${rows.fields.length})`, ...notes.map(({ en }) => en)].join(
    '; ',
  );
  return { detail, doubts, value: null };
}
