// `sqlite:<path>` or a bare path · mysql://user:password@host:port/database · mariadb://… · postgresql://… (postgres://…)
import { SyncError } from '../core/errors.ts';

export type DatabaseUrl =
  | { readonly kind: 'sqlite'; readonly filename: string }
  | ({ readonly kind: 'mysql' | 'postgresql' } & ServerAddress);

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** `?ssl=true`: TLS with a verified certificate. */
  readonly ssl: boolean;
}

const servers: Readonly<Record<string, { kind: 'mysql' | 'postgresql'; port: number }>> = {
  'mysql:': { kind: 'mysql', port: 3306 },
  'mariadb:': { kind: 'mysql', port: 3306 },
  'postgresql:': { kind: 'postgresql', port: 5432 },
  'postgres:': { kind: 'postgresql', port: 5432 },
};

/** Throws DATABASE_UNREACHABLE saying what is wrong; never repeats the password. */
export function parseDatabaseUrl(url: string): DatabaseUrl {
  if (!url.includes('://')) return sqliteFile(url.replace(/^sqlite:/, ''));
  const scheme = url.slice(0, url.indexOf('//'));
  if (scheme === 'sqlite:') return sqliteFile(url.slice('sqlite://'.length));
  const server = servers[scheme];
  if (server === undefined)
    throw badUrl(`unknown scheme ${scheme}//; known: sqlite:, mysql://, mariadb://, postgresql://`);
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || parsed.hostname === '') throw badUrl(`no host in the ${scheme}// URL`);
  const database = decode(parsed.pathname.slice(1));
  if (database === '') throw badUrl(`no database name after ${parsed.host}/`);
  for (const name of parsed.searchParams.keys())
    if (name !== 'ssl') throw badUrl(`unknown option ${name} for ${parsed.host}; known: ssl`);
  return {
    kind: server.kind,
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: parsed.port === '' ? server.port : Number(parsed.port),
    user: decode(parsed.username),
    password: decode(parsed.password),
    database,
    ssl: parsed.searchParams.get('ssl') === 'true',
  };
}

function sqliteFile(filename: string): DatabaseUrl {
  if (filename === '') throw badUrl('no file after sqlite:');
  return { kind: 'sqlite', filename };
}

/** A lone `%` in a password stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function badUrl(problem: string): SyncError {
  const message = `reading the database URL: ${problem}`;
  return new SyncError('DATABASE_UNREACHABLE', { message, field: 'database', retriable: false });
}
