// Whom to trust when a server shows its certificate: given as text, never as a path, since who may write a job may not make Syncline
// read files.
import { X509Certificate } from 'node:crypto';
import type { Key, Refuse } from '../../../src/core/connector/config.ts';
import { text } from '../../../src/core/connector/config.ts';

/** `modes`: what connection.url says when certificates are looked at, as `sslMode=VERIFY_CA or VERIFY_IDENTITY`. */
export function tlsCaKey(modes: { readonly en: string; readonly zh: string }): Key<string | null> {
  return text('connection.tls.ca', {
    default: null,
    doc: {
      en: `Certificates of whom to trust with ${modes.en} in connection.url, as PEM text; blank: those that Node trusts.`,
      zh: `connection.url 中 ${modes.zh} 时受信任的证书，PEM 文本；留空：Node 信任的证书。`,
    },
    group: 'Connection',
    displayName: 'CA certificates',
    width: 'LONG',
  });
}

/** `unread`: the mode looks at no certificate; then in English what connection.url must say for that, else null. */
export function checkCa(ca: string | null, unread: string | null, refuse: Refuse): void {
  const name = 'connection.tls.ca';
  if (ca === null) return;
  if (unread !== null)
    refuse(
      name,
      `has no effect unless connection.url says ${unread}; write one of them there, or leave this blank`,
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
