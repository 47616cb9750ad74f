// Our HBase client in a cluster with Kerberos: a KDC and an HBase of our own, the client's tickets by Java's GSSAPI; by the optional
// dependency koffi, and by the npm package kerberos where somebody has installed it (npm install --no-save kerberos@7.0.0).
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { HBaseClient } from '../../connectors/hbase/client/client.ts';
import type { HBaseClientOptions } from '../../connectors/hbase/client/client.ts';
import { protections } from '../../connectors/hbase/client/sasl/gssapi.ts';
import type { KerberosOptions } from '../../connectors/hbase/client/sasl/kerberos-options.ts';
import { systemGssapi } from '../../connectors/hbase/client/sasl/system-gssapi.ts';
import { hbaseSink } from '../../connectors/hbase/sink/sink-connector.ts';
import { hbaseSource } from '../../connectors/hbase/source/source-connector.ts';
import { findStackPlace } from '../../src/stack/stack-place.ts';
import { startStack, stopStack } from '../../src/stack/stack.ts';
import type { HbaseEndpoint } from '../../src/stack/stack-endpoints.ts';
import { hbaseJobSource, mappingOf, placeOf } from '../support/hbase-cluster.ts';
import { realm, startKerberosRealm } from '../support/kerberos-realm.ts';
import type { KerberosRealm } from '../support/kerberos-realm.ts';
import { runLocally } from '../support/local-run.ts';
import { putRows, readTable } from '../support/read-table.ts';

const serverPrincipal = `hbase/_HOST@${realm}`;
const stack = inject('stack');
const withPackages = { authentication: 'kerberos', integrity: 'koffi', privacy: 'koffi' } as const;

async function isInstalled(name: string): Promise<boolean> {
  return await import(name).then(
    () => true,
    () => false,
  );
}

const installed = {
  kerberos: await isInstalled('kerberos'),
  koffi: (await isInstalled('koffi')) && process.platform === 'linux',
};

