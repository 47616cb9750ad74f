// TLS towards the server, in the modes of Connector/J.
import type { Socket } from 'node:net';
import type { SslOptions } from 'mysql2';
import type { Refuse } from '../../../src/core/connector/config.ts';
import * as trusted from '../../sql/connection/tls-ca.ts';
import type { TlsMode } from './jdbc-url.ts';
import { awaitTlsOffer } from './server-greeting.ts';

export interface TlsTarget {
  readonly host: string;
  readonly tls: TlsMode;
  /** PEM; null: those that Node trusts. */
  readonly ca: string | null;
}

const reading = 'sslMode=VERIFY_CA or VERIFY_IDENTITY';

export const tlsCa = trusted.tlsCaKey({ en: reading, zh: 'sslMode=VERIFY_CA 或 VERIFY_IDENTITY' });

export function checkCa(ca: string | null, mode: TlsMode, refuse: Refuse): void {
  trusted.checkCa(ca, verifies(mode) ? null : reading, refuse);
}

function verifies(mode: TlsMode): boolean {
  return mode === 'verify_ca' || mode === 'verify_identity';
}

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
