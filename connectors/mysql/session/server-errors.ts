// What goes wrong at a MySQL or MariaDB server, in Syncline's codes. Numbers: the servers' own error codes.
import { SyncError, type ErrorCode } from '../../../src/core/errors.ts';
import { quoteIdentifier } from '../../../src/core/connector/sql-identifier.ts';
import { networkReasons } from '../../sql/connection/network-reasons.ts';

/** Where a statement ran, for messages that say what to do. */
export interface ServerPlace {
  /** host:port */
  readonly address: string;
  readonly user: string;
  /** `user@host` as the server knows the session; null before log-in. */
  readonly account: string | null;
  readonly database: string;
}

/** The transaction is gone or stuck, and another try may do: deadlock, lock timeout, killed, read-only, busy. */
const retriable = new Set([
  1020, 1040, 1041, 1053, 1180, 1203, 1205, 1206, 1213, 1226, 1290, 1317, 1412, 1613, 1614, 1637, 1792, 1836,
  1969, 3024, 3101, 3572,
]);

/** Disk or table are full; other errors say so in the number of the system's own. */
const full = new Set([1021, 1114]);
const fullInWords = /no space left|quota exceeded|\b(errcode|errno|error):? (28|122)\b/i;

/** Nothing can be written there, which has several reasons. */
const readOnly = new Set([1290, 1792, 1836]);

/** The connection is gone. */
const lost = new Set([
  1077, 1078, 1079, 1080, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 2006, 2013, 3169, 4031,
]);

/** Before the session has an account: user, password, host, or a locked or expired account. */
const refusedLogIns = new Set([1044, 1045, 1130, 1131, 1698, 1862, 3118, 4151]);

const denied = new Set([
  1044, 1045, 1131, 1132, 1141, 1142, 1143, 1147, 1227, 1370, 1410, 1419, 1698, 3118, 4151,
]);

/** The table or database is not what it must be: missing, other columns, key too long, row too large, … */
const schema = new Set([
  1049, 1050, 1054, 1059, 1060, 1067, 1071, 1074, 1103, 1110, 1117, 1118, 1136, 1146, 1166, 1170, 1364, 1425,
  1426, 1439,
]);

const network: Readonly<Record<string, string>> = {
  ...networkReasons,
  PROTOCOL_CONNECTION_LOST: 'the server closed the connection',
  PROTOCOL_SEQUENCE_TIMEOUT: 'no answer in time',
};

/** The server's error number, of the error itself or of its cause; null: the server did not say one. */
export function errnoOf(error: unknown): number | null {
  const errno: unknown = error instanceof Error ? (error as { errno?: unknown }).errno : undefined;
  if (typeof errno === 'number' && errno > 0) return errno;
  return error instanceof SyncError && error.cause !== undefined ? errnoOf(error.cause) : null;
}

/** The class of the server's SQLSTATE: 22 data, 23 constraints, …; '' when the server said none. */
export function stateClassOf(error: unknown): string {
  const state: unknown = error instanceof Error ? (error as { sqlState?: unknown }).sqlState : undefined;
  if (typeof state === 'string') return state.slice(0, 2);
  return error instanceof SyncError && error.cause !== undefined ? stateClassOf(error.cause) : '';
}