describe.skipIf(stack === null)('the HBase client with Kerberos', () => {
  const { cacheDir, stacksDir } = findStackPlace(process.env);
  let dir = '';
  let realmDir = '';
  let kerberos: KerberosRealm;
  let hbase: HbaseEndpoint;
  let ourKeytab = '';
  const clients: HBaseClient[] = [];

  /** A client of its own kind, closed at the end. */
  function openClient(
    options: Partial<KerberosOptions> | 'simple',
    more: Partial<HBaseClientOptions> = {},
  ): HBaseClient {
    const secured = {
      regionServerPrincipal: serverPrincipal,
      masterPrincipal: serverPrincipal,
      protection: 'authentication',
      openContext: kerberos.openContext,
    } as const;
    const client = new HBaseClient({
      cluster: { zookeeper: { servers: [{ host: hbase.quorum, port: hbase.clientPort }] } },
      retryBudgetMs: 20_000,
      ...(options === 'simple' ? {} : { kerberos: { ...secured, ...options } }),
      ...more,
    });
    clients.push(client);
    return client;
  }

  beforeAll(async () => {
    mkdirSync(stacksDir, { recursive: true });
    dir = mkdtempSync(join(stacksDir, 'kerberos-'));
    realmDir = mkdtempSync(join(stacksDir, 'kerberos-realm-'));
    kerberos = await startKerberosRealm(realmDir, cacheDir);
    const keytab = await kerberos.addPrincipal('hbase/localhost');
    await kerberos.addPrincipal('other/localhost');
    ourKeytab = await kerberos.addPrincipal('reader');
    await kerberos.login('reader', ourKeytab);
    const settings = {
      hbaseSite: {
        'hbase.security.authentication': 'kerberos',
        'hbase.rpc.protection': protections.join(','),
        'hbase.master.kerberos.principal': serverPrincipal,
        'hbase.master.keytab.file': keytab,
        'hbase.regionserver.kerberos.principal': serverPrincipal,
        'hbase.regionserver.keytab.file': keytab,
      },
      hbaseCoreSite: { 'hadoop.security.authentication': 'kerberos' },
      hbaseJvm: [`-Djava.security.krb5.conf=${kerberos.config}`],
    };
    hbase = (await startStack({ services: ['hbase'], dir, cacheDir, settings })).endpoints.hbase;
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await stopStack(dir);
    await kerberos.close();
    for (const folder of [dir, realmDir]) rmSync(folder, { recursive: true });
  });

  test.each(protections)('makes a table, fills it and reads every row, with %s', async (protection) => {
    await fillAndRead(openClient({ protection }), `with_${protection}`);
  });

  async function fillAndRead(client: HBaseClient, table: string): Promise<void> {
    const splitKeys = [Buffer.from('k100'), Buffer.from('k200')];
    await client.admin.createTable({ table, families: { f: {} }, splitKeys });
    // More than the server takes in one token.
    const rows = Array.from({ length: 300 }, (_, i) => ({
      key: Buffer.from(`k${String(i).padStart(3, '0')}`),
      columns: { 'f:a': `value ${i}`, 'f:b': Buffer.alloc(5_000, i) },
    }));
    await putRows(client, table, rows);
    const read = await readTable(client, table);
    expect([read.rows, read.cells]).toEqual([300, 600]);
    const [cell] = await client.get(table, { row: Buffer.from('k123') });
    expect(cell?.value.toString()).toBe('value 123');
  }

  test.for(protections)('does the same by an npm package, with %s', async (protection, { skip }) => {
    if (!installed[withPackages[protection]]) skip();
    vi.stubEnv('KRB5_CONFIG', kerberos.config);
    vi.stubEnv('KRB5CCNAME', join(realmDir, `tickets-${protection}`));
    try {
      const nameless = openClient({ protection, openContext: undefined });
      await expect(nameless.admin.listNamespaces()).rejects.toThrow(/there is no ticket: run kinit/);
      vi.stubEnv('KRB5_CLIENT_KTNAME', ourKeytab);
      await fillAndRead(openClient({ protection, openContext: undefined }), `by_package_${protection}`);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test.for(['integrity', 'privacy'] as const)(
    'takes no token twice, with %s',
    async (protection, { skip }) => {
      if (!installed.koffi) skip();
      vi.stubEnv('KRB5_CONFIG', kerberos.config);
      vi.stubEnv('KRB5CCNAME', join(realmDir, `replayed-${protection}`));
      vi.stubEnv('KRB5_CLIENT_KTNAME', ourKeytab);
      const replays: unknown[] = [];
      try {
        const client = openClient({
          protection,
          openContext: async (server) => {
            const context = await systemGssapi(protection)(server);
            const unwrap = async (token: Uint8Array): Promise<Buffer> => {
              const bytes = await context.unwrap(token);
              replays.push(await context.unwrap(token).catch((error: unknown) => error));
              return bytes;
            };
            return {
              get established() {
                return context.established;
              },
              step: (token) => context.step(token),
              wrap: (bytes, encrypt) => context.wrap(bytes, encrypt),
              unwrap,
            };
          },
        });
        await client.admin.listNamespaces();
      } finally {
        vi.unstubAllEnvs();
      }
      expect(replays.length).toBeGreaterThan(1);
      for (const replayed of replays) expect(replayed).toBeInstanceOf(Error);
    },
  );

  test('a whole run reads one table and writes another, with privacy', async ({ skip }) => {
    if (!installed.koffi) skip();
    vi.stubEnv('KRB5_CONFIG', kerberos.config);
    vi.stubEnv('KRB5CCNAME', join(realmDir, 'tickets-of-a-run'));
    vi.stubEnv('KRB5_CLIENT_KTNAME', ourKeytab);
    const secured = {
      ...placeOf(hbase),
      'hbase.security.authentication': 'kerberos',
      'hbase.regionserver.kerberos.principal': serverPrincipal,
      'hbase.rpc.protection': 'privacy',
    };
    try {
      const reader = openClient({ protection: 'privacy' });
      await reader.admin.createTable({ table: 'run_source', families: { f: {} } });
      const keys = Array.from({ length: 500 }, (_, i) => `k${String(i).padStart(3, '0')}`);
      await putRows(
        reader,
        'run_source',
        keys.map((key) => ({ key: Buffer.from(key), columns: { 'f:a': `value of ${key}` } })),
      );
      const { counts } = await runLocally({
        source: hbaseSource,
        sourceConfig: { ...hbaseJobSource({ hbase }, 'run_source', mappingOf(['f:a'])).config, ...secured },
        sink: hbaseSink,
        sinkConfig: { ...secured, 'table.name.format': 'run_target', 'auto.create': 'true' },
        job: 'secured',
        taskId: 'task',
        mode: 'full',
        to: Date.now(),
      });
      expect(counts).toMatchObject({ read: 500, written: 500, dirty: 0 });
      const written = await readTable(reader, 'run_target');
      expect(written.keys.map(String)).toEqual(keys);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test('is who its ticket names, whatever user is set', async () => {
    const client = openClient({}, { effectiveUser: 'somebody' });
    await expect(client.admin.listNamespaces()).resolves.toContain('default');
  });

  test('finds the cluster by its servers, without ZooKeeper', async () => {
    const [region] = await openClient({}).regions('hbase:namespace');
    const { host, port } = region?.server ?? { host: '', port: 0 };
    const client = openClient({ protection: 'privacy' }, { cluster: { servers: [{ host, port }] } });
    await expect(client.admin.listNamespaces()).resolves.toContain('default');
  });

  test.each([
    ['a server that the realm does not know', 'nobody/_HOST', /Server not found in Kerberos database/],
    [
      'a server that has not the keys of whom we ask for',
      'other/_HOST',
      /the server refuses.*GSS initiate failed/,
    ],
  ])('refuses %s', async (_, name, text) => {
    const principal = `${name}@${realm}`;
    const client = openClient({ regionServerPrincipal: principal, masterPrincipal: principal });
    await expect(client.admin.listNamespaces()).rejects.toMatchObject({
      retriable: false,
      message: expect.stringMatching(text) as string,
    });
  });

  test('says at once that there is no ticket', async () => {
    await kerberos.logout();
    try {
      await expect(openClient({}).admin.listNamespaces()).rejects.toMatchObject({
        retriable: false,
        message: expect.stringMatching(/credential/i) as string,
      });
    } finally {
      await kerberos.login('reader', ourKeytab);
    }
  });

  test('says that the cluster wants to know who we are', async () => {
    await expect(openClient('simple').admin.listNamespaces()).rejects.toMatchObject({
      retriable: false,
      message: expect.stringMatching(/Authentication is required/) as string,
    });
  });

  test('does not go on without Kerberos when a server wants that', async () => {
    const { quorum, clientPort } = stack?.hbase ?? hbase;
    const simple = { zookeeper: { servers: [{ host: quorum, port: clientPort }] } };
    await expect(openClient({}, { cluster: simple }).admin.listNamespaces()).rejects.toMatchObject({
      retriable: false,
      message: expect.stringMatching(/go on without Kerberos/) as string,
    });
  });
});
