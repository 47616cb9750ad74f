// Reads a JDBC URL of a server. Grammar:
//
//   url     = "jdbc:" scheme "://" host [ ":" port ] "/" [ database ] [ "?" option *( "&" option ) ]
//   option  = name "=" value
//
// Options come from a closed list of each kind of server: some are read, some mean nothing here and are said so, all others are
// refused. Drivers have options that read local files or run code (allowLoadLocalInfile, autoDeserialize, socketFactory, …). The
// URL itself is not repeated in what is complained of: it may hold a password in the wrong place.
import { complain } from '../../../src/core/connector/config.ts';
import type { Text } from '../../../src/core/text.ts';

export interface UrlForm {
  /** In lower case; the first one stands in messages. */
  readonly schemes: readonly [string, ...string[]];
  readonly defaultPort: number;
  /** By name in lower case: why an option has no effect, and why that is right; null: it is read. */
  readonly options: ReadonlyMap<string, Text | null>;
}

export interface JdbcPlace {
  readonly host: string;
  readonly port: number;
  /** null: the URL names none. */
  readonly database: string | null;
  /** By name in lower case, as they were written. */
  readonly options: ReadonlyMap<string, string>;
  /** Options that were read over, each with the reason. */
  readonly notes: readonly Text[];
}

/** Throws Complaint. Blanks are dropped: the URL that article 003 prints has one, and none is ever meant. */
export function readJdbcPlace(text: string, form: UrlForm): JdbcPlace {
  const match = /^jdbc:([a-z]+):\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?(.*))?$/i.exec(text.replaceAll(/\s/g, ''));
  if (match === null || !form.schemes.includes((match[1] ?? '').toLowerCase())) complain(wrongForm(form));
  const written = readOptions(match[4] ?? '', form.options);
  const database = decode(match[3] ?? '');
  return {
    ...readAuthority(match[2] ?? '', form.defaultPort),
    database: database === '' ? null : database,
    options: new Map([...written].map(([name, value]) => [name.toLowerCase(), value])),
    notes: [...written.keys()].flatMap((name) => {
      const reason = form.options.get(name.toLowerCase()) ?? null;
      return reason === null ? [] : [noEffect(name, reason)];
    }),
  };
}

function wrongForm({ schemes: [first, ...others] }: UrlForm): string {
  const also = others.map((scheme) => `jdbc:${scheme}:…`).join(', ');
  return `it is not of the form jdbc:${first}://host:port/database${also === '' ? '' : ` (or ${also})`}`;
}

function noEffect(name: string, reason: Text): Text {
  return {
    en: `connection.url: ${name} has no effect: ${reason.en}`,
    zh: `connection.url：${name} 不起作用：${reason.zh}`,
  };
}

function readAuthority(authority: string, defaultPort: number): { host: string; port: number } {
  if (authority.includes('@')) complain('user and password belong to connection.user and .password');
  if (authority.includes(',')) complain('it names several hosts, one is supported');
  const match = /^(\[[0-9a-f:.%]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i.exec(authority);
  if (match === null) complain(`'${authority}' is not host or host:port`);
  const port = match[2] === undefined ? defaultPort : Number(match[2]);
  if (port < 1 || port > 65_535) complain(`port ${port} does not exist`);
  const host = (match[1] ?? '').replaceAll(/[[\]]/g, '').toLowerCase();
  return { host, port };
}

function readOptions(query: string, known: UrlForm['options']): Map<string, string> {
  const options = new Map<string, string>();
  for (const part of query.split('&')) {
    if (part === '') continue;
    const [name = '', ...rest] = part.split('=');
    if (!known.has(name.toLowerCase())) complain(`option ${decode(name)} is not supported; remove it`);
    options.set(name, decode(rest.join('=')));
  }
  return options;
}

/** undefined: not written. Throws Complaint. */
export function readFlag(options: JdbcPlace['options'], name: string): boolean | undefined {
  const value = options.get(name.toLowerCase())?.toLowerCase();
  if (value === undefined) return undefined;
  if (value === 'true' || value === 'yes') return true;
  return value === 'false' || value === 'no' ? false : complain(`${name}: write true or false`);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return complain('it holds a broken % escape');
  }
}
