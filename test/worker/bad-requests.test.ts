// Requests that mean no good, or were made by mistake, over HTTP; and secrets over HTTP.
import { readFileSync } from 'node:fs';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPlugins } from '../../connectors/registry.ts';
import { findPlugin } from '../../src/core/connector/plugin-registry.ts';
import { createFakeSink, createFakeSource } from '../fakes/fake-plugins.ts';
import { openingOf } from '../support/task-opening.ts';
import { createMemoryTarget } from '../fakes/memory-target.ts';
import { sendJson, sendRaw } from './rest/send-raw.ts';
import type { TestWorker } from './test-worker.ts';
import { startTestWorker } from './test-worker.ts';

const json = { 'content-type': 'application/json' };
const fileSource = (file: string, name = 'a'): unknown => ({
  name,
  config: { 'connector.class': 'FileStreamSource', topic: 't', file },
});

describe('a worker', () => {
  let test: TestWorker;
  const send = (method: string, path: string, body?: unknown): ReturnType<typeof sendJson> =>
    sendJson(test.worker.url, method, path, body);
  const code = async (method: string, path: string, body?: unknown): Promise<number> =>
    (await send(method, path, body)).status;

  beforeAll(async () => {
    test = await startTestWorker();
    await writeFile(join(test.folder, 'in.txt'), 'x\n');
  });
  afterAll(() => test.close());
  afterEach(async () => {
    for (const name of JSON.parse((await send('GET', '/connectors')).text) as string[])
      await send('DELETE', `/connectors/${encodeURIComponent(name)}`);
  });

  it.each([
    ['../x', "it lies outside the worker's folder for files"],
    ['a/../../x', "it lies outside the worker's folder for files"],
    ['/etc/passwd', "it lies outside the worker's folder for files"],
    ['.', "it lies outside the worker's folder for files"],
    ['a\0b', 'it holds a NUL'],
    ['  ', 'name the file'],
  ])('makes no connector for file %j', async (file, complaint) => {
    const answer = await send('POST', '/connectors', fileSource(file));
    expect(answer.status).toBe(400);
    expect((JSON.parse(answer.text) as { message: string }).message).toContain(complaint);
    expect((await send('GET', '/connectors')).text).toBe('[]');
  });

  it('takes __proto__ for a key like any other', async () => {
    const body =
      '{"name":"p","config":{"__proto__":"x","constructor":"y","connector.class":"FileStreamSource","topic":"t","file":"in.txt"}}';
    const made = await sendRaw(test.worker.url, { method: 'POST', path: '/connectors', headers: json, body });
    expect(made.status).toBe(201);
    const config = JSON.parse((await send('GET', '/connectors/p/config')).text) as object;
    expect(Object.hasOwn(config, '__proto__')).toBe(true);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
    expect(test.events).toContainEqual({
      type: 'config.ignored',
      connector: 'p',
      keys: ['__proto__', 'constructor'],
    });
    expect(
      await code('POST', '/connectors', JSON.parse('{"name":"q","config":{"__proto__":{"a":"b"}}}')),
    ).toBe(500);
  });

  it('names connectors __proto__ and constructor without confusing them', async () => {
    expect(await code('GET', '/connectors/__proto__')).toBe(404);
    expect(await code('POST', '/connectors', fileSource('in.txt', '__proto__'))).toBe(201);
    const expanded = JSON.parse((await send('GET', '/connectors?expand=info')).text) as object;
    expect(Object.keys(expanded)).toEqual(['__proto__']);
    expect(await code('DELETE', '/connectors/__proto__')).toBe(204);
  });

  it.each(['a/b', '..', '.', '/'])('refuses the name %j in the body and in the URL', async (name) => {
    expect(await code('POST', '/connectors', fileSource('in.txt', name))).toBe(400);
    const config = (fileSource('in.txt') as { config: object }).config;
    const path = `/connectors/${name.replaceAll('/', '%2F').replaceAll('.', '%2E')}/config`;
    expect([400, 404]).toContain(await code('PUT', path, config));
  });

  it('answers a body over one megabyte with 413, as JSON', async () => {
    const answer = await send('POST', '/connectors', { name: 'a', config: { x: 'y'.repeat(1_100_000) } });
    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.text)).toEqual({
      error_code: 413,
      message: 'HTTP 413 Request Entity Too Large',
    });
  });

  it('never shows a stack, whatever it is sent', async () => {
    const texts = [
      '{',
      '[]',
      '"x"',
      '1',
      '{"name":[]}',
      '{"config":{"connector.class":[]}}',
      '\u0000',
      '{"a":"\ud800"}',
    ];
    for (const body of texts)
      for (const [method, path] of [
        ['POST', '/connectors'],
        ['PUT', '/connectors/a/config'],
        ['PATCH', '/connectors/a/config'],
        ['PATCH', '/connectors/a/offsets'],
        ['PUT', '/connector-plugins/FileStreamSource/config/validate'],
      ] as const) {
        const answer = await sendRaw(test.worker.url, { method, path, headers: json, body });
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(answer.text).not.toMatch(/\bat .*\.(ts|js):\d+/);
        expect(JSON.parse(answer.text)).toMatchObject({ error_code: answer.status });
      }
  });

  it.each(['/connectors/%ZZ', '/connectors/a%00b', `/connectors/${'x'.repeat(5_000)}`])(
    'answers %s as JSON',
    async (path) => {
      const answer = await send('GET', path);
      expect([400, 404]).toContain(answer.status);
      expect(JSON.parse(answer.text)).toMatchObject({ error_code: answer.status });
    },
  );

  it('refuses a change asked by a page of another site, and a name that is not of loopback', async () => {
    const { url } = test.worker;
    const { host } = new URL(url);
    const restart = (headers: Record<string, string>): ReturnType<typeof sendRaw> =>
      sendRaw(url, { method: 'POST', path: '/connectors/a/restart', headers });
    expect((await restart({ origin: 'http://evil.example' })).status).toBe(403);
    expect((await restart({ origin: `http://${host}` })).status).toBe(404);
    expect((await restart({ host: 'evil.example:8083' })).status).toBe(403);
    expect((await sendRaw(url, { method: 'GET', path: '/', headers: { host: 'evil.example' } })).status).toBe(
      403,
    );
    expect((await sendRaw(url, { method: 'GET', path: '/', headers: { host: 'localhost:1' } })).status).toBe(
      200,
    );
  });

  it('tells its incarnation beside the answer, not in it', async () => {
    const answer = await send('GET', '/');
    expect(answer.headers['x-syncline-incarnation']).toBe(test.worker.incarnation);
    expect(Object.keys(JSON.parse(answer.text) as object)).toEqual(['version', 'commit', 'kafka_cluster_id']);
  });

  it('sets the level of the root logger', async () => {
    expect((await send('PUT', '/admin/loggers/root', { level: 'debug' })).text).toBe('["root"]');
    expect(test.rootLevels).toEqual(['DEBUG']);
  });
});

