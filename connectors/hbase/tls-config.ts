// Keys of a cluster whose servers speak TLS (HBase 2.6, hbase.server.netty.tls.enabled). Certificates are given as text, never as
// paths: who may write a job may not make Syncline read files.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { ConfigDef } from '../../src/core/connector/config-def.ts';
import type { Read, Report } from './cluster-config.ts';
import { optional } from './config-keys.ts';
import type { TlsOptions } from './rpc/connection.ts';

const TLS_KEY = {
  enabled: 'hbase.rpc.tls.enabled',
  ca: 'hbase.rpc.tls.ca',
  certificate: 'hbase.rpc.tls.certificate',
  key: 'hbase.rpc.tls.key',
} as const;

const security = 'HBase security';

export const tlsKeys: ConfigDef = [
  {
    ...optional(
      TLS_KEY.enabled,
      security,
      'true: masters and region servers are spoken to by TLS, plain text is never fallen back to.',
      'false',
    ),
    type: 'BOOLEAN',
  },
  {
    ...optional(
      TLS_KEY.ca,
      security,
      'Certificates of whom to trust, as PEM text; blank: those that Node trusts.',
      null,
    ),
    width: 'LONG',
  },
  {
    ...optional(
      TLS_KEY.certificate,
      security,
      'Our own certificate, as PEM text, for servers that ask for one.',
      null,
    ),
    width: 'LONG',
  },
  {
    ...optional(TLS_KEY.key, security, `The private key of ${TLS_KEY.certificate}, as PEM text.`, null),
    type: 'PASSWORD',
    width: 'LONG',
  },
];

/** undefined: plain text, or it was reported what is wrong. */
export function readTls(value: Read, report: Report): TlsOptions | undefined {
  const enabled = value(TLS_KEY.enabled);
  const [ca, cert, key] = [value(TLS_KEY.ca), value(TLS_KEY.certificate), value(TLS_KEY.key)];
  if (enabled !== 'true') {
    if (enabled !== 'false') report(TLS_KEY.enabled, 'write true or false');
    for (const [name, text] of [
      [TLS_KEY.ca, ca],
      [TLS_KEY.certificate, cert],
      [TLS_KEY.key, key],
    ] as const)
      if (text !== '')
        report(name, `has no effect without ${TLS_KEY.enabled}=true; set that, or leave this blank`);
    return undefined;
  }
  if (ca !== '') check(TLS_KEY.ca, report, () => new X509Certificate(ca));
  if (cert !== '') check(TLS_KEY.certificate, report, () => new X509Certificate(cert));
  if (key !== '') check(TLS_KEY.key, report, () => createPrivateKey(key));
  if ((cert === '') !== (key === ''))
    report(
      cert === '' ? TLS_KEY.certificate : TLS_KEY.key,
      `missing; ${TLS_KEY.certificate} and ${TLS_KEY.key} go together`,
    );
  return { ...(ca !== '' && { ca }), ...(cert !== '' && { cert }), ...(key !== '' && { key }) };
}

/** The cause is not shown: it may quote the key. */
function check(name: string, report: Report, read: () => unknown): void {
  try {
    read();
  } catch {
    report(name, 'is no PEM text; write it with its BEGIN and END lines');
  }
}