/** `doing` in gerund: `writing to shop.orders`. */
export function toTargetError(error: unknown, doing: string, place: ServerPlace): SyncError {
  if (error instanceof SyncError) return error;
  const errno = errnoOf(error);
  const said = error instanceof Error ? error.message : String(error);
  const fail = (code: ErrorCode, message: string, again?: boolean): SyncError =>
    new SyncError(code, {
      message: `${doing}: ${message}`,
      cause: error,
      ...(again === undefined ? {} : { retriable: again }),
    });
  if (errno !== null) {
    if (lost.has(errno)) return fail('TARGET_UNREACHABLE', `${place.address}: ${said}`);
    if (full.has(errno) || fullInWords.test(said)) return fail('TARGET_FULL', said);
    if (retriable.has(errno)) return fail('TARGET_FAILED', said + whereToWrite(errno, said, place), true);
    if (place.account === null && refusedLogIns.has(errno))
      return fail('TARGET_LOGIN', refusedLogIn(said, place));
    if (denied.has(errno)) return fail('TARGET_DENIED', deniedMessage(errno, said, place));
    if (errno === 1049)
      return fail('TARGET_SCHEMA', `${said}; create it: CREATE DATABASE ${quoteIdentifier(place.database)};`);
    if (schema.has(errno)) return fail('TARGET_SCHEMA', said);
    return fail('TARGET_FAILED', said);
  }
  const tls = tlsMessage(error);
  if (tls !== null) return fail('TARGET_DENIED', `${place.address}: ${tls}`);
  const reason = network[codeOf(error)];
  if (reason !== undefined) return fail('TARGET_UNREACHABLE', `${place.address}: ${reason}`);
  // mysql2 marks the errors after which its connection is dead.
  if ((error as { fatal?: unknown }).fatal === true)
    return fail('TARGET_UNREACHABLE', `${place.address}: ${said}`);
  return fail('TARGET_FAILED', said);
}

function whereToWrite(errno: number, said: string, { address }: ServerPlace): string {
  if (!readOnly.has(errno) || !/read.?only/i.test(said)) return '';
  return `; ${address} takes no writes: name a server that does in connection.url, or let an administrator run there: SET GLOBAL read_only = OFF;`;
}

/** Null: the error is not of TLS, or the connection broke on the way to it. mysql2 gives all of a handshake one code. */
function tlsMessage(error: unknown): string | null {
  const code = codeOf(error);
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT')
    return 'the server does not speak TLS; switch it on there, or write sslMode=PREFERRED (plain text) in connection.url';
  if (code !== 'HANDSHAKE_SSL_ERROR' || !(error instanceof Error) || isBroken(error)) return null;
  return (
    `TLS could not be agreed on: ${error.message}. Nothing was sent in plain text. If it is about who signed the certificate: ` +
    'connection.tls.ca takes the certificates of the one to trust, as PEM text; if about its host: name that host in connection.url, ' +
    'or write sslMode=VERIFY_CA; sslMode=REQUIRED takes any certificate, sslMode=DISABLED is plain text'
  );
}

/** A system call's error, or Node's words for an end in the middle of the handshake. */
function isBroken(error: Error): boolean {
  return 'syscall' in error || error.message.includes('socket disconnected');
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : '';
}

function deniedMessage(errno: number, said: string, { account, database }: ServerPlace): string {
  const problem = `${said} (error ${errno})`;
  return account === null ? problem : `${problem}. ${sayGrant(database, account)}`;
}

function refusedLogIn(said: string, { address, user }: ServerPlace): string {
  return `${address} refused the log-in of user '${user}' (connection.user, connection.password): ${said}`;
}

/** 1045 behind the log-in, too: LOAD DATA without the right to write. */
export function sayGrant(database: string, account: string): string {
  return `Let an administrator run: ${grantStatement(database, account)}`;
}

/** `rights`: all that a sink needs, the ledger tables, the target table, and to see triggers and foreign keys on it. */
export function grantStatement(
  database: string,
  account: string,
  rights = 'SELECT, INSERT, UPDATE, DELETE, CREATE, TRIGGER',
): string {
  const at = account.lastIndexOf('@');
  const [user, host] = at < 0 ? [account, '%'] : [account.slice(0, at), account.slice(at + 1)];
  const name = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
  // In GRANT, _ and % of a database name are wildcards.
  const scope = quoteIdentifier(database).replaceAll(/[_%]/g, '\\$&');
  return `GRANT ${rights} ON ${scope}.* TO ${name(user)}@${name(host)};`;
}
