// MySQL and MariaDB as a source: which URLs are theirs, and what of one is read.
import type { Refuse } from '../../../src/core/connector/config.ts';
import { Complaint, complain } from '../../../src/core/connector/config.ts';
import type { SqlDialect, SqlServer } from '../../sql/source/dialect.ts';
import { checkCa } from '../../sql/connection/tls.ts';
import { readJdbcUrl, tlsWords } from '../session/jdbc-url.ts';
import { openMysqlSession } from './session.ts';

export const mysqlDialect: SqlDialect = {
  name: 'MySQL or MariaDB',
  reads: (url) => /^\s*jdbc:(mysql|mariadb):/i.test(url),
  locate: ({ url, user, password, ca }, refuse) => {
    try {
      const { host, port, database, tls, notes } = readJdbcUrl(url);
      checkCa({ ca, tls }, tlsWords, refuse);
      const place = { host, port, user, password, database, tls, ca };
      return {
        dialect: 'mysql',
        address: `${host}:${port}`,
        hosts: [host],
        database,
        namespace: database,
        mostSessions: 32,
        notes: notes.filter(({ en }) => !forSinks.test(en)),
        zeroDates: readZeroDates(url),
        open: (signal) => openMysqlSession(place, signal),
      };
    } catch (error) {
      return refused(error, refuse);
    }
  },
};

/** What the URL's options mean to one who writes. */
const forSinks = /zeroDateTimeBehavior|rewriteBatchedStatements|useBulkStmts|useServerPrepStmts|prepStmt/i;

function refused(error: unknown, refuse: Refuse): null {
  if (!(error instanceof Complaint)) throw error;
  refuse('connection.url', error.message);
  return null;
}

/** Connector/J's option. */
function readZeroDates(url: string): SqlServer['zeroDates'] {
  const value =
    /[?&]zeroDateTimeBehavior=([^&\s]*)/i.exec(url)?.[1]?.toLowerCase().replaceAll('_', '') ?? 'exception';
  if (value === 'exception') return 'dirty';
  if (value === 'converttonull') return 'null';
  return complain('zeroDateTimeBehavior: write EXCEPTION (the row is dirty) or CONVERT_TO_NULL');
}
