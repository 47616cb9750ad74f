// A Kerberos realm on this machine (KerberosRealm.java): a KDC, keytabs, and Java's GSSAPI for our client, so that nothing native
// has to be built.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makePom } from '../../src/stack/maven-pom.ts';
import { fetchJars } from '../../src/stack/maven-jars.ts';
import { startHbaseAdmin } from '../../src/stack/services/hbase-admin.ts';
import type { GssContext, OpenGssContext } from '../../connectors/hbase/client/sasl/gssapi.ts';

const pom = makePom(
  ['org.apache.kerby:kerb-simplekdc:2.0.3', 'com.fasterxml.jackson.core:jackson-databind:2.19.2'],
  { transitive: true },
);
export const realm = 'SYNCLINE.TEST';

export interface KerberosRealm {
  /** krb5.conf of the realm */
  readonly config: string;
  /** Returns the keytab of `name@SYNCLINE.TEST`. */
  addPrincipal(name: string): Promise<string>;
  /** Contexts opened from now on are this principal's. */
  login(name: string, keytab: string): Promise<void>;
  logout(): Promise<void>;
  readonly openContext: OpenGssContext;
  close(): Promise<void>;
}

/** In an empty folder; the KDC and its principals are gone after `close`. */
export async function startKerberosRealm(folder: string, cacheDir: string): Promise<KerberosRealm> {
  mkdirSync(folder, { recursive: true });
  const { signal } = new AbortController();
  const jars = await fetchJars({ pom, cacheDir, signal, progress: () => undefined });
  const place = { confDir: folder, libDir: jars };
  const java = await startHbaseAdmin(place, join(import.meta.dirname, 'KerberosRealm.java'));
  const config = (await java.call('startKdc', { folder })) as string;
  const inRealm = (name: string): string => `${name}@${realm}`;
  return {
    config,
    addPrincipal: async (name) => {
      const keytab = join(folder, `${name.replace('/', '-')}.keytab`);
      await java.call('addPrincipal', { name: inRealm(name), keytab });
      return keytab;
    },
    login: async (name, keytab) => {
      await java.call('login', { name: inRealm(name), keytab });
    },
    logout: async () => {
      await java.call('logout', {});
    },
    openContext: async ({ service, host, realm: theirs = realm }) => {
      const principal = `${service}/${host}@${theirs}`;
      const context = (await java.call('open', { principal })) as number;
      return contextOf((command, args) => java.call(command, { ...args, context }));
    },
    close: () => java.close(),
  };
}

type Ask = (command: string, args: Readonly<Record<string, unknown>>) => Promise<unknown>;

function contextOf(ask: Ask): GssContext {
  let established = false;
  return {
    get established() {
      return established;
    },
    step: async (token) => {
      const answer = (await ask('step', { data: base64(token) })) as { token: string; established: boolean };
      established = answer.established;
      return Buffer.from(answer.token, 'base64');
    },
    wrap: async (bytes, encrypt) => bytesOf(await ask('wrap', { data: base64(bytes), encrypt })),
    unwrap: async (token) => bytesOf(await ask('unwrap', { data: base64(token) })),
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function bytesOf(text: unknown): Buffer {
  return Buffer.from(text as string, 'base64');
}
