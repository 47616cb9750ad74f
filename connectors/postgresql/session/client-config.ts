// What the driver is told of a connection: nothing is left to the environment or to files of the user that Syncline runs as.
import { checkServerIdentity } from 'node:tls';
import type { ClientConfig } from 'pg';
import { verifies } from '../../sql/connection/tls.ts';
import type { PostgresTarget } from '../config.ts';

/** Of sessions that only read, in the server's list of sessions. */
export const readerName = 'syncline reader';

/** `name`: of the session. */
export function clientConfig(
  target: PostgresTarget,
  { overTls, name }: { readonly overTls: boolean; readonly name: string },
): ClientConfig {
  const { host, port, user, password, database, tls, ca } = target;
  return {
    host,
    port,
    user,
    // As a function: where there is none, the driver would look for one in the user's files.
    password: () => password,
    database,
    client_encoding: 'UTF8',
    application_name: name,
    sslnegotiation: 'postgres',
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: { getTypeParser: (type: number) => (type === bytea ? readBytes : asText) },
    ssl: overTls && {
      rejectUnauthorized: verifies(tls),
      checkServerIdentity: (_, certificate) =>
        tls === 'verify_identity' ? checkServerIdentity(host, certificate) : undefined,
      ...(ca === null ? {} : { ca }),
    },
  };
}

/** Its number among the types. */
const bytea = 17;

function readBytes(value: string): Buffer {
  return Buffer.from(value.slice('\\x'.length), 'hex');
}

function asText(value: string): string {
  return value;
}
