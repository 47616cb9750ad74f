// GSSAPI by the npm package `kerberos`, which is no dependency of ours: it is native code, for those who need it.
// Tickets come from the environment, as for every program of MIT Kerberos: the cache of KRB5CCNAME (kinit), or the keytab of
// KRB5_CLIENT_KTNAME, from which the library takes tickets by itself, and new ones when they have expired.
import { HBaseError } from '../exceptions.ts';
import type { GssContext, OpenGssContext } from './gssapi.ts';

const packageName = 'kerberos';
/** RFC 2743: mutual authentication, replay and order of tokens, confidentiality, integrity. */
const flags = 2 | 4 | 8 | 16 | 32;
const kerberosMechanism = 9;

/** 7.0.0 wraps a user name in place of the data; a token that is not encrypted shows it. */
const wrapsNoData =
  'this version of the npm package kerberos can authenticate, but cannot wrap data; set hbase.rpc.protection to authentication, if the cluster offers it';

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

/** `load` is for tests. */
export function kerberosPackage(load: () => Promise<unknown> = () => import(packageName)): OpenGssContext {
  return async (service, host) => {
    const kerberos = await loadPackage(load);
    const target = `${service}/${host}`;
    const client = await told(target, () =>
      kerberos.initializeClient(`${service}@${host}`, { flags, mechOID: kerberosMechanism }),
    );
    return contextOf(client, target);
  };
}

function contextOf(client: KerberosClient, target: string): GssContext {
  return {
    get established() {
      return client.contextComplete;
    },
    step: (token) => told(target, async () => bytesOf(await client.step(base64(token)))),
    unwrap: (token) => told(target, async () => bytesOf(await client.unwrap(base64(token)))),
    wrap: (bytes, protect) =>
      told(target, async () => {
        const token = bytesOf(await client.wrap(base64(bytes), { protect }));
        if (!protect && !token.includes(bufferOf(bytes))) throw new Error(wrapsNoData);
        return token;
      }),
  };
}

async function loadPackage(load: () => Promise<unknown>): Promise<KerberosPackage> {
  try {
    const loaded = (await load()) as KerberosPackage & { readonly default?: KerberosPackage };
    return loaded.default ?? loaded;
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    throw new HBaseError({
      message: isMissing
        ? 'hbase.security.authentication=kerberos needs the npm package kerberos, which is not installed: run `npm install --no-save kerberos@7.0.0` in the folder of Syncline'
        : `hbase.security.authentication=kerberos: the npm package kerberos does not load: ${textOf(cause)}`,
      recovery: 'fail',
      cause,
    });
  }
}

/** What to do, by what the library says. */
const advice: readonly (readonly [RegExp, string])[] = [
  [/expired/i, 'renew the ticket (kinit), or give a keytab by KRB5_CLIENT_KTNAME'],
  [
    /no (kerberos )?credentials|credentials cache|ccache/i,
    'there is no ticket: run kinit as the user of Syncline, or give a keytab by KRB5_CLIENT_KTNAME',
  ],
  [
    /not found in kerberos database/i,
    'the realm has no such server: look at the principals in the configuration, and at how krb5.conf resolves host names and realms',
  ],
];

async function told<T>(target: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const text = textOf(cause);
    const hint = advice.find(([pattern]) => pattern.test(text))?.[1];
    const isAway = /cannot contact any kdc/i.test(text);
    throw new HBaseError({
      message: `Kerberos towards ${target}: ${text}${hint === undefined ? '' : `; ${hint}`}`,
      recovery: isAway ? 'backoff' : 'fail',
      cause,
    });
  }
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function base64(bytes: Uint8Array): string {
  return bufferOf(bytes).toString('base64');
}

function bytesOf(text: string | null): Buffer {
  return Buffer.from(text ?? '', 'base64');
}
