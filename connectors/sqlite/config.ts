// Configuration of the SQLite sink.
import type { Config } from '../../src/core/connector/config.ts';
import { complain, config, parsed } from '../../src/core/connector/config.ts';
import type { EverySink } from '../../src/core/connector/every-sink.ts';
import { pathProblem, resolveBelow } from '../../src/core/connector/path-guard.ts';
import { dialectKey } from '../sql/connection/keys.ts';
import {
  readTableSink,
  tableSinkKeys,
  type TableSinkConfig,
} from '../../src/core/connector/table-sink-config.ts';

interface OwnConfig extends Omit<TableSinkConfig, 'database'> {
  /** As configured, below the folder for files; for messages. */
  readonly file: string;
  /** The file's tables have no schema. */
  readonly schema: null;
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
        zh: 'jdbc:sqlite:<文件>，或仅写文件名；位于工作节点的文件目录之下。',
      },
      group: 'Connection',
      displayName: 'SQLite file',
      width: 'LONG',
    },
    (url) => {
      const path = url.replace(/^jdbc:sqlite:/i, '');
      const complaint = fileProblem(root, path);
      return complaint === null ? path : complain(complaint);
    },
  );
  return config(
    { file, dialect: dialectKey('SqliteDatabaseDialect'), ...tableSinkKeys },
    ({ file, ...values }, refuse) => {
      const { database, ...table } = readTableSink(values, refuse);
      const format = tableSinkKeys.tableFormat.def.name;
      if (database !== null && database !== 'main')
        refuse(format, `an SQLite file has no databases: name the table without '${database}.'`);
      if (/^sqlite_/i.test(table.table)) refuse(format, `${table.table} belongs to SQLite itself`);
      return { ...table, file, schema: null };
    },
  );
}

/** The real path of the file, which need not be there. Throws BAD_INPUT. */
export async function resolveDatabaseFile(root: string, file: string): Promise<string> {
  return resolveBelow(root, file, { field: key, opening: 'opening the SQLite file' });
}

function fileProblem(root: string, file: string): string | null {
  // A colon would be a scheme or :memory:, a question mark begins options: a file is meant, and only that.
  return /[?:]/.test(file) ? 'it is not the name of a file' : pathProblem(root, file);
}
