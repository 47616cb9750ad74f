// TLS towards the server, in the modes of Connector/J, and the certificates of whom to trust: given as text, never as a path, since
// who may write a job may not make Syncline read files.
import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import type { SslOptions } from 'mysql2';
import type { Refuse } from '../../src/core/connector/config.ts';
import { text } from '../../src/core/connector/config.ts';
import type { TlsMode } from './jdbc-url.ts';
import { awaitTlsOffer } from './server-greeting.ts';

export interface TlsTarget {
  readonly host: string;
  readonly tls: TlsMode;
  /** PEM; null: those that Node trusts. */
  readonly ca: string | null;
}

export const tlsCa = text('connection.tls.ca', {
  default: null,
  doc: {
    en: 'Certificates of whom to trust with sslMode=VERIFY_CA or VERIFY_IDENTITY in connection.url, as PEM text; blank: those that Node trusts.',
    zh: 'connection.url 中 sslMode=VERIFY_CA 或 VERIFY_IDENTITY 时受信任的证书，PEM 文本；留空：Node 信任的证书。',
  },
  group: 'Connection',
  displayName: 'CA certificates',
  width: 'LONG',
});

const { name } = tlsCa.def;

export function checkCa(ca: string | null, mode: TlsMode, refuse: Refuse): void {
  if (ca === null) return;
  if (!verifies(mode))
    refuse(
      name,
      'has no effect unless connection.url says sslMode=VERIFY_CA or VERIFY_IDENTITY; write one of them there, or leave this blank',
    );
  if (!isPem(ca)) refuse(name, 'is no PEM text; write each certificate with its BEGIN and END lines');
}

/** Node passes over what it can't read, and would then trust nobody, or fewer than were named. */
function isPem(ca: string): boolean {
  const parts = ca.split(/(?=-----BEGIN )/);
  try {
    for (const part of parts) new X509Certificate(part);
    return true;
  } catch {
    return false;
  }
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
