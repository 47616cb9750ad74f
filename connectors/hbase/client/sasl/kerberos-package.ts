// GSSAPI by the npm package `kerberos`, which is no dependency of ours: it is native code, for those who need it. It authenticates;
// data it does not wrap (7.0.0 wraps a user name in their place), so integrity and privacy go by system-gssapi.ts.
import { loadOptional, withAdvice } from './gss-failure.ts';
import type { GssContext, OpenGssContext } from './gssapi.ts';

/** RFC 2743: mutual authentication, replay and order of tokens, confidentiality, integrity. */
export const contextFlags = 2 | 4 | 8 | 16 | 32;
const kerberosMechanism = 9;

/** What we use of the package; tokens are base64. */
interface KerberosClient {
  readonly contextComplete: boolean;
  step(challenge: string): Promise<string | null>;
  wrap(challenge: string, options: { readonly protect: boolean }): Promise<string>;
  unwrap(challenge: string): Promise<string>;
}

interface KerberosPackage {
  initializeClient(
    service: string,
    options: { readonly flags: number; readonly mechOID: number },
  ): Promise<KerberosClient>;
}

type Load = () => Promise<unknown>;
const loadKerberos: Load = () => loadOptional('kerberos', '7.0.0', 'hbase.security.authentication=kerberos');

/** The realm of the host is what krb5.conf says. */
export function kerberosPackage(load = loadKerberos): OpenGssContext {
  return async ({ service, host }) => {
    const loaded = (await load()) as KerberosPackage & { readonly default?: KerberosPackage };
    const kerberos = loaded.default ?? loaded;
    const target = `${service}/${host}`;
    const client = await withAdvice(target, () =>
      kerberos.initializeClient(`${service}@${host}`, { flags: contextFlags, mechOID: kerberosMechanism }),
    );
    return contextOf(client, target);
  };
}

function contextOf(client: KerberosClient, target: string): GssContext {
  return {
    get established() {
      return client.contextComplete;
    },
    step: (token) => withAdvice(target, async () => bytesOf(await client.step(base64(token)))),
    unwrap: (token) => withAdvice(target, async () => bytesOf(await client.unwrap(base64(token)))),
    wrap: (bytes, protect) =>
      withAdvice(target, async () => bytesOf(await client.wrap(base64(bytes), { protect }))),
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

function bytesOf(text: string | null): Buffer {
  return Buffer.from(text ?? '', 'base64');
}
