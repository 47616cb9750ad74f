// Connectors from npm packages: one that is packed, installed and named in the configuration does what our own do; one that is wrong in
// any way is named in words.
import { execFile } from 'node:child_process';
import { copyFile, readFile, readdir, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { buildStale } from '../../src/build-stale.js';
import { openSqlite } from '../support/open-sqlite.ts';
import { awaitEnd, createJob, runJob, triggerRun } from '../support/job-runs.ts';
import type { JobBody } from '../support/job-runs.ts';
import { startPageServer } from '../support/page-server.ts';
import type { PageServer } from '../support/page-server.ts';
import { makePluginFolder } from '../support/plugin-folder.ts';
import type { PluginFolder } from '../support/plugin-folder.ts';
import { startSyncline } from '../support/start-syncline.ts';
import type { SynclineProcess } from '../support/start-syncline.ts';
import { waitUntil } from '../support/wait-until.ts';

const stack = inject('stack');
const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
const LIMIT_MS = 120_000;
const examples = ['json-pages', 'json-folder', 'libsql-target', 'liar'];

let folder: PluginFolder;
beforeAll(async () => {
  buildStale();
  folder = await makePluginFolder();
  await folder.install(...examples.map((name) => join('test/plugins', name)));
  // What an author has beside the package: Syncline for the checks, and the driver that the package asks for.
  for (const name of ['syncline', 'libsql'])
    await symlink(
      name === 'syncline' ? root : join(root, 'node_modules', name),
      join(folder.path, 'node_modules', name),
    );
});
afterAll(() => folder.remove());

/** Starts Syncline with the packages named; what it says when it does not start. */
async function refusal(...packages: string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], SYNCLINE_PLUGINS: packages.join(','), SYNCLINE_API_PORT: '0' };
  const args = [
    join(root, 'dist/src/main.js'),
    'start',
    '--worker-port',
    '0',
    '--data-dir',
    join(folder.path, 'data'),
  ];
  const failed = await run(process.execPath, args, { cwd: folder.path, env, timeout: 50_000 }).catch(
    (error: unknown) => error as { readonly stderr: string },
  );
  return failed.stderr;
}

function manifest(name: string, more: Record<string, unknown> = { syncline: { contract: 1 } }): string {
  return JSON.stringify({ name, version: '1.0.0', type: 'module', exports: './index.js', ...more });
}

const source = (className: string, more = '') =>
  `import { config, defineSource } from 'syncline/connector';
   export default defineSource({ className: '${className}', version: '1', config: config({}), open: () => { throw new Error('no'); }, ${more} });`;

describe('a package that is named as a plug-in', { timeout: LIMIT_MS }, () => {
  it.each([
    ['no-such', null, 'BAD_INPUT: loading plugin no-such: there is no such package in node_modules of'],
    [
      'no-contract',
      ['', {}],
      'its package.json does not say which contract it keeps; this Syncline has contract 1',
    ],
    [
      'old-contract',
      ['', { syncline: { contract: 0 } }],
      'it keeps contract 0, and this Syncline has contract 1',
    ],
    [
      'no-default',
      ['export const source = 1;'],
      'it has no default export; it must be what defineSource gives',
    ],
    ['a-text', ["export default 'source';"], 'its default export is a string'],
    [
      'half',
      ["export default { className: 'x.Y', type: 'source', version: '1', aliases: [], configDef: [] };"],
      'x.Y: it has no validate, identity',
    ],
    [
      'throws',
      ["throw new Error('not today');"],
      'PLUGIN_FAULT: loading plugin throws: it could not be loaded: not today',
    ],
    ['broken', ['export default {'], 'it could not be loaded: '],
    ['needs', ["import 'not-there';"], 'it could not be loaded: Cannot find package'],
    [
      'twin',
      [source('org.apache.kafka.connect.file.FileStreamSourceConnector')],
      'has the name of one of Syncline itself',
    ],
  ] as const)('is refused in words: %s', async (name, wrong, said) => {
    if (wrong !== null) {
      const [index, more] = wrong as readonly [string, Record<string, unknown>?];
      await folder.write(name, { 'index.js': index, 'package.json': manifest(name, more) });
    }
    const stderr = await refusal(name);
    expect(stderr).toContain(said);
    expect(stderr).not.toMatch(/\n *at /);
  });

  it('may not have a connector of the same name as another one', async () => {
    for (const name of ['one', 'two'])
      await folder.write(name, { 'index.js': source('acme.Same'), 'package.json': manifest(name) });
    expect(await refusal('one', 'two')).toContain(
      'loading plugin two: its connector acme.Same has the name of one of one',
    );
  });

  it('is a name of an npm package, once', async () => {
    expect(await refusal('./here')).toContain(
      'SYNCLINE_PLUGINS: "./here" has \'./here\', which is no name of an npm package',
    );
    expect(await refusal('one', 'one')).toContain('names a package twice');
  });
});

