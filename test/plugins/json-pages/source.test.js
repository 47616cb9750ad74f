// The checks that every source must pass, on a server of their own.
import { test } from 'node:test';
import { createServer } from 'node:http';
import { sourceChecks } from 'syncline/conformance';
import plugin from '@example/json-pages';

async function openBed() {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const rows = new Map();
  const put = (id, name) => rows.set(id, { id, name, at: ++now });
  for (let id = 1; id <= 7; id += 1) put(id, 'row ' + id);
  const server = createServer((request, response) => {
    const query = new URL(request.url, 'http://x').searchParams;
    const since = Date.parse(query.get('since') ?? '1970-01-01');
    const found = [...rows.values()].filter(
      ({ id, at }) => id > Number(query.get('after') ?? 0) && at >= since,
    );
    const page = found.slice(0, Number(query.get('limit')));
    now += 1;
    response.end(
      JSON.stringify({ now: new Date(now).toISOString(), more: found.length > page.length, rows: page }),
    );
  }).listen(0, '127.0.0.1');
  await new Promise((ready) => server.once('listening', ready));
  const config = {
    'pages.url': 'http://127.0.0.1:' + server.address().port + '/',
    'pages.fields': 'id:bigint, name:string',
    'pages.limit': '3',
    topic: 'pages',
  };
  const stop = () => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  };
  return {
    plugin,
    config,
    keys: () => [...rows.keys()].map(String),
    change: async () => {
      put(3, 'changed');
      put(8, 'new');
      return ['3', '8'];
    },
    takeAway: stop,
    close: stop,
  };
}
for (const { name, run } of sourceChecks(openBed)) test(name, run);
