// Steps of a job over the API: checked, kept sealed, masked, and tried without running anything.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jobBody, setupApi, type ApiBed } from './setup-api.ts';

let bed: ApiBed;
beforeEach(async () => {
  bed = await setupApi();
});
afterEach(() => bed.close());

const own = {
  'connection.url': 'jdbc:fake://10.0.0.1/a?password=secret-in-url',
  'connection.user': 'u',
  'connection.password': 'secret-of-connection',
};
const steps = {
  pre: [
    {
      kind: 'sql',
      name: 'stage',
      connection: own,
      statements: ['DELETE FROM staging', "ALTER USER u IDENTIFIED BY 'secret-in-sql'"],
    },
  ],
  post: [
    {
      kind: 'http',
      name: 'refresh',
      url: 'https://203.0.113.9/hook/secret-in-path',
      headers: { authorization: 'secret-in-header' },
      body: 'secret-in-body',
      when: 'always',
    },
  ],
};
const post = (path: string, payload: object) => bed.ask({ method: 'POST', url: `/api/v1/${path}`, payload });
const shownSteps = {
  pre: [
    {
      kind: 'sql',
      name: 'stage',
      timeLimitMs: 60_000,
      onUnknown: 'fail',
      connection: {
        'connection.url': 'jdbc:fake://10.0.0.1/a?password=***',
        'connection.user': 'u',
        'connection.password': '***',
      },
      statements: ['DELETE FROM staging', "ALTER USER u IDENTIFIED BY '***'"],
    },
  ],
  post: [
    {
      kind: 'http',
      name: 'refresh',
      timeLimitMs: 60_000,
      onUnknown: 'fail',
      url: 'https://203.0.113.9/***',
      headers: { authorization: '***' },
      body: '***',
      when: 'always',
    },
  ],
};

describe('steps', () => {
  it('are saved with their defaults, sealed, shown without secrets, and kept where *** is sent back', async () => {
    const { status, body } = await post('jobs', jobBody({ steps }));
    expect(status).toBe(201);
    const spec = body['spec'] as Record<string, unknown>;
    expect(spec['steps']).toEqual(shownSteps);
    expect(JSON.stringify(body) + (await bed.stored())).not.toMatch(/secret-(in|of)/);
    const saved = await bed.store.jobs.read(body.id ?? '');
    expect(saved?.spec.steps).toMatchObject(steps);
    const [first] = shownSteps.pre;
    const changed = { ...shownSteps, pre: [{ ...first, timeLimitMs: 5_000 }] };
    const put = await bed.ask({
      method: 'PUT',
      url: `/api/v1/jobs/${body.id ?? ''}`,
      payload: { ...spec, steps: changed },
      headers: { 'if-match': '"1"' },
    });
    expect(put.status).toBe(200);
    const kept = (await bed.store.jobs.read(body.id ?? ''))?.spec.steps;
    expect(kept).toMatchObject({ ...steps, pre: [{ ...steps.pre[0], timeLimitMs: 5_000 }] });
  });

  it('with *** where none is stored are refused, as is another host before a path that is hidden', async () => {
    expect(await post('jobs', jobBody({ steps: shownSteps }))).toMatchObject({
      status: 400,
      body: { field: 'steps.pre.0.connection.connection.url' },
    });
    const { body } = await post('jobs', jobBody({ steps }));
    const [refresh] = shownSteps.post;
    const moved = { ...shownSteps, post: [{ ...refresh, url: 'https://203.0.113.10/***' }] };
    const payload = { ...(body['spec'] as object), steps: moved };
    const put = { method: 'PUT', url: `/api/v1/jobs/${body.id ?? ''}`, payload } as const;
    expect(await bed.ask({ ...put, headers: { 'if-match': '"1"' } })).toMatchObject({
      status: 400,
      body: { field: 'steps.post.0.url' },
    });
  });

  it('that can not work are refused, all at once, each with its field and what is right', async () => {
    const wrong = {
      pre: [
        { kind: 'sql', name: 'a', connection: 'sink', statements: ['x'] },
        { kind: 'sql', name: 'a', connection: 'source', statements: ['x'] },
        { kind: 'sql', name: 'b', connection: { 'connection.url': 'jdbc:other:' }, statements: [' '] },
      ],
      post: [
        { kind: 'http', name: 'd', url: 'ftp://example.org' },
        { kind: 'http', name: 'e', url: 'http://127.0.0.1/x', method: 'GET', body: 'b' },
        {
          kind: 'sql',
          name: 'f',
          connection: { 'connection.url': 'jdbc:fake://192.0.2.1/' },
          statements: ['x', 'REFUSED'],
        },
      ],
    };
    const { body } = await post('jobs/validate', jobBody({ steps: wrong }));
    const problems = body['problems'] as { field: string; message: string }[];
    expect(problems.map(({ field }) => field)).toEqual([
      'steps.pre.0.connection',
      'steps.pre.1.name',
      'steps.pre.1.connection',
      'steps.pre.2.statements.0',
      'steps.pre.2.connection.connection.url',
      'steps.post.0.url',
      'steps.post.1.body',
      'steps.post.1.url',
      'steps.post.2.statements.1',
      'steps.post.2.connection',
    ]);
    expect(problems[0]?.message).toContain('has no connection.url');
    expect((await post('jobs', jobBody({ steps: wrong }))).status).toBe(400);
  });

  it('with fields of the other kind, or without their own, are refused by each field', async () => {
    const wrong = {
      pre: [{ kind: 'sql', name: 'a', url: 'https://example.org', connection: 'sink' }],
      post: [{ kind: 'http', name: 'c' }],
    };
    const { status, body } = await post('jobs', jobBody({ steps: wrong }));
    expect(status).toBe(400);
    expect(body['detail']).toContain('steps.pre.0.url: is for a step of kind http');
    expect(body['detail']).toContain('for example ["DELETE FROM staging"]');
    const validated = (await post('jobs/validate', jobBody({ steps: wrong }))).body['problems'];
    expect((validated as { field: string }[]).map(({ field }) => field)).toEqual([
      'steps.pre.0.url',
      'steps.pre.0.statements',
      'steps.post.0.url',
    ]);
    const misspelt = { pre: [{ kind: 'sql', name: 'a', connexion: 'sink' }], post: [] };
    expect((await post('jobs', jobBody({ steps: misspelt }))).status).toBe(400);
  });

  it('are logged in to by the check of a job, which runs and calls nothing', async () => {
    const { status, body } = await post('jobs/check', jobBody({ steps }));
    expect(status).toBe(200);
    const sides = body['sides'] as { side: string; steps: object[] }[];
    expect(sides.find(({ side }) => side === 'steps')?.steps).toMatchObject([
      { name: 'stage', ok: true, detail: 'logged in; no statement was run' },
      { name: 'refresh', ok: true, detail: 'its host may be reached; it is not called' },
    ]);
    expect(bed.sqlConnections.tested).toEqual([own['connection.url']]);
    expect(bed.sqlConnections.ran).toEqual([]);
    expect(JSON.stringify(body)).not.toMatch(/secret-(in|of)/);
  });
});
