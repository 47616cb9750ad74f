// Calls of steps and webhooks: what is sent, and that nothing is dialled that may not be.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWebhookPost } from '../../executors/alarms/post-webhook.ts';
import { createGuardedRequest } from '../../executors/guarded-request.ts';

const seen: string[] = [];
let server: Server;
let port: number;
beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      seen.push([method, url, headers['x-a'], headers['content-length'], body].join('|'));
      response.writeHead(url === '/moved' ? 302 : 201, { location: '/elsewhere' }).end('answer');
    });
  });
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => server.close());

const { signal } = new AbortController();
const said = { doing: 'calling what a step names', field: 'steps' };
const open = createGuardedRequest(() => null, said);
const shut = createGuardedRequest((address) => `is ${address}, which is refused`, said);

test('a call has its method, headers and body, and gives the status; redirects are not followed', async () => {
  const url = `http://127.0.0.1:${port}`;
  const put = { method: 'PUT', url: `${url}/a?b=c`, headers: { 'x-a': '1' }, body: '行', signal };
  expect(await open(put)).toBe(201);
  expect(await open({ method: 'GET', url: `${url}/moved`, headers: {}, body: null, signal })).toBe(302);
  const post = createWebhookPost(() => null);
  expect(await post({ url: `${url}/hook`, body: '{}', signal })).toBe(201);
  expect(seen.splice(0)).toEqual(['PUT|/a?b=c|1|3|行', 'GET|/moved|||', 'POST|/hook||2|{}']);
});

test('an address that is refused is not dialled, by number or by name', async () => {
  for (const host of ['127.0.0.1', '[::1]', 'localhost']) {
    const call = { method: 'POST', url: `http://${host}:${port}/`, headers: {}, body: '', signal };
    await expect(shut(call)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      field: 'steps',
      message: expect.stringMatching(/^calling what a step names: its host is .*refused/) as string,
    });
  }
  expect(seen).toEqual([]);
});

test('a call that is let go of is rejected', async () => {
  const over = new AbortController();
  const silent = createServer();
  await new Promise<void>((listening) => void silent.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
  silent.on('request', () => over.abort());
  await expect(open({ method: 'GET', url, headers: {}, body: null, signal: over.signal })).rejects.toThrow();
  silent.closeAllConnections();
  silent.close();
});
