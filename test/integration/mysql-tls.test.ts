// The MySQL sink and TLS: a private server that offers it, and the stack's, which has none.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { CheckStep } from '../../src/core/connector/contract.ts';
import { startStack, stopStack } from '../../src/stack/stack.ts';
import type { MariadbEndpoint } from '../../src/stack/stack-endpoints.ts';
import { findStackPlace } from '../../src/stack/stack-place.ts';
import { mysqlSink } from '../../connectors/mysql/sink-connector.ts';
import { batchOf, newTableName, noSignal, pairs } from '../conformance/sink-bed.ts';
import { makeCertificate, type CertificateFiles } from '../support/openssl-certificate.ts';
import { openMysqlBed } from '../support/mysql-bed.ts';

const shared = inject('stack');
const { cacheDir, stacksDir } = findStackPlace(process.env);

describe.skipIf(shared === null)('the MySQL sink and TLS', () => {
  let dir: string;
  let keys: string;
  let server: MariadbEndpoint;
  let files: CertificateFiles;
  let otherCa: string;

  beforeAll(async () => {
    mkdirSync(stacksDir, { recursive: true });
    dir = mkdtempSync(join(stacksDir, 'mysql-tls-'));
    keys = mkdtempSync(join(stacksDir, 'mysql-keys-'));
    otherCa = (await makeCertificate(keys, 'DNS:localhost')).certificate;
    files = await makeCertificate(keys, 'DNS:localhost');
    const mariadbOptions = [`--ssl-cert=${files.certificateFile}`, `--ssl-key=${files.keyFile}`];
    const settings = { mariadbBufferPoolMb: 64, mariadbOptions };
    server = (await startStack({ services: ['mariadb'], dir, cacheDir, settings })).endpoints.mariadb;
  });
  afterAll(async () => {
    await stopStack(dir);
    for (const folder of [dir, keys]) rmSync(folder, { recursive: true, force: true });
  });

  const configOf = (options: string, { host = 'localhost', ca = '' } = {}): Record<string, string> => ({
    'connection.url': `jdbc:mysql://${host}:${server.port}/${server.database}?${options}`,
    'connection.user': server.user,
    'connection.password': server.password,
    'connection.tls.ca': ca,
    'table.name.format': newTableName(),
    'auto.create': 'true',
  });
  const logIn = async (config: Record<string, string>): Promise<CheckStep | undefined> => {
    expect(mysqlSink.validate({ topics: 't', ...config })).toEqual([]);
    const steps = await mysqlSink.testConnection(config, noSignal);
    return steps.find(({ name }) => name === 'connect and log in');
  };
  const overTls = { ok: true, detail: expect.stringMatching(/over TLSv1\.[23]$/) as string };
  const refused = (words: RegExp): object => ({
    ok: false,
    detail: expect.stringMatching(words) as string,
  });

  it.each(['', 'useSSL=true', 'sslMode=PREFERRED', 'sslMode=REQUIRED'])(
    'with "%s" uses what the server offers, whoever signed it',
    async (options) => {
      expect(await logIn(configOf(options))).toMatchObject(overTls);
    },
  );

  it.each(['useSSL=false', 'sslMode=DISABLED'])('with %s speaks plain text', async (options) => {
    expect(await logIn(configOf(options))).toMatchObject({
      ok: true,
      detail: expect.stringContaining('plain') as string,
    });
  });

  it('writes over TLS', async () => {
    const config = configOf('sslMode=VERIFY_IDENTITY', { ca: files.certificate });
    const store = await mysqlSink.openStore(
      { topics: 't', 'pk.mode': 'record_value', 'pk.fields': 'id', 'insert.mode': 'upsert', ...config },
      noSignal,
    );
    await store.prepareTable(pairs);
    const rows = Array.from({ length: 3000 }, (_, n) => [`k${n}`, 'x'] as [string, string]);
    expect(await store.transaction((tx) => tx.writeRows(batchOf(rows)))).toEqual([]);
    await store.close();
  });

  it.each(['VERIFY_CA', 'VERIFY_IDENTITY'])('with %s trusts whom the CA names, nobody else', async (mode) => {
    const url = `sslMode=${mode}`;
    expect(await logIn(configOf(url, { ca: files.certificate }))).toMatchObject(overTls);
    expect(await logIn(configOf(url, { ca: `${otherCa}\n${files.certificate}` }))).toMatchObject(overTls);
    expect(await logIn(configOf(url))).toMatchObject(refused(/self-signed certificate.*connection\.tls\.ca/));
    expect(await logIn(configOf(url, { ca: otherCa }))).toMatchObject(refused(/TLS could not be agreed on/));
  });

  it('with VERIFY_IDENTITY compares the address too, with VERIFY_CA does not', async () => {
    const here = { host: '127.0.0.1', ca: files.certificate };
    expect(await logIn(configOf('sslMode=VERIFY_CA', here))).toMatchObject(overTls);
    const byAddress = await logIn(configOf('sslMode=VERIFY_IDENTITY', here));
    expect(byAddress).toMatchObject(refused(/127\.0\.0\.1.*sslMode=VERIFY_CA/));

    files = await makeCertificate(keys, 'IP:127.0.0.1');
    const root = await createConnection({
      host: server.host,
      port: server.port,
      user: server.rootUser,
      password: server.rootPassword,
    });
    await root.query('FLUSH SSL');
    await root.end();
    const now = { host: '127.0.0.1', ca: files.certificate };
    expect(await logIn(configOf('sslMode=VERIFY_IDENTITY', now))).toMatchObject(overTls);
    expect(await logIn(configOf('sslMode=VERIFY_IDENTITY', { ca: files.certificate }))).toMatchObject(
      refused(/localhost/),
    );
  });

  it('connects in plain text to a server that has none, unless TLS is demanded', async () => {
    const bed = await openMysqlBed((shared as NonNullable<typeof shared>).mariadb);
    const plain = bed.configOf(newTableName());
    const to = (mode: string): Record<string, string> => ({
      ...plain,
      'connection.url': `${plain['connection.url'] ?? ''}?sslMode=${mode}`,
    });
    for (const config of [plain, to('PREFERRED')])
      expect((await mysqlSink.testConnection(config, noSignal)).at(2)).toMatchObject({
        ok: true,
        detail: expect.stringContaining('plain') as string,
      });
    for (const mode of ['REQUIRED', 'VERIFY_CA'])
      expect((await mysqlSink.testConnection(to(mode), noSignal)).at(2)).toMatchObject(
        refused(/does not speak TLS/),
      );
    await bed.close();
  });
});
