// Keys of a cluster whose servers speak TLS (HBase 2.6, hbase.server.netty.tls.enabled). Certificates are given as text, never as
// paths: who may write a job may not make Syncline read files.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Refuse, ValuesOf } from '../../../src/core/connector/config.ts';
import { flag, secret, text } from '../../../src/core/connector/config.ts';
import type { TlsOptions } from '../client/wire/connection.ts';

const group = 'HBase security';
const ENABLED = 'hbase.rpc.tls.enabled';

export const tlsKeys = {
  tlsEnabled: flag(ENABLED, {
    default: 'false',
    doc: {
      en: 'true: masters and region servers are spoken to by TLS only, never in plain text.',
      zh: 'true：与 Master 和 RegionServer 只以 TLS 通信，绝不使用明文。',
    },
    group,
  }),
  tlsCa: text('hbase.rpc.tls.ca', {
    default: '',
    doc: {
      en: 'Certificates of whom to trust, as PEM text; blank: those that Node trusts.',
      zh: '受信任的证书，PEM 文本；留空：Node 信任的证书。',
    },
    group,
    width: 'LONG',
  }),
  tlsCertificate: text('hbase.rpc.tls.certificate', {
    default: '',
    doc: {
      en: 'Our own certificate, as PEM text, for servers that ask for one.',
      zh: '自身的证书，PEM 文本，用于要求客户端证书的服务器。',
    },
    group,
    width: 'LONG',
  }),
  tlsKey: secret('hbase.rpc.tls.key', {
    default: '',
    doc: {
      en: 'The private key of hbase.rpc.tls.certificate, as PEM text.',
      zh: 'hbase.rpc.tls.certificate 的私钥，PEM 文本。',
    },
    group,
    width: 'LONG',
  }),
};

/** undefined: plain text, or it was named what is wrong. */
export function readTls(values: ValuesOf<typeof tlsKeys>, refuse: Refuse): TlsOptions | undefined {
  const [ca, cert, key] = [values.tlsCa, values.tlsCertificate, values.tlsKey.trim()];
  const [caName, certName, keyName] = [
    tlsKeys.tlsCa.def.name,
    tlsKeys.tlsCertificate.def.name,
    tlsKeys.tlsKey.def.name,
  ];
  if (!values.tlsEnabled) {
    for (const [name, text] of [
      [caName, ca],
      [certName, cert],
      [keyName, key],
    ] as const)
      if (text !== '') refuse(name, `has no effect without ${ENABLED}=true; set that, or leave this blank`);
    return undefined;
  }
  if (ca !== '') check(caName, refuse, () => new X509Certificate(ca));
  if (cert !== '') check(certName, refuse, () => new X509Certificate(cert));
  if (key !== '') check(keyName, refuse, () => createPrivateKey(key));
  if ((cert === '') !== (key === ''))
    refuse(cert === '' ? certName : keyName, `missing; ${certName} and ${keyName} go together`);
  return { ...(ca !== '' && { ca }), ...(cert !== '' && { cert }), ...(key !== '' && { key }) };
}

/** The cause is not shown: it may quote the key. */
function check(name: string, refuse: Refuse, read: () => unknown): void {
  try {
    read();
  } catch {
    refuse(name, 'is no PEM text; write it with its BEGIN and END lines');
  }
}
