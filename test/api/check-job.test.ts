// POST /jobs/check and /jobs/{id}/check: what the next run would meet, by fake connectors and a ledger in memory.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SyncError } from '../../src/core/errors.ts';
import type { LedgerLook } from '../../src/core/ledger/ledger.ts';
import { freshTrust } from '../../src/core/ledger/target-trust.ts';
import { SECRET, jobBody, setupApi } from './setup-api.ts';
import type { Answer, ApiBed } from './setup-api.ts';

interface Step {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly code?: string;
  readonly doubts?: readonly { readonly en: string; readonly zh: string }[];
}

describe('the check of a job', () => {
  let bed: ApiBed;
  beforeEach(async () => {
    bed = await setupApi();
  });
  afterEach(() => bed.close());

  const create = async (): Promise<string> => {
    const { body } = await bed.ask({ method: 'POST', url: '/api/v1/jobs', payload: jobBody() });
    return body.id ?? '';
  };
  const check = async (path: string, payload?: object): Promise<Answer> => {
    const url = `/api/v1/jobs${path}`;
    const { status, body } = await bed.ask({
      method: 'POST',
      url,
      ...(payload === undefined ? {} : { payload }),
    });
    expect(status, JSON.stringify(body)).toBe(200);
    return body;
  };
  const nextRun = (body: Answer): Step | undefined => {
    const sides = body['sides'] as { side: string; steps: Step[] }[];
    return sides.find(({ side }) => side === 'run')?.steps[0];
  };
  /** The job has run: its source's table is `orders`, its mapping `''`. */
  const hasRun = async (id: string): Promise<LedgerLook> => {
    const ledger = bed.target.openLedger();
    const foreseen = await digestsOf(id);
    await ledger.begin({ job: id, taskId: 'task-1', mode: 'full', byHand: false, ...foreseen });
    const look = await ledger.look(id);
    const trust = { ...freshTrust(foreseen.mapping.digest), deletesFrom: '1' };
    const held = look.held === null ? null : { job: { ...look.held.job, watermark: '1000' }, trust };
    bed.sink.answers.look = () => Promise.resolve({ held, takenBy: null });
    return { held, takenBy: null };
  };
  const digestsOf = async (
    id: string,
  ): Promise<{ digest: string; mapping: { digest: string; version: number } }> => {
    const { wireJob, digestOf, contentOf } = await import('../../executors/run/wire-job.ts');
    const job = await bed.store.jobs.read(id);
    if (job === null) throw new Error('there is no job');
    const wiring = await wireJob(
      { clusters: new Map([['default', bed.cluster]]), plugins: bed.plugins },
      id,
      job.spec,
    );
    return {
      digest: digestOf(wiring, bed.sink),
      mapping: { digest: contentOf(wiring, bed.sink), version: 1 },
    };
  };

  it('of one that never ran says that the first run reads everything, and closes the ledger', async () => {
    expect(nextRun(await check('/check', jobBody()))).toMatchObject({
      name: 'next run',
      ok: true,
      detail: expect.stringContaining('no run of the job began in this target yet') as string,
    });
    expect(nextRun(await check(`/${await create()}/check`))?.ok).toBe(true);
    expect(bed.sink.open).toBe(0);
  });

  it('hands the rows of the source to the sink, and its doubts to the caller, without secrets', async () => {
    const rows = { fields: [{ name: 'id', type: { kind: 'int64' } as const, optional: false }], key: ['id'] };
    bed.source.schemaOf = () => Promise.resolve(rows);
    let given: unknown;
    bed.sink.testConnection = (_config, _signal, schema) => {
      given = schema;
      const doubts = [{ en: `a trigger (${SECRET})`, zh: `触发器（${SECRET}）` }];
      return Promise.resolve([{ name: 'rows', ok: true, detail: SECRET, doubts, tookMs: 1 }]);
    };
    const body = await check('/check', jobBody());
    expect(given).toEqual(rows);
    expect(body['ok']).toBe(true);
    expect(JSON.stringify(body)).toContain('a trigger (***)');
    expect(JSON.stringify(body)).not.toContain(SECRET);
  });

  it('goes on with the sink where the source can not say what its rows are', async () => {
    bed.source.schemaOf = () => Promise.reject(new SyncError('SOURCE_UNREACHABLE', { message: 'away' }));
    let calls = 0;
    bed.sink.testConnection = (_config, _signal, schema) => {
      calls += schema === undefined ? 1 : 100;
      return Promise.resolve([]);
    };
    await check('/check', jobBody());
    expect(calls).toBe(1);
  });

  it('of one that ran says where it goes on; of its edit, that another source refuses an increment', async () => {
    const id = await create();
    await hasRun(id);
    expect(nextRun(await check(`/${id}/check`))).toMatchObject({
      ok: true,
      detail: 'it goes on where the last complete one ended',
    });
    const other = jobBody({ source: { connector: 'test.FakeSource', config: { table: 'others' } } });
    const edit = { ...other, sink: { connector: 'FakeSink', config: { 'connection.password': '***' } } };
    const body = await check(`/check?job=${id}`, edit);
    expect(body['ok']).toBe(false);
    expect(nextRun(body)).toMatchObject({
      ok: false,
      code: 'DIGEST_CHANGED',
      hint: {
        en: expect.stringContaining('mode full') as string,
        zh: expect.stringContaining('full') as string,
      },
    });
    expect(nextRun(await check(`/check?job=${id}`, { ...edit, mode: 'full' }))).toMatchObject({
      ok: true,
      detail: 'it reads everything again',
    });
    // Nothing was saved by it.
    expect((await bed.store.jobs.read(id))?.version).toBe(1);
  });

  it('of an edit of the mapping says from which version on rows keep the old columns; a full run takes it away', async () => {
    const id = await create();
    await hasRun(id);
    bed.source.content = () => 'another mapping';
    expect(nextRun(await check(`/check?job=${id}`, jobBody()))).toMatchObject({
      ok: true,
      doubts: [
        {
          en: expect.stringContaining('mapping changed in version 2: rows unchanged since') as string,
          zh: expect.stringContaining('映射在版本 2 中改变') as string,
        },
      ],
    });
    expect(nextRun(await check(`/check?job=${id}`, jobBody({ mode: 'full' })))?.doubts).toBeUndefined();
  });

  it('names the job that has the table already', async () => {
    const first = await create();
    bed.sink.answers.look = () => Promise.resolve({ held: null, takenBy: first });
    const body = await check('/check', jobBody({ name: 'second' }));
    expect(nextRun(body)).toMatchObject({ ok: false, code: 'TABLE_TAKEN' });
    expect(nextRun(body)?.detail).toContain(`orders 每天 (${first})`);
    bed.sink.answers.look = () => Promise.resolve({ held: null, takenBy: 'connect:by-hand' });
    expect(nextRun(await check('/check', jobBody({ name: 'second' })))?.detail).toContain('connect:by-hand');
  });

  it.each(['TARGET_LOGIN', 'TARGET_UNREACHABLE'] as const)(
    'does not ask for the ledger where the sink could not get in: %s',
    async (code) => {
      bed.sink.testConnection = () =>
        Promise.resolve([{ name: 'connect', ok: false, detail: 'no', code, tookMs: 1 }]);
      const body = await check('/check', jobBody());
      expect(nextRun(body)).toBeUndefined();
      expect(body['ok']).toBe(false);
    },
  );

  it('of a job that is not there is refused', async () => {
    const url = '/api/v1/jobs/check?job=nobody';
    expect(await bed.ask({ method: 'POST', url, payload: jobBody() })).toMatchObject({
      status: 404,
      body: { code: 'NOT_FOUND' },
    });
  });
});
