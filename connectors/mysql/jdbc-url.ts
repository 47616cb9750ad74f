// Reads a JDBC URL. Grammar:
//
//   url     = "jdbc:" ( "mysql" / "mariadb" ) "://" host [ ":" port ] "/" [ database ] [ "?" option *( "&" option ) ]
//   option  = name "=" value
//
// Options come from a closed list: some are read, some mean nothing here and are said so, all others are refused. Drivers
// have options that read local files or run code (allowLoadLocalInfile, autoDeserialize, socketFactory, …).
import { SyncError } from '../../src/core/errors.ts';

export interface JdbcTarget {
  readonly host: string;
  readonly port: number;
  /** null: the URL names none. */
  readonly database: string | null;
  readonly tls: TlsMode;
  /** Options that were read over, each with the reason. */
  readonly notes: readonly string[];
}

/** `verify`: the server's certificate must be valid; `identity`: and be issued for the host. */
export type TlsMode = 'off' | 'on' | 'verify' | 'identity';

const defaultPort = 3306;

/** No effect, and why that is right. Names in lower case. */
const withoutEffect = new Map(
  Object.entries({
    autoreconnect: 'a lost connection is always replaced, and its transaction repeated',
    autoreconnectforpools: 'a lost connection is always replaced, and its transaction repeated',
    failoverreadonly: 'there is one host',
    useunicode: 'text is always utf-8',
    characterencoding: 'text is always utf-8',
    characterset: 'text is always utf-8',
    connectioncollation: 'comparisons use the columns’ own collations',
    servertimezone: 'times are sent in UTC',
    connectiontimezone: 'times are sent in UTC',
    uselegacydatetimecode: 'times are sent in UTC',
    usejdbccomplianttimezoneshift: 'times are sent in UTC',
    zerodatetimebehavior: 'a zero date is refused as a dirty row',
    tinyint1isbit: 'nothing is read back as a bit',
    rewritebatchedstatements: 'batches are always written as one statement',
    usebulkstmts: 'batches are always written as one statement',
    useserverprepstmts: 'statements are always prepared by the server',
    cacheprepstmts: 'prepared statements are always kept',
    prepstmtcachesize: 'prepared statements are always kept',
    prepstmtcachesqllimit: 'prepared statements are always kept',
    usecompression: 'the connection is not compressed',
    nullcatalogmeanscurrent: 'tables are always named with their database',
    allowpublickeyretrieval: 'passwords are exchanged as the server asks for it',
    connecttimeout: 'connecting is given 10 s',
    sockettimeout: 'a statement is given 60 s',
    tcpkeepalive: 'it is always on',
    usessl: '',
    requiressl: '',
    verifyservercertificate: '',
    sslmode: '',
  }),
);

/** Throws BAD_INPUT. Blanks are dropped: the URL that article 003 prints has one, and none is ever meant. */
export function readJdbcUrl(text: string, field = 'connection.url'): JdbcTarget {
  const match = /^jdbc:(?:mysql|mariadb):\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?(.*))?$/i.exec(
    text.replaceAll(/\s/g, ''),
  );
  if (match === null)
    throw badUrl(field, 'it is not of the form jdbc:mysql://host:port/database (or jdbc:mariadb:…)');
  const options = readOptions(match[3] ?? '', field);
  const database = decode(match[2] ?? '', field);
  return {
    ...readAuthority(match[1] ?? '', field),
    database: database === '' ? null : database,
    tls: readTls(options, field),
    notes: [...options.keys()].flatMap((name) => {
      const reason = withoutEffect.get(name.toLowerCase()) ?? '';
      return reason === '' ? [] : [`connection.url: ${name} has no effect: ${reason}`];
    }),
  };
}

function readAuthority(authority: string, field: string): { host: string; port: number } {
  if (authority.includes('@'))
    throw badUrl(field, 'user and password belong to connection.user and .password');
  if (authority.includes(',')) throw badUrl(field, 'it names several hosts, one is supported');
  const match = /^(\[[0-9a-f:.%]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i.exec(authority);
  if (match === null) throw badUrl(field, `'${authority}' is not host or host:port`);
  const port = match[2] === undefined ? defaultPort : Number(match[2]);
  if (port < 1 || port > 65_535) throw badUrl(field, `port ${port} does not exist`);
  const host = (match[1] ?? '').replaceAll(/[[\]]/g, '').toLowerCase();
  return { host, port };
}

function readOptions(query: string, field: string): Map<string, string> {
  const options = new Map<string, string>();
  for (const part of query.split('&')) {
    if (part === '') continue;
    const [name = '', ...rest] = part.split('=');
    if (!withoutEffect.has(name.toLowerCase()))
      throw badUrl(field, `option ${decode(name, field)} is not supported; remove it`);
    options.set(name, decode(rest.join('='), field));
  }
  return options;
}

const tlsModes = new Map<string, TlsMode>([
  ['disabled', 'off'],
  ['disable', 'off'],
  ['preferred', 'off'],
  ['required', 'on'],
  ['trust', 'on'],
  ['verify_ca', 'verify'],
  ['verify_identity', 'identity'],
  ['verify_full', 'identity'],
]);

function readTls(options: ReadonlyMap<string, string>, field: string): TlsMode {
  const read = (wanted: string): string | undefined => {
    for (const [name, value] of options) if (name.toLowerCase() === wanted) return value.toLowerCase();
    return undefined;
  };
  const mode = read('sslmode')?.replaceAll('-', '_');
  if (mode !== undefined) {
    const tls = tlsModes.get(mode);
    if (tls === undefined) throw badUrl(field, `sslMode '${mode}' is not known`);
    return tls;
  }
  const asked = read('usessl') === 'true' || read('requiressl') === 'true';
  if (!asked) return 'off';
  return read('verifyservercertificate') === 'true' ? 'identity' : 'on';
}

function decode(text: string, field: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badUrl(field, 'it holds a broken % escape');
  }
}

/** The URL itself is not repeated: it may hold a password in the wrong place. */
function badUrl(field: string, problem: string): SyncError {
  return new SyncError('BAD_INPUT', { message: `reading ${field}: ${problem}`, field });
}
