import { afterEach, describe, expect, it } from 'vitest';
import { jobBody, setupApi } from './setup-api.ts';
import type { ApiBed } from './setup-api.ts';

interface Described {
  readonly summary?: string;
  readonly description?: string;
  readonly responses: object;
  readonly parameters?: readonly { readonly name: string }[];
}

describe('access to the admin API', () => {
  let bed: ApiBed;
  afterEach(() => bed.close());

  it('makes a token at the first start and shows it once', async () => {
    bed = await setupApi();
    expect(bed.shown).toHaveLength(1);
    expect(bed.shown[0]).toMatch(/^syncline_[\w-]{43}$/);
    expect(await bed.stored()).not.toContain(bed.shown[0]);
  });

  it('is refused without the token on every route but health and the API description', async () => {
    bed = await setupApi({ adminToken: 'x'.repeat(40) });
    const { body } = await bed.ask({ method: 'GET', url: '/openapi.json', token: null });
    const paths = Object.entries(body['paths'] as Record<string, Record<string, unknown>>);
    expect(paths.length).toBeGreaterThan(15);
    const verbs = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
    for (const [path, operations] of paths) {
      const methods = verbs.filter((verb) => verb.toLowerCase() in operations);
      expect(methods, path).toHaveLength(Object.keys(operations).length);
      for (const method of methods) {
        const url = path.replace('{id}', 'abc');
        const { status } = await bed.ask({ method, url, token: null });
        expect(status, `${method} ${path}`).toBe(['/livez', '/readyz'].includes(path) ? 200 : 401);
      }
    }
  });

  it('says of every operation what it does and how it fails, and asks for nothing that has a default', async () => {
    bed = await setupApi();
    const { body } = await bed.ask({ method: 'GET', url: '/openapi.json', token: null });
    const paths = body['paths'] as Record<string, Record<string, Described>>;
    for (const [path, methods] of Object.entries(paths))
      for (const [method, operation] of Object.entries(methods)) {
        expect(operation.summary, `${method} ${path}`).toMatch(/^[A-Z]/);
        expect(operation.description, `${method} ${path}`).toMatch(/\.$/);
        if (path.startsWith('/api/'))
          expect(Object.keys(operation.responses), `${method} ${path}`).toEqual(
            expect.arrayContaining(['200', '400', '401', '500'].slice(method === 'get' ? 0 : 1)),
          );
      }
    const required = JSON.stringify(paths['/api/v1/jobs']?.['post']);
    expect(required).toContain('"required":["name","source","sink"]');
    const named = (path: string, method: string): readonly string[] =>
      (paths[path]?.[method]?.parameters ?? []).map(({ name }) => name);
    expect(named('/api/v1/jobs/{id}', 'put')).toContain('If-Match');
    expect(named('/api/v1/jobs/{id}', 'delete')).toEqual(expect.arrayContaining(['If-Match', 'force']));
    expect(named('/api/v1/jobs/{id}/runs', 'post')).toContain('Idempotency-Key');
  });

  it('tells somebody who opens its address where things are', async () => {
    bed = await setupApi();
    expect(await bed.ask({ method: 'GET', url: '/', token: null })).toMatchObject({
      status: 200,
      body: { documentation: '/docs', openapi: '/openapi.json' },
    });
    const page = await bed.server.inject({ method: 'GET', url: '/docs' });
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.body).toContain('<code>/api/v1/jobs/{id}/runs</code>');
    expect(page.body).toContain('Run a job now');
  });

  it('gives every operation a stable id', async () => {
    bed = await setupApi();
    const { body } = await bed.ask({ method: 'GET', url: '/openapi.json' });
    const operations = Object.values(
      body['paths'] as Record<string, Record<string, { operationId?: string }>>,
    ).flatMap((methods) => Object.values(methods));
    const ids = operations.map((operation) => operation.operationId);
    expect(ids.every((id) => id !== undefined)).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is slowed down after five wrong tokens from one address, but not for the right one, and says so in the audit trail', async () => {
    bed = await setupApi({ adminToken: 'x'.repeat(40) });
    const wrong = await Promise.all(
      Array.from({ length: 5 }, () => bed.ask({ method: 'GET', url: '/api/v1/jobs', token: 'wrong' })),
    );
    expect(wrong.map((answer) => answer.status)).toEqual([401, 401, 401, 401, 401]);
    expect(await bed.ask({ method: 'GET', url: '/api/v1/jobs', token: 'wrong' })).toMatchObject({
      status: 429,
    });
    expect(await bed.ask({ method: 'GET', url: '/api/v1/jobs' })).toMatchObject({ status: 200 });
    const { body } = await bed.ask({ method: 'GET', url: '/api/v1/audit' });
    expect((body['entries'] as { action: string }[]).map(({ action }) => action)).toEqual([
      'token.refused',
      'token.refused',
    ]);
  });

  it('takes a request with a content type and nothing behind it as one without a body', async () => {
    bed = await setupApi();
    const headers = { 'content-type': 'application/json' };
    const url = '/api/v1/jobs/01a22afc-eecd-7000-a65e-d87351374398/runs';
    expect(await bed.ask({ method: 'POST', url, headers })).toMatchObject({ status: 404 });
    expect(await bed.ask({ method: 'POST', url: '/api/v1/jobs', headers })).toMatchObject({ status: 400 });
    const broken = await bed.ask({ method: 'POST', url, headers, payload: '{' });
    expect(broken.status).toBe(400);
  });

  it.each([
    '{"name": "x", "__proto__": {}}',
    '{"name": {"\\u005f_proto__": 1}}',
    '{"constructor": {"prototype": {}}}',
  ])('tells which key of a body is refused: %s', async (payload) => {
    bed = await setupApi();
    const headers = { 'content-type': 'application/json' };
    const answer = await bed.ask({ method: 'POST', url: '/api/v1/jobs', payload, headers });
    expect(answer).toMatchObject({ status: 400, body: { code: 'BAD_INPUT' } });
    expect(answer.body['detail']).toMatch(
      /^reading the request: a key __proto__, or constructor with prototype/,
    );
    const broken = { method: 'POST', url: '/api/v1/jobs', payload: `${payload},`, headers } as const;
    expect((await bed.ask(broken)).body['detail']).toMatch(/not valid JSON/);
  });

  it('an expression that can not be read is told by the field of the body that it stands in', async () => {
    bed = await setupApi();
    const preview = (payload: object): ReturnType<ApiBed['ask']> =>
      bed.ask({ method: 'POST', url: '/api/v1/schedules/preview', payload });
    expect(await preview({ cron: '1 2 3' })).toMatchObject({ status: 400, body: { field: 'cron' } });
    const zone = await preview({ cron: '0 0 2 * * ?', timeZone: 'Nowhere/Town' });
    expect(zone).toMatchObject({ status: 400, body: { field: 'timeZone' } });
    const empty = await preview({ cron: '' });
    expect(empty).toMatchObject({ status: 400, body: { field: 'cron' } });
    expect(String(empty.body['detail'])).toContain('fewer than 1 character');
    expect(String(empty.body['detail'])).not.toContain('1 characters');
  });

  it('is refused under a foreign name, and for changes that a page of another site asks for', async () => {
    bed = await setupApi();
    const ask = (headers: Record<string, string>): ReturnType<ApiBed['ask']> =>
      bed.ask({
        method: 'POST',
        url: '/api/v1/schedules/preview',
        payload: { cron: '0 0 * * * ?' },
        headers,
      });
    expect(await ask({ host: 'evil.example:8080' })).toMatchObject({ status: 403 });
    expect(await ask({ host: 'localhost:8080', origin: 'https://evil.example' })).toMatchObject({
      status: 403,
    });
    expect(await ask({ host: 'localhost:8080', origin: 'http://localhost:8080' })).toMatchObject({
      status: 200,
    });
  });

  it.each([
    '/api/v1/jobs?before=junk',
    '/api/v1/runs?before=1',
    '/api/v1/audit?before=junk',
    '/api/v1/audit?before=01a22afc-eecd-7000-a65e-d87351374398',
    '/api/v1/runs?jobId=junk',
    '/api/v1/runs?state=sleeping',
    '/api/v1/jobs?limit=1.5',
    '/api/v1/jobs?limit=many',
    '/api/v1/jobs?limit=501',
  ])('answers 400 to %s', async (url) => {
    bed = await setupApi();
    expect(await bed.ask({ method: 'GET', url })).toMatchObject({ status: 400, body: { code: 'BAD_INPUT' } });
  });

  it('pages', async () => {
    bed = await setupApi();
    const before = '01a22afc-eecd-7000-a65e-d87351374398';
    for (const url of [
      `/api/v1/jobs?limit=3&before=${before}`,
      '/api/v1/audit?before=7',
      `/api/v1/runs?before=${before}`,
    ])
      expect(await bed.ask({ method: 'GET', url })).toMatchObject({ status: 200 });
  });

  it.each([
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
  ])('takes no body of type %s', async (type, status) => {
    bed = await setupApi();
    const answer = await bed.ask({
      method: 'POST',
      url: '/api/v1/jobs',
      payload: JSON.stringify(jobBody()),
      headers: { 'content-type': type },
    });
    expect(answer.status).toBe(status);
  });

  it('refuses a body over one megabyte, and ids that are none', async () => {
    bed = await setupApi();
    const big = await bed.ask({
      method: 'POST',
      url: '/api/v1/jobs',
      payload: jobBody({ description: 'x'.repeat(1_100_000) }),
    });
    expect(big.status).toBe(413);
    expect(await bed.ask({ method: 'GET', url: '/api/v1/jobs/..%2F..%2Fetc' })).toMatchObject({
      status: 400,
    });
    expect(await bed.ask({ method: 'GET', url: '/api/v1/nothing' })).toMatchObject({
      status: 404,
      body: { code: 'PATH_UNKNOWN', hint: { en: expect.stringContaining('/openapi.json') as string } },
    });
  });

  it('is ready while its database answers, whatever else is away; what is wrong it says only to those with the token', async () => {
    bed = await setupApi();
    expect(await bed.ask({ method: 'GET', url: '/readyz', token: null })).toMatchObject({
      status: 200,
      body: {
        status: 'degraded',
        checks: [
          { name: 'database', ok: true, required: true },
          { name: 'connect far', ok: false, required: false },
        ],
      },
    });
    const named = await bed.ask({ method: 'GET', url: '/readyz' });
    expect(JSON.stringify(named.body)).toContain('far.internal');
    const nameless = await bed.ask({ method: 'GET', url: '/readyz', token: null });
    expect(JSON.stringify(nameless.body)).not.toContain('far.internal');
  });
});
