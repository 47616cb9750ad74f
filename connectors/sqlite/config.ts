// Configuration of the SQLite sink, and the one rule about its file: nothing outside the worker's folder for files is reached.
import { lstat, mkdir, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { ConfigDef, ConfigProblem, ConnectorConfig } from '../../src/core/connector/config-def.ts';
import { SyncError } from '../../src/core/errors.ts';
import {
  collectProblems,
  readTableSinkConfig,
  tableSinkKeys,
  type TableSinkConfig,
} from '../../src/core/connector/table-sink-config.ts';

export interface SqliteSinkConfig extends Omit<TableSinkConfig, 'database'> {
  /** As configured, below the folder for files; for messages. */
  readonly file: string;
}

const key = 'connection.url';

export const sqliteSinkKeys: ConfigDef = [
  {
    name: key,
    type: 'STRING',
    importance: 'HIGH',
    documentation: "jdbc:sqlite:<file> or just the file, below the worker's folder for files.",
    group: 'Connection',
    displayName: 'SQLite file',
    width: 'LONG',
  },
  ...tableSinkKeys,
];

/** Without I/O; links are looked for when the file is opened. Throws BAD_INPUT or NOT_YET, naming the first wrong key. */
export function readSqliteSinkConfig(root: string, config: ConnectorConfig): SqliteSinkConfig {
  const file = (config[key] ?? '').trim().replace(/^jdbc:sqlite:/i, '');
  const complaint = complainOf(root, file);
  if (complaint !== null) throw badFile(complaint);
  const { database, ...table } = readTableSinkConfig(config);
  if (database !== null && database !== 'main')
    throw new SyncError('BAD_INPUT', {
      message: `reading table.name.format: an SQLite file has no databases: name the table without '${database}.'`,
      field: 'table.name.format',
    });
  if (/^sqlite_/i.test(table.table))
    throw new SyncError('BAD_INPUT', {
      message: `reading table.name.format: ${table.table} belongs to SQLite itself`,
      field: 'table.name.format',
    });
  return { ...table, file };
}

export function findSqliteSinkProblems(root: string, config: ConnectorConfig): readonly ConfigProblem[] {
  return collectProblems(config, [(each) => readSqliteSinkConfig(root, each)]);
}

/** What is written and under which key. A change of it demands a full run. */
export function sqliteSinkIdentity(root: string, config: ConnectorConfig): string {
  const { file, table, keyMode, keyFields, insertMode } = readSqliteSinkConfig(root, config);
  return JSON.stringify({
    kind: 'sqlite',
    file,
    table,
    key: keyMode === 'none' ? null : [...keyFields].sort(),
    insertMode,
  });
}

/** The real path of the file: below the root, no part of it a link; its folder is made. Throws BAD_INPUT. */
export async function resolveDatabaseFile(root: string, file: string): Promise<string> {
  const parts = relative(resolve(root), resolve(root, file)).split(sep);
  let path = await realRoot(root);
  for (const [index, part] of parts.entries()) {
    path = join(path, part);
    const found = await lstat(path).catch(() => null);
    if (found === null) continue;
    if (found.isSymbolicLink()) throw badFile('it leads through a symbolic link');
    const last = index === parts.length - 1;
    if (last ? !found.isFile() : !found.isDirectory())
      throw badFile(last ? 'it is not a regular file' : 'a part of its path is not a folder');
  }
  await mkdir(dirname(path), { recursive: true });
  return path;
}

async function realRoot(root: string): Promise<string> {
  try {
    return await realpath(root);
  } catch (cause) {
    throw new SyncError('BAD_INPUT', { message: 'the folder for files is not there', cause, field: key });
  }
}

function complainOf(root: string, file: string): string | null {
  if (file === '') return 'name the file';
  // A colon would be a scheme or :memory:, a question mark begins options: a file is meant, and only that.
  if (/[\0?:]/.test(file)) return 'it is not the name of a file';
  const below = relative(resolve(root), resolve(root, file));
  if (below === '' || below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below))
    return "it lies outside the worker's folder for files";
  return null;
}

function badFile(complaint: string): SyncError {
  return new SyncError('BAD_INPUT', { message: `opening the SQLite file: ${complaint}`, field: key });
}
