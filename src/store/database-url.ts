// TLS to a server: `?ssl=true`, with `&ssl-ca=<file>` for a CA of one's own.
// `sqlite:<path>` or a bare path · mysql://user:password@host:port/database · mariadb://… · postgresql://… (postgres://…)
import { readFileSync } from 'node:fs';
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
  /** TLS with a verified certificate; null: plain text. `ca`: PEM, of whom is trusted instead of whom Node trusts. */
  readonly tls: { readonly ca: string | null } | null;
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
    if (name !== 'ssl' && name !== 'ssl-ca')
      throw badUrl(`unknown option ${name} for ${parsed.host}; known: ssl, ssl-ca`);
  return {
    kind: server.kind,
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: parsed.port === '' ? server.port : Number(parsed.port),
    user: decode(parsed.username),
    password: decode(parsed.password),
    database,
    tls: readTls(parsed),
  };
}

function readTls({ searchParams, host }: URL): ServerAddress['tls'] {
  const [ssl, file] = [searchParams.get('ssl'), searchParams.get('ssl-ca')];
  if (ssl !== null && ssl !== 'true' && ssl !== 'false')
    throw badUrl(`ssl=${ssl} for ${host} is neither true nor false`);
  if (file === null) return ssl === 'true' ? { ca: null } : null;
  if (ssl === 'false') throw badUrl(`ssl-ca for ${host} has no meaning with ssl=false`);
  return { ca: readCa(file) };
}

function readCa(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw badUrl(
      `the file of ssl-ca can't be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw badUrl(`the file of ssl-ca, ${file}, holds no certificate as PEM text`);
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
