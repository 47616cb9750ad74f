// SQLite as a source: a file below the worker's folder for files.
import { pathProblem } from '../../../src/core/connector/path-guard.ts';
import type { SqlDialect } from '../../sql/source/dialect.ts';
import { resolveDatabaseFile } from '../config.ts';
import { refuseSql } from '../refused-words.ts';
import { openSqliteSession } from './session.ts';

const scheme = /^\s*jdbc:sqlite:/i;

/** `root`: the only folder whose files can be read. */
export function createSqliteDialect(root: string): SqlDialect {
  return {
    name: 'SQLite',
    reads: (url) => scheme.test(url),
    locate: ({ url }, refuse) => {
      const file = url.replace(scheme, '').trim();
      const problem = /[?:]/.test(file) ? 'it is not the name of a file' : pathProblem(root, file);
      if (problem !== null) {
        refuse('connection.url', problem);
        return null;
      }
      return {
        dialect: 'sqlite',
        address: file,
        hosts: [],
        database: null,
        namespace: 'main',
        mostSessions: 1,
        notes: [],
        zeroDates: 'dirty',
        refuseQuery: refuseSql,
        open: async (signal) => openSqliteSession(await resolveDatabaseFile(root, file), file, signal),
      };
    },
  };
}
