// Parameters and templates over the API: checked with the job, previewed, given by triggers.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPlugins } from '../../connectors/registry.ts';
import type { Answer, ApiBed } from './setup-api.ts';
import { jobBody, setupApi } from './setup-api.ts';

let bed: ApiBed;
let fileRoot: string;
beforeEach(async () => {
  fileRoot = await mkdtemp(join(tmpdir(), 'syncline-templates-'));
  bed = await setupApi({ plugins: createPlugins({ fileRoot }) });
});
afterEach(async () => {
  await bed.close();
  await rm(fileRoot, { recursive: true, force: true });
});

const post = (url: string, payload: unknown, headers: Record<string, string> = {}) =>
  bed.ask({ method: 'POST', url: `/api/v1/${url}`, payload: payload as Record<string, unknown>, headers });
const query =
  'SELECT * FROM orders WHERE branch = ${branch} AND day = ${business.date:yyyyMMdd} AND at >= ${window.from} AND at < ${window.to}';
const job = (change: Record<string, unknown> = {}) =>
  jobBody({
    mode: 'full',
    parameters: [{ name: 'branch', type: 'text', default: 'north' }],
    source: {
      connector: 'io.syncline.sql.SqlSourceConnector',
      config: { 'connection.url': 'jdbc:postgresql://db/shop', 'topic.prefix': 'orders', query },
    },
    schedule: { cron: '0 0 2 * * ?', timeZone: 'Asia/Shanghai' },
    ...change,
  });
