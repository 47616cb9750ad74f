// TLS towards a server: how much of it a URL asks for, in one scale whatever the driver calls it, and whom to trust. Certificates are given
// as text, never as a path, since who may write a job may not make Syncline read files.
import { X509Certificate } from 'node:crypto';
import type { Key, Refuse } from '../../../src/core/connector/config.ts';
import { complain, text } from '../../../src/core/connector/config.ts';
import type { JdbcPlace } from './jdbc-url.ts';

/**
 * `preferred`: TLS if the server offers it; it and `required` take any certificate. `verify_ca`: one of somebody trusted;
 * `verify_identity`: and issued for the host.
 */
export type TlsMode = 'disabled' | 'preferred' | 'required' | 'verify_ca' | 'verify_identity';

export interface TlsTarget {
  readonly host: string;
  readonly tls: TlsMode;
  /** PEM; null: those that Node trusts. */
  readonly ca: string | null;
}

/** What a driver calls the modes in its URLs. */
export interface TlsWords {
  readonly option: string;
  /** In lower case, with `_`; those that messages name come as the driver writes them. */
  readonly modes: ReadonlyMap<string, TlsMode>;
  readonly shown: readonly string[];
}

/** null: the option is not written. Throws Complaint. */
export function readTlsMode(
  options: JdbcPlace['options'],
  { option, modes, shown }: TlsWords,
): TlsMode | null {
  const written = options.get(option.toLowerCase())?.toLowerCase();
  if (written === undefined) return null;
  return (
    modes.get(written.replaceAll('-', '_')) ??
    complain(`${option} '${written}' is not known; write one of ${shown.join(', ')}`)
  );
}

/** Is a certificate looked at? */
export function verifies(mode: TlsMode): boolean {
  return mode === 'verify_ca' || mode === 'verify_identity';
}

export function tlsCaKey(words: TlsWords): Key<string | null> {
  return text('connection.tls.ca', {
    default: null,
    doc: {
      en: `Certificates of whom to trust with ${verifying(words, 'or')} in connection.url, as PEM text; blank: those that Node trusts.`,
      zh: `connection.url 中 ${verifying(words, '或')} 时受信任的证书，PEM 文本；留空：Node 信任的证书。`,
    },
    group: 'Connection',
    displayName: 'CA certificates',
    width: 'LONG',
  });
}

export function checkCa({ ca, tls }: Pick<TlsTarget, 'ca' | 'tls'>, words: TlsWords, refuse: Refuse): void {
  const name = 'connection.tls.ca';
  if (ca === null) return;
  if (!verifies(tls))
    refuse(
      name,
      `has no effect unless connection.url says ${verifying(words, 'or')}; write one of them there, or leave this blank`,
    );
  if (!isPem(ca)) refuse(name, 'is no PEM text; write each certificate with its BEGIN and END lines');
}

/** As `sslMode=VERIFY_CA or VERIFY_IDENTITY`. */
function verifying({ option, shown, modes }: TlsWords, or: string): string {
  const names = shown.filter((name) =>
    verifies(modes.get(name.toLowerCase().replaceAll('-', '_')) ?? 'disabled'),
  );
  return `${option}=${names.join(` ${or} `)}`;
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