describe('a path through a link', () => {
  it('is refused when the file is opened, in source and target', async () => {
    const test = await startTestWorker();
    await mkdir(join(test.folder, 'real'));
    await symlink('/etc', join(test.folder, 'link'));
    await symlink('/etc/passwd', join(test.folder, 'passwd'));
    const found = createPlugins({ fileRoot: test.folder });
    for (const plugin of found.filter(({ className }) => className.includes('FileStream')))
      for (const file of ['link/passwd', 'passwd', 'real']) {
        const config = { file, ...(plugin.type === 'source' ? { topic: 't' } : {}) };
        const [step] = await plugin.testConnection(config, new AbortController().signal);
        expect(step).toMatchObject({ ok: false });
        if (plugin.type === 'source')
          await expect(plugin.openTask(openingOf(config))).rejects.toThrow(/link|regular/);
        else
          await expect(plugin.openStore(config, new AbortController().signal)).rejects.toThrow(
            /link|regular/,
          );
      }
    expect(await readdir(join(test.folder, 'real'))).toEqual([]);
    await test.close();
  });
});

describe('secrets and the bodies of article 003', () => {
  let test: TestWorker;
  const golden = (name: string): string =>
    readFileSync(new URL(`../golden/${name}`, import.meta.url), 'utf8');

  beforeEach(async () => {
    const source = {
      ...createFakeSource(),
      configDef: [],
      aliases: ['org.pkuse.source.connector.hbase.DabotSourceConnector'],
    };
    const printedSink = 'io.confluent.connect.jdbc.MyJdbcSinkConnector';
    const sink = {
      ...createFakeSink(createMemoryTarget()),
      aliases: [printedSink],
      // What is undone in the printed values stands in the declaration of the real one.
      configDef: findPlugin(createPlugins({ fileRoot: '/files' }), printedSink)?.configDef ?? [],
    };
    test = await startTestWorker({ plugins: [source, sink] });
  });
  afterEach(() => test.close());

  it('are created as printed, and the password is in no answer', async () => {
    for (const name of ['article-003-source.txt', 'article-003-sink.txt']) {
      const body = golden(name);
      const made = await sendRaw(test.worker.url, {
        method: 'POST',
        path: '/connectors',
        headers: json,
        body,
      });
      expect([made.status, made.text]).toEqual([201, expect.any(String)]);
    }
    await expect
      .poll(() => [...test.host.running].sort())
      .toEqual(['hbasesource_connector_001', 'jdbcsink_connector_001']);
    const at = '/connectors/jdbcsink_connector_001';
    for (const path of [at, `${at}/config`, `${at}/tasks`, '/connectors?expand=info']) {
      const { text } = await sendJson(test.worker.url, 'GET', path);
      expect(text).toContain('"connection.password":"***"');
      expect(text).not.toContain('"connection.password":"root"');
    }
    const put = await sendJson(test.worker.url, 'PUT', `${at}/config`, {
      ...(JSON.parse((await sendJson(test.worker.url, 'GET', `${at}/config`)).text) as object),
      'batch.size': '100',
    });
    expect(put.status).toBe(200);
    await expect
      .poll(() => test.host.starts.at(-1)?.config)
      .toMatchObject({ 'connection.password': 'root', 'batch.size': '100' });
    expect(test.events.filter(({ type }) => type === 'config.repaired')).toHaveLength(2);
  });

  it('masks the secret also in the complaint about a configuration without a class', async () => {
    const { text } = await sendJson(test.worker.url, 'POST', '/connectors', {
      name: 'a',
      config: { 'connection.password': 'geheim' },
    });
    expect(text).toContain('contains no connector type');
    expect(text).not.toContain('geheim');
  });
});
