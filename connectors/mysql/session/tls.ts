// TLS towards the server, in the modes of Connector/J.
import type { Socket } from 'node:net';
import type { SslOptions } from 'mysql2';
import { verifies, type TlsTarget } from '../../sql/connection/tls.ts';
import { awaitTlsOffer } from './server-greeting.ts';

/** Never plain where the server offers TLS and the mode allows it: a handshake that fails is not tried again without. */
export async function tlsOptions(
  { host, tls, ca }: TlsTarget,
  socket: Socket,
  limitMs: number,
): Promise<{ ssl?: SslOptions }> {
  if (tls === 'disabled') return {};
  if (tls === 'preferred' && !(await awaitTlsOffer(socket, limitMs))) return {};
  // An address is no server name in TLS: mysql2 leaves it out, and Node compares the certificate to `_host`, without it to localhost.
  if (tls === 'verify_identity') Object.assign(socket, { _host: host });
  return {
    ssl: {
      rejectUnauthorized: verifies(tls),
      verifyIdentity: tls === 'verify_identity',
      ...(ca === null ? {} : { ca }),
    },
  };
}
