// PostgreSQL as a source: which URLs are its own, and what of one is read.
import { Complaint } from '../../../src/core/connector/config.ts';
import { checkCa } from '../../sql/connection/tls.ts';
import type { SqlDialect } from '../../sql/source/dialect.ts';
import { readJdbcUrl, tlsWords } from '../session/jdbc-url.ts';
import { openPostgresSession } from './session.ts';

export const postgresDialect: SqlDialect = {
  name: 'PostgreSQL',
  reads: (url) => /^\s*jdbc:postgresql:/i.test(url),
  locate: ({ url, user, password, ca }, refuse) => {
    try {
      const { database, schema: named, ...place } = readJdbcUrl(url);
      checkCa({ ca, tls: place.tls }, tlsWords, refuse);
      if (database === null)
        refuse('connection.url', 'it names no database: jdbc:postgresql://host:port/database');
      const schema = named ?? 'public';
      const target = { ...place, database: database ?? '', schema, user, password, ca };
      return {
        dialect: 'postgresql',
        address: `${place.host}:${place.port}`,
        hosts: [place.host],
        database,
        namespace: schema,
        mostSessions: 32,
        notes: place.notes,
        zeroDates: 'dirty',
        open: (signal) => openPostgresSession(target, signal),
      };
    } catch (error) {
      if (!(error instanceof Complaint)) throw error;
      refuse('connection.url', error.message);
      return null;
    }
  },
};
