// What goes wrong at a PostgreSQL server, in Syncline's codes, told by its SQLSTATE.
import { DatabaseError } from 'pg';
import { SyncError, type ErrorCode } from '../../../src/core/errors.ts';
import { networkReasons } from '../../sql/connection/network-reasons.ts';

/** Where a statement ran, for messages that say what to do. */
export interface ServerPlace {
  /** host:port */
  readonly address: string;
  readonly user: string;
  readonly database: string;
  /** The schema of target table and ledger. */
  readonly schema: string;
}

type Kind = 'lost' | 'full' | 'passing' | 'login' | 'denied' | 'schema' | 'row';

/** By state, else by its class (the first two characters). What stands in neither is the statement's own failure. */
const kinds = new Map<string, Kind>(
  Object.entries({
    // Connection exceptions; the server shuts down, restarts or starts; the session was idle, or its transaction open, for too long.
    '08': 'lost',
    '57P01': 'lost',
    '57P02': 'lost',
    '57P03': 'lost',
    '57P05': 'lost',
    '25P03': 'lost',
    '25P04': 'lost',
    // Deadlock and the like, no lock in time, cancelled, no resources (connections, memory), read-only, I/O.
    '40': 'passing',
    '53': 'passing',
    '53100': 'full',
    '55006': 'passing',
    '55P03': 'passing',
    '57014': 'passing',
    // CREATE TABLE IF NOT EXISTS does not see what another transaction is about to make; once that is made, it finds a table or its type
    // there. Or the catalogs' unique indexes do (see kindOf).
    '42P07': 'passing',
    '42710': 'passing',
    '25006': 'passing',
    '58': 'passing',
    '28': 'login',
    '42501': 'denied',
    // Database, schema, table or column is not what it must be; what such a table does not support.
    '0A': 'schema',
    '3D': 'schema',
    '3F': 'schema',
    '42': 'schema',
    '55000': 'schema',
    // A value that is none, a constraint, a view's check, RAISE of a trigger; a row or key too large for a page.
    '22': 'row',
    '23': 'row',
    '44': 'row',
    '54000': 'row',
    P0: 'row',
  } satisfies Record<string, Kind>),
);

/** The server's own error, of the error itself or of its cause; null: the server did not say one. */
export function serverErrorOf(error: unknown): DatabaseError | null {
  if (error instanceof DatabaseError) return error;
  return error instanceof SyncError && error.cause !== undefined ? serverErrorOf(error.cause) : null;
}

/** '' when the server did not say one. */
export function stateOf(error: unknown): string {
  return serverErrorOf(error)?.code ?? '';
}

function kindOf(error: unknown): Kind | undefined {
  const said = serverErrorOf(error);
  if (said === null) return undefined;
  const { code = '', schema } = said;
  if (code === '23505' && schema === 'pg_catalog') return 'passing';
  return kinds.get(code) ?? kinds.get(code.slice(0, 2));
}

/** Does the error lie in a row that was written? */
export function isRowError(error: unknown): boolean {
  return kindOf(error) === 'row';
}

/** `doing` in gerund: `writing to shop.orders`. */
export function toTargetError(error: unknown, doing: string, place: ServerPlace): SyncError {
  if (error instanceof SyncError) return error;
  const said = error instanceof Error ? error.message : String(error);
  const fail = (code: ErrorCode, message: string, again?: boolean): SyncError =>
    new SyncError(code, {
      message: `${doing}: ${message}`,
      cause: error,
      ...(again === undefined ? {} : { retriable: again }),
    });
  const state = stateOf(error);
  switch (kindOf(error)) {
    case 'lost':
      return fail('TARGET_UNREACHABLE', `${place.address}: ${said}`);
    case 'full':
      return fail('TARGET_FULL', said);
    case 'passing':
      return fail('TARGET_FAILED', said + whatToDo(state, place), true);
    case 'login':
      return fail(
        'TARGET_LOGIN',
        `${place.address} refused the log-in of user '${place.user}' (connection.user, connection.password): ${said}`,
      );
    case 'denied':
      return fail('TARGET_DENIED', `${said}. ${sayGrants(place)}`);
    case 'schema':
      return fail('TARGET_SCHEMA', said + whatToDo(state, place));
    default:
  }
  if (state !== '') return fail('TARGET_FAILED', said);
  const tls = tlsMessage(error, said);
  if (tls !== null) return fail('TARGET_DENIED', `${place.address}: ${tls}`);
  const reason = networkReasons[codeOf(error)] ?? (isEnd(said) ? said : undefined);
  if (reason !== undefined) return fail('TARGET_UNREACHABLE', `${place.address}: ${reason}`);
  return fail('TARGET_FAILED', said);
}

/** The driver's words where the connection ended or never came about. */
function isEnd(said: string): boolean {
  return /^(Connection terminated|timeout expired|Client has encountered a connection error)/.test(said);
}

const noTls = 'The server does not support SSL connections';

/** The server answered that it has no TLS. */
export function lacksTls(error: unknown): boolean {
  return error instanceof Error && error.message === noTls;
}

/** null: the error is not of TLS. */
function tlsMessage(error: unknown, said: string): string | null {
  if (said === noTls)
    return 'the server does not speak TLS; switch it on there, or write sslmode=prefer (plain text) in connection.url';
  if (
    !/^(ERR_(TLS|SSL|OSSL)|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|EPROTO)/.test(
      codeOf(error),
    )
  )
    return null;
  return (
    `TLS could not be agreed on: ${said}. Nothing was sent in plain text. If it is about who signed the certificate: ` +
    'connection.tls.ca takes the certificates of the one to trust, as PEM text; if about its host: name that host in connection.url, ' +
    'or write sslmode=verify-ca; sslmode=require takes any certificate, sslmode=disable is plain text'
  );
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : '';
}

export function sayGrants(place: ServerPlace): string {
  return `Let an administrator run: ${grantStatements(place)}`;
}

/** All that a sink needs: the ledger tables, the target table, and a staging table of the session's own. */
function grantStatements({ database, schema, user }: ServerPlace): string {
  const [ofDatabase, ofSchema, role] = [database, schema, user].map(quoteName);
  return [
    `GRANT CONNECT, TEMPORARY ON DATABASE ${ofDatabase} TO ${role};`,
    `GRANT USAGE, CREATE ON SCHEMA ${ofSchema} TO ${role};`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${ofSchema} TO ${role};`,
  ].join(' ');
}

/** As somebody types it: quoted only where it must be. */
export function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

function whatToDo(state: string, { address, database, schema, user }: ServerPlace): string {
  if (state === '25006')
    return `; ${address} takes no writes: name a server that does in connection.url, or let an administrator run, where it is no replica: ALTER ROLE ${quoteName(user)} SET default_transaction_read_only = off;`;
  if (state === '3D000') return `; create it: CREATE DATABASE ${quoteName(database)};`;
  return state === '3F000' ? `; create it: CREATE SCHEMA ${quoteName(schema)};` : '';
}