it('passes the exported checks, run by any test runner', { timeout: LIMIT_MS }, async () => {
  const files = ['json-pages/source.test.js', 'json-folder/target.test.js', 'libsql-target/target.test.js'];
  const copies = files.map((file) => join(folder.path, file.replace('/', '-')));
  for (const [at, copy] of copies.entries())
    await copyFile(join(root, 'test/plugins', files[at] ?? ''), copy);
  const asked = ['--test', '--test-reporter=tap', ...copies];
  // A file that fails is in what it says.
  const { stdout } = await run(process.execPath, asked, { cwd: folder.path }).catch(
    (error: unknown) => error as { readonly stdout: string },
  );
  expect(stdout.split('\n').filter((line) => line.includes('not ok'))).toEqual([]);
  expect(Number(/# pass (\d+)/.exec(stdout)?.[1])).toBeGreaterThan(190);
});

describe.skipIf(stack === null)(
  'a job from a source of a package, through Kafka',
  { timeout: LIMIT_MS },
  () => {
    const tag = `pages_${Date.now().toString(36)}`;
    let syncline: SynclineProcess;
    let server: PageServer;

    const start = () =>
      startSyncline({
        cwd: folder.path,
        dataDir: join(folder.path, 'data'),
        settings: {
          SYNCLINE_KAFKA: stack?.kafka.brokers ?? '',
          SYNCLINE_PLUGINS: examples.map((name) => `@example/${name}`).join(),
        },
      });
    const jobOf = (name: string, config: Record<string, string> = {}): JobBody => ({
      name: `${tag} ${name}`,
      mode: 'incremental',
      policy: { maxAttempts: 3, retryDelayMs: 100, lagMs: 0 },
      source: {
        connector: 'example.JsonPagesSource',
        config: {
          'pages.url': server.url,
          'pages.token': 'a token that nobody sees',
          'pages.fields': 'id:bigint, name:varchar(40), price:decimal(10,2)',
          'pages.limit': '100',
          topic: `${tag}_${name}`,
          ...config,
        },
      },
      sink: {
        connector: 'io.syncline.sqlite.SqliteSinkConnector',
        config: {
          'connection.url': `jdbc:sqlite:${name}.db`,
          'table.name.format': 'copy',
          'auto.create': 'true',
          'pk.mode': 'record_value',
          'pk.fields': 'id',
          'insert.mode': 'upsert',
        },
      },
    });
    const sentRows = (): unknown => {
      const rows = [...server.rows.values()].sort((a, b) => a.id - b.id);
      return rows.map(({ id, name, price }) => [id, name, price]);
    };
    const expectCopy = (name: string): void => {
      const copy = openSqlite(
        join(folder.path, 'data/files', `${name}.db`),
        'SELECT id, name, price FROM copy ORDER BY id',
      );
      expect(copy).toEqual(sentRows());
    };
    const copyOf = async (target: 'LibsqlTarget' | 'JsonFolder', place: string): Promise<unknown> => {
      if (target === 'LibsqlTarget')
        return openSqlite(`${place}.db`, 'SELECT id, name, price FROM copy ORDER BY id');
      const folders = await readdir(join(place, 'rows'));
      const rows = folders.map(async (each) => {
        const newest = (await readdir(join(place, 'rows', each))).sort().at(-1) ?? '';
        const text = await readFile(join(place, 'rows', each, newest), 'utf8');
        const { id, name, price } = JSON.parse(text) as Readonly<Record<string, string | null>>;
        return [Number(id), name, price] as const;
      });
      return (await Promise.all(rows)).sort(([a], [b]) => a - b);
    };
    /** The clock of the server is a millisecond further. */
    const later = (): Promise<void> => {
      const now = Date.now();
      return waitUntil('the clock goes on', () => Date.now() > now + 1);
    };

    beforeAll(async () => {
      server = await startPageServer('a token that nobody sees');
      for (let id = 1; id <= 1_000; id += 1) server.put({ id, name: `row ${id} 行`, price: `${id}.50` });
      syncline = await start();
    }, LIMIT_MS);
    afterAll(async () => {
      await syncline.stop();
      await server.close();
    });

    it('is shown among the plug-ins, with its keys', async () => {
      const all = await (await fetch(`${syncline.workerUrl}/connector-plugins`)).json();
      expect(all).toContainEqual({ class: 'example.JsonPagesSource', type: 'source', version: '1.0.0' });
      const keys = await (
        await fetch(`${syncline.workerUrl}/connector-plugins/JsonPagesSource/config`)
      ).json();
      expect(keys).toContainEqual(expect.objectContaining({ name: 'pages.token', type: 'PASSWORD' }));
    });

    it('runs in full, then by increments, proved and equal', async () => {
      const job = await createJob(syncline, jobOf('plain'));
      const first = await runJob(syncline, job);
      expect(first).toMatchObject({
        state: 'succeeded',
        report: {
          outcome: 'proved',
          counts: { read: 1_000, written: 1_000 },
          predicted: { rows: null },
          splits: { total: 1, ended: 1 },
          watermarkBefore: null,
          watermarkAfter: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
        },
      });
      expectCopy('plain');
      await waitUntil('the clock goes on', () =>
        Promise.resolve(Date.now() > Date.parse(first.report?.watermarkAfter ?? '')),
      );
      server.put({ id: 5, name: 'changed', price: '0.01' });
      server.put({ id: 1_001, name: 'new', price: null });
      const second = await runJob(syncline, job);
      expect(second).toMatchObject({
        state: 'succeeded',
        report: { outcome: 'proved', counts: { read: 2, written: 2 } },
      });
      expect(second.report?.window?.from).toBe(first.report?.watermarkAfter);
      expectCopy('plain');
      expect(JSON.stringify((await syncline.api('GET', `/api/v1/jobs/${job}`)).body)).not.toContain(
        'nobody sees',
      );
    });

    it('has its watermark set in the words of its source only', async () => {
      const job = await createJob(syncline, jobOf('moved'));
      await runJob(syncline, job);
      const put = (watermark: string) =>
        syncline.api('PUT', `/api/v1/jobs/${job}/watermark`, {
          watermark,
          reason: 'test',
          confirm: `${tag} moved`,
        });
      expect((await put('yesterday')).body).toMatchObject({
        field: 'watermark',
        detail: "reading watermark: 'yesterday' is no instant; write one as 2025-11-25T01:00:00Z",
      });
      expect((await put('2026-01-01T00:00:00Z')).body).toMatchObject({
        watermark: '2026-01-01T00:00:00.000Z',
      });
    });

    it('is equal after a kill in the middle of a run', async () => {
      const job = await createJob(syncline, jobOf('killed'));
      const before = server.pages;
      let hold = true;
      server.onPage = () =>
        hold && server.pages > before + 4 ? new Promise(() => undefined) : Promise.resolve();
      const runId = await triggerRun(syncline, job);
      await waitUntil('some pages were read', () => Promise.resolve(server.pages > before + 4));
      await syncline.kill();
      hold = false;
      server.onPage = null;
      syncline = await start();
      const ended = await awaitEnd(syncline, runId);
      expect(ended).toMatchObject({ state: 'succeeded', report: { outcome: 'proved' } });
      expectCopy('killed');
    });

    it.each(['LibsqlTarget', 'JsonFolder'] as const)(
      'goes into a target of a package, in full and by increments, proved and equal: %s',
      async (target) => {
        const place = join(folder.path, target);
        const sink =
          target === 'JsonFolder'
            ? { 'json.folder': place }
            : {
                'libsql.file': `${place}.db`,
                'table.name.format': 'copy',
                'auto.create': 'true',
                'pk.mode': 'record_value',
                'pk.fields': 'id',
                'insert.mode': 'upsert',
              };
        const body = jobOf(target);
        const job = await createJob(syncline, {
          ...body,
          sink: { connector: `example.${target}`, config: sink },
        });
        const expectProved = async (written: number) =>
          expect(await runJob(syncline, job)).toMatchObject({
            state: 'succeeded',
            report: { outcome: 'proved', counts: { read: written, written } },
          });
        await expectProved(server.rows.size);
        expect(await copyOf(target, place)).toEqual(sentRows());
        await later();
        server.put({ id: 7, name: `by ${target}`, price: '7.00' });
        await expectProved(1);
        expect(await copyOf(target, place)).toEqual(sentRows());
      },
    );

    const runLiar = async (method: string, what: string) => {
      const body = jobOf(`${method}_${what}`);
      const file = join(folder.path, `${method}_${what}.ledger`);
      const job = await createJob(syncline, {
        ...body,
        policy: { ...body.policy, maxAttempts: 1, startMs: 2_000 },
        sink: {
          connector: 'example.Liar',
          config: { 'liar.method': method, 'liar.what': what, 'liar.file': file, 'retry.ms': '1' },
        },
      });
      return runJob(syncline, job);
    };

    it.each([
      ['open', 'throws', /of @example\/liar: boom/],
      ['load', 'throws', /in the ledger of @example\/liar: boom/],
      ['load', 'hangs', /of @example\/liar: it gave no sign for 1 s/],
      [
        'compareAndSet',
        'forgets',
        /^@example\/liar, beginning a run: its ledger says that epoch 1 .*does not know it/,
      ],
      ['prepare', 'throws', /prepareTable in the target of @example\/liar: boom/],
      ['writeRows', 'hangs', /of @example\/liar: it gave no sign for 1 s/],
      ['writeRows', 'throws', /of @example\/liar: boom/],
      [
        'writeRows',
        'forgets',
        /the target says that all are written, and does not hold the one with the key 1$/,
      ],
    ] as const)('fails in words where the %s of its target %s', async (method, what, said) => {
      const { state, reason } = await runLiar(method, what);
      expect([state, reason?.message]).toEqual(['failed', expect.stringMatching(said)]);
    });

    it('says what is wrong with a row and with the server', async () => {
      server.put({ id: 2_000, name: 'x'.repeat(41), price: '1' });
      const dirty = await runJob(syncline, await createJob(syncline, jobOf('dirty')));
      expect(dirty.reason).toMatchObject({
        code: 'DIRTY_LIMIT',
        message: expect.stringContaining('it has 41 characters, its field has 40') as string,
      });
      const login = await runJob(
        syncline,
        await createJob(syncline, jobOf('login', { 'pages.token': 'wrong' })),
      );
      expect(login.reason).toMatchObject({
        code: 'SOURCE_LOGIN',
        message: expect.stringContaining('it answered 401') as string,
      });
    });
  },
);
