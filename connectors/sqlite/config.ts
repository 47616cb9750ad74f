// Configuration of the SQLite sink, and the one rule about its file: nothing outside the worker's folder for files is reached.
import { lstat, mkdir, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Config } from '../../src/core/connector/config.ts';
import { complain, config, parsed } from '../../src/core/connector/config.ts';
import type { EverySink } from '../../src/core/connector/every-sink.ts';
import {
  readTableSink,
  tableSinkKeys,
  type TableSinkConfig,
} from '../../src/core/connector/table-sink-config.ts';
import { SyncError } from '../../src/core/errors.ts';

interface OwnConfig extends Omit<TableSinkConfig, 'database'> {
  /** As configured, below the folder for files; for messages. */
  readonly file: string;
}

export type SqliteSinkConfig = OwnConfig & EverySink;

const key = 'connection.url';

/** Without I/O; links are looked for when the file is opened. */
export function sqliteSinkConfig(root: string): Config<OwnConfig> {
  const file = parsed(
    key,
    {
      importance: 'HIGH',
      doc: {
        en: "jdbc:sqlite:<file> or just the file, below the worker's folder for files.",
        zh: 'jdbc:sqlite:<文件>,或仅写文件名;位于 worker 的文件目录之下。',
      },
      group: 'Connection',
      displayName: 'SQLite file',
      width: 'LONG',
    },
    (url) => {
      const path = url.replace(/^jdbc:sqlite:/i, '');
      const complaint = complainOf(root, path);
      return complaint === null ? path : complain(complaint);
    },
  );
  return config({ file, ...tableSinkKeys }, ({ file, ...values }, refuse) => {
    const { database, ...table } = readTableSink(values, refuse);
    const format = tableSinkKeys.tableFormat.def.name;
    if (database !== null && database !== 'main')
      refuse(format, `an SQLite file has no databases: name the table without '${database}.'`);
    if (/^sqlite_/i.test(table.table)) refuse(format, `${table.table} belongs to SQLite itself`);
    return { ...table, file };
  });
}

/** What is written and under which key. A change of it demands a full run. */
export function sqliteSinkIdentity(config: SqliteSinkConfig): string {
  const { file, table, keyMode, keyFields, insertMode } = config;
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
