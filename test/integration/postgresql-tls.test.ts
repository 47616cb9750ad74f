// PostgreSQL over TLS, as a target and as a source: a private server that offers it, and the stack's, which has none.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { postgresSink } from '../../connectors/postgresql/sink-connector.ts';
import { postgresDialect } from '../../connectors/postgresql/source/server.ts';
import { createSqlSource } from '../../connectors/sql/source/source-connector.ts';
import type { CheckStep } from '../../src/core/connector/contract.ts';
import { findStackPlace } from '../../src/stack/stack-place.ts';
import { startStack, stopStack } from '../../src/stack/stack.ts';
import { batchOf, newTableName, noSignal, pairs } from '../conformance/sink-bed.ts';
import { makeCertificate } from '../support/openssl-certificate.ts';
import { openPostgresBed } from '../support/postgresql-bed.ts';
import { waitUntil } from '../support/wait-until.ts';

const shared = inject('stack');
const { cacheDir, stacksDir } = findStackPlace(process.env);
const source = createSqlSource([postgresDialect]);

describe.skipIf(shared === null)('PostgreSQL and TLS', () => {
  let dir: string;
  let keys: string;
  let server: URL;
  let owner: Client;
  let own: string;
  let other: string;

  beforeAll(async () => {
    mkdirSync(stacksDir, { recursive: true });
    dir = mkdtempSync(join(stacksDir, 'postgresql-tls-'));
    keys = mkdtempSync(join(stacksDir, 'postgresql-keys-'));
    server = new URL(
      (await startStack({ services: ['postgresql'], dir, cacheDir })).endpoints.postgresql.url,
    );
    owner = new Client({ connectionString: server.href });
    await owner.connect();
    other = (await makeCertificate(keys, 'DNS:localhost')).certificate;
    own = await offerTls('DNS:localhost');
    await owner.query('CREATE TABLE seen (id INT PRIMARY KEY)');
  });
  afterAll(async () => {
    await owner.end();
    await stopStack(dir);
    for (const folder of [dir, keys]) rmSync(folder, { recursive: true, force: true });
  });

  /** With a new certificate for those names, which is returned. The server itself writes its files, so that they are its own. */
  async function offerTls(names: string): Promise<string> {
    const { certificate, keyFile } = await makeCertificate(keys, names);
    const { rows } = await owner.query<{ data_directory: string }>('SHOW data_directory');
    const data = rows[0]?.data_directory ?? '';
    for (const [name, text] of Object.entries({ crt: certificate, key: readFileSync(keyFile, 'utf8') }))
      await owner.query(
        `COPY (SELECT unnest(string_to_array('${text.trimEnd()}', E'\\n'))) TO PROGRAM 'umask 077 && cat > ${data}/server.${name}'`,
      );
    await owner.query('ALTER SYSTEM SET ssl = on');
    await owner.query('SELECT pg_reload_conf()');
    await waitUntil(
      'the server has the new certificate',
      async () => {
        const client = new Client({
          connectionString: server.href,
          ssl: { ca: certificate, checkServerIdentity: () => undefined },
        });
        try {
          await client.connect();
          return true;
        } catch {
          return false;
        } finally {
          await client.end().catch(() => undefined);
        }
      },
      60_000,
    );
    return certificate;
  }

  interface Asked {
    readonly host?: string;
    readonly ca?: string;
  }

  const place = (options: string, { host = 'localhost', ca = '' }: Asked): Record<string, string> => ({
    'connection.url': `jdbc:postgresql://${host}:${server.port}${server.pathname}?${options}`,
    'connection.user': server.username,
    'connection.password': server.password,
    ...(ca === '' ? {} : { 'connection.tls.ca': ca }),
  });

  /** What both ends say of the log-in: they must agree. */
  async function logIn(options: string, asked: Asked = {}): Promise<CheckStep | undefined> {
    const at = place(options, asked);
    const sink = { topics: 't', 'table.name.format': newTableName(), 'auto.create': 'true', ...at };
    expect(postgresSink.validate(sink)).toEqual([]);
    const ofSink = (await postgresSink.testConnection(sink, noSignal)).find(
      ({ name }) => name === 'connect and log in',
    );
    const reader = { ...at, 'table.whitelist': 'seen', 'topic.prefix': 't' };
    const ofSource = await source.testConnection(reader, noSignal);
    expect([options, asked.host, ofSource.every(({ ok }) => ok)]).toEqual([options, asked.host, ofSink?.ok]);
    return ofSink;
  }

  const overTls = { ok: true, detail: expect.stringMatching(/over TLSv1\.[23]$/) as string };
  const inPlainText = { ok: true, detail: expect.stringContaining('in plain text') as string };
  const refused = (words: RegExp): object => ({ ok: false, detail: expect.stringMatching(words) as string });

  it.each(['', 'sslmode=allow', 'sslmode=prefer', 'sslmode=require'])(
    'with "%s" uses what the server offers, whoever signed it',
    async (options) => {
      expect(await logIn(options)).toMatchObject(overTls);
    },
  );

  it.each(['ssl=false', 'sslmode=disable'])('with %s speaks plain text', async (options) => {
    expect(await logIn(options)).toMatchObject(inPlainText);
  });

  it.each(['sslmode=verify-ca', 'sslmode=verify-full', 'ssl=true'])(
    'with %s trusts whom the CA names, nobody else',
    async (options) => {
      expect(await logIn(options, { ca: own })).toMatchObject(overTls);
      expect(await logIn(options, { ca: `${other}\n${own}` })).toMatchObject(overTls);
      expect(await logIn(options)).toMatchObject(refused(/self-signed certificate.*connection\.tls\.ca/));
      expect(await logIn(options, { ca: other })).toMatchObject(refused(/TLS could not be agreed on/));
    },
  );

  it('writes and reads over TLS', async () => {
    const at = place('sslmode=verify-full', { ca: own });
    const table = newTableName();
    const store = await postgresSink.openStore(
      { topics: 't', 'pk.fields': 'id', 'table.name.format': table, 'auto.create': 'true', ...at },
      noSignal,
    );
    await store.prepareTable(pairs);
    const rows = Array.from({ length: 3000 }, (_row, n) => [`k${n}`, 'x'] as [string, string]);
    expect(await store.transaction((tx) => tx.writeRows(batchOf(rows)))).toEqual([]);
    await store.close();
    expect((await owner.query(`SELECT count(*) FROM "${table}"`)).rows).toEqual([{ count: '3000' }]);
  });

  it('with verify-full compares the address too, with verify-ca does not', async () => {
    const here = { host: '127.0.0.1', ca: own };
    expect(await logIn('sslmode=verify-ca', here)).toMatchObject(overTls);
    expect(await logIn('sslmode=verify-full', here)).toMatchObject(
      refused(/127\.0\.0\.1.*sslmode=verify-ca/),
    );
    own = await offerTls('IP:127.0.0.1');
    expect(await logIn('sslmode=verify-full', { ...here, ca: own })).toMatchObject(overTls);
    expect(await logIn('sslmode=verify-full', { ca: own })).toMatchObject(refused(/localhost/));
  });

  it('connects in plain text to a server that has none, unless TLS is demanded', async () => {
    if (shared === null) return;
    const bed = await openPostgresBed(shared.postgresql);
    const to = async (options: string): Promise<CheckStep | undefined> => {
      const plain = bed.configOf(newTableName());
      const url = `${plain['connection.url'] ?? ''}?${options}`;
      return (
        await postgresSink.testConnection({ topics: 't', ...plain, 'connection.url': url }, noSignal)
      ).at(2);
    };
    for (const options of ['', 'sslmode=prefer']) expect(await to(options)).toMatchObject(inPlainText);
    for (const options of ['sslmode=require', 'sslmode=verify-ca', 'ssl=true'])
      expect(await to(options)).toMatchObject(refused(/does not speak TLS/));
    await bed.close();
  });
});