const withQuery = (text: string, change: Record<string, unknown> = {}) => {
  const { source } = job() as { source: { connector: string; config: Record<string, string> } };
  return job({ source: { ...source, config: { ...source.config, query: text } }, ...change });
};
const create = async (body = job()): Promise<string> => {
  const answer = await post('jobs', body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body.id ?? '';
};
const problemsOf = async (body: Record<string, unknown>): Promise<unknown> =>
  (await post('jobs/validate', body)).body['problems'];

it('are kept as they were written, and previewed for an instant and what would be given', async () => {
  const id = await create();
  expect(await bed.ask({ method: 'GET', url: `/api/v1/jobs/${id}` })).toMatchObject({
    body: { spec: { source: { config: { query } } } },
  });
  const { status, body } = await post(`jobs/${id}/templates/preview`, {
    at: '2027-01-30T18:00:00Z',
    parameters: { branch: "O'Hara" },
  });
  expect(status, JSON.stringify(body)).toBe(200);
  expect(body).toMatchObject({
    plannedAt: Date.UTC(2027, 0, 30, 18),
    configs: {
      source: {
        query:
          "SELECT * FROM orders WHERE branch = 'O''Hara' AND day = '20270130' AND at >= '2027-01-30 02:00:00' AND at < '2027-01-31 02:00:00'",
      },
    },
    problems: [],
  });
  expect(body['values']).toContainEqual({ name: 'business.date', type: 'date', value: '2027-01-30' });
  expect(body['values']).toContainEqual({ name: 'branch', type: 'text', value: "O'Hara" });
  const unsaved = await post('templates/preview', { spec: job(), at: '2027-01-30T18:00:00Z' });
  expect(JSON.stringify(unsaved.body['configs'])).toContain("branch = 'north'");
});

describe('of a job are refused', () => {
  it.each([
    ['${branhc}', 'source.config.query', /there is no branhc; the most like it is branch/],
    ["'${branch}'", 'source.config.query', /stands in quotes/],
    ['${branch} -- all', 'source.config.query', /may not hold --/],
    ['${branch:yyyy}', 'source.config.query', /only dates and instants/],
  ])('where they stand wrong: %s', async (text, field, message) => {
    expect(await problemsOf(withQuery(`SELECT ${text}`))).toContainEqual({
      field,
      message: expect.stringMatching(message) as string,
    });
  });

  it('in keys that take none', async () => {
    const sink = {
      connector: 'FakeSink',
      config: { 'table.name.format': 'orders_${business.date:yyyyMMdd}' },
    };
    expect(await problemsOf(job({ sink }))).toContainEqual({
      field: 'sink.config.table.name.format',
      message: '${business.date:yyyyMMdd} is no template here: no key of this connector takes any',
    });
  });

  it('where parameters are wrong, used nowhere, or nobody gives them', async () => {
    const parameters = [
      { name: 'branch', type: 'date', default: 'x' },
      { name: 'branch', type: 'text', default: 'a' },
      { name: 'needed', type: 'number' },
    ];
    const problems = (await problemsOf(withQuery('SELECT ${needed}', { parameters }))) as Answer[];
    expect(problems.map(({ field }) => field)).toEqual([
      'parameters.0.default',
      'parameters.1.name',
      'parameters.2.default',
      'parameters.0',
      'parameters.1',
    ]);
  });

  it('with increments, and windows without a schedule', async () => {
    expect(await problemsOf(job({ mode: 'incremental' }))).toContainEqual({
      field: 'mode',
      message: expect.stringContaining('"mode": "full"') as string,
    });
    expect(await problemsOf(job({ schedule: null }))).toContainEqual({
      field: 'source.config.query',
      message: expect.stringContaining('the job has no window') as string,
    });
  });
});

describe('given by a trigger', () => {
  const key = { 'idempotency-key': 'k1' };

  it('are kept with the run, and one key stands for one body', async () => {
    const id = await create();
    const first = await post(`jobs/${id}/runs`, { parameters: { branch: 'south' } }, key);
    expect(first).toMatchObject({ status: 202, body: { parameters: { branch: 'south' } } });
    expect(first.headers['location']).toBe(`/api/v1/runs/${first.body.id}`);
    expect(await post(`jobs/${id}/runs`, { parameters: { branch: 'south' } }, key)).toMatchObject({
      status: 200,
      body: { id: first.body.id },
    });
    for (const other of [{}, { parameters: { branch: 'west' } }])
      expect(await post(`jobs/${id}/runs`, other, key)).toMatchObject({
        status: 409,
        body: { code: 'CONFLICT', field: 'Idempotency-Key' },
      });
  });

  it('go with the run into its retry', async () => {
    const id = await create();
    const { body } = await post(`jobs/${id}/runs`, { parameters: { branch: 'south' } });
    await post(`runs/${body.id}/cancel`, {});
    expect((await post(`runs/${body.id}/retry`, {})).body).toMatchObject({ parameters: { branch: 'south' } });
  });

  it('are refused by name, with the nearest, and so is what can not stand in its place', async () => {
    const id = await create();
    expect(await post(`jobs/${id}/runs`, { parameters: { brnach: 'x' } })).toMatchObject({
      status: 400,
      body: { field: 'parameters.brnach', detail: expect.stringContaining('is branch') as string },
    });
    expect(await post(`jobs/${id}/runs`, { parameters: { branch: 'a\\' } })).toMatchObject({
      status: 400,
      body: { field: 'source.config.query' },
    });
    const needing = await create(
      withQuery('SELECT ${since}', {
        name: 'b',
        schedule: null,
        parameters: [{ name: 'since', type: 'date' }],
      }),
    );
    expect(await post(`jobs/${needing}/runs`, {})).toMatchObject({
      status: 400,
      body: { field: 'parameters.since', detail: expect.stringContaining('is missing') as string },
    });
    expect((await post(`jobs/${needing}/runs`, { parameters: { since: '2027-01-31' } })).status).toBe(202);
  });
});

describe('that choose rows, where rows that are not read are removed', () => {
  const mapping = (limitcondition: string) =>
    JSON.stringify([
      { sourceFiled: 'rowkey()', targetFiled: 'id', fieldType: 'varchar(32)', ispk: '1' },
      { sourceFiled: 'f:v', targetFiled: 'v', fieldType: 'varchar(20)', limitcondition },
    ]);
  const ofHBase = (deletes: string, config: Record<string, string>) =>
    job({
      source: {
        connector: 'io.syncline.hbase.HBaseSourceConnector',
        config: {
          'pkuse.hbase.ip': 'zk',
          'pkuse.hbase.table.name': 'orders',
          'pkuse.hbase.filed.mapping': mapping('is not null'),
          'hbase.deletes': deletes,
          ...config,
        },
      },
    });
  const condition = { 'pkuse.hbase.filed.mapping': mapping('= ${branch}') };

  it.each([
    ['reconcile', condition, 'pkuse.hbase.filed.mapping', '${branch}'],
    ['markers', condition, 'pkuse.hbase.filed.mapping', '${branch}'],
    ['markers', { 'hbase.start.row': 'k${branch}' }, 'hbase.start.row', '${branch}'],
    ['markers', { 'hbase.stop.row': 'k${fire.time:yyyy}' }, 'hbase.stop.row', '${fire.time:yyyy}'],
  ])('hbase.deletes=%s is refused by both keys: %j', async (deletes, config, key, template) => {
    const problems = (await problemsOf(ofHBase(deletes, config))) as { field: string; message: string }[];
    const [problem] = problems.filter(({ field }) => field === `source.config.${key}`);
    expect(problem?.message).toContain(`hbase.deletes=${deletes} takes`);
    expect(problem?.message).toContain(`${template}: each run reads other rows`);
    expect(problem?.message).toContain('hbase.deletes=ignore');
    const checked = await post('jobs/check', ofHBase(deletes, config));
    expect(JSON.stringify(checked.body)).toContain(`hbase.deletes=${deletes} takes`);
  });

  it('a mapping or range without a template, and hbase.deletes=ignore, are let pass', async () => {
    const fields = async (body: Record<string, unknown>) =>
      ((await problemsOf(body)) as { field: string }[]).map(({ field }) => field);
    expect(await fields(ofHBase('ignore', condition))).toEqual([]);
    expect(await fields(ofHBase('markers', { 'pkuse.hbase.filed.mapping': mapping("= 'x'") }))).not.toContain(
      'source.config.pkuse.hbase.filed.mapping',
    );
  });

  it('a target that each run replaces is let pass with a note in words', async () => {
    const config = { 'connection.url': 'jdbc:sqlite:a.db', 'table.name.format': 't' };
    const notesOf = async (writeMode: string, text: string) => {
      const sink = {
        connector: 'io.syncline.sqlite.SqliteSinkConnector',
        config: { ...config, 'write.mode': writeMode },
      };
      const { body } = await post('jobs/validate', withQuery(text, { sink, parameters: [] }));
      expect(body['problems']).toEqual([]);
      return JSON.stringify(body['notes']);
    };
    const chosen = 'SELECT * FROM orders WHERE at >= ${window.from}';
    expect(await notesOf('0', chosen)).toContain('rows of earlier runs are gone');
    expect(await notesOf('1', chosen)).not.toContain('rows of earlier runs');
    expect(await notesOf('0', 'SELECT * FROM orders')).not.toContain('rows of earlier runs');
  });

  it.each([
    { misfire: 'never' },
    { overlap: 'both' },
    { cron: 'x' },
    { timeZone: 'Nowhere' },
    { misfire: 'skip', misfireLimit: 3 },
  ])('beside a schedule that is wrong (%j) nothing untrue is said of them', async (wrong) => {
    const body = {
      ...ofHBase('ignore', { 'pkuse.hbase.filed.mapping': mapping('>= ${window.from:epochMs}') }),
      parameters: [],
      schedule: { cron: '0 0 2 * * ?', timeZone: 'Asia/Shanghai', ...wrong },
    };
    const { body: said } = await post('jobs/validate', body);
    expect(JSON.stringify(said)).not.toContain('epochMs');
    expect(JSON.stringify(said)).toMatch(/schedule/);
    const saved = await post('jobs', body);
    expect(saved.status).toBe(400);
    expect(JSON.stringify(saved.body)).not.toContain('epochMs');
  });

  it('a template that is wrong is one problem, of the template alone, also beside a wrong schedule', async () => {
    for (const cron of ['0 0 2 * * ?', 'x']) {
      const body = {
        ...ofHBase('ignore', { 'pkuse.hbase.filed.mapping': mapping('>= ${nobody}') }),
        parameters: [],
        schedule: { cron, timeZone: 'UTC' },
      };
      const problems = (await problemsOf(body)) as { field: string; message: string }[];
      const ofMapping = problems.filter(({ field }) => field === 'source.config.pkuse.hbase.filed.mapping');
      expect(ofMapping.map(({ message }) => message)).toEqual([
        expect.stringContaining('there is no nobody'),
      ]);
    }
  });

  it('sql.deletes of a query is refused, too', async () => {
    const { source } = job() as { source: { connector: string; config: Record<string, string> } };
    const config = { ...source.config, 'sql.deletes': 'reconcile' };
    expect(await problemsOf(job({ source: { ...source, config } }))).toContainEqual({
      field: 'source.config.sql.deletes',
      message: expect.stringContaining('this is a query; write ignore') as string,
    });
  });
});
