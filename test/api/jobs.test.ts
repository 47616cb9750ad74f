import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SECRET, jobBody, setupApi } from './setup-api.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { FireDecision } from '../../src/core/ports/jobs.ts';
import type { ApiBed } from './setup-api.ts';

const pastCron = { cron: '36 51 03 23 10 ? 2019', timeZone: 'Asia/Shanghai' };

describe('jobs over the admin API', () => {
  let bed: ApiBed;
  beforeEach(async () => {
    bed = await setupApi();
  });
  afterEach(() => bed.close());

  const create = async (change: Record<string, unknown> = {}): Promise<string> => {
    const { status, body } = await bed.ask({ method: 'POST', url: '/api/v1/jobs', payload: jobBody(change) });
    expect(status, JSON.stringify(body)).toBe(201);
    return body.id ?? '';
  };

  it('are created with defaults, a next fire and masked secrets', async () => {
    const { status, body, headers } = await bed.ask({
      method: 'POST',
      url: '/api/v1/jobs',
      payload: jobBody(),
    });
    expect(status).toBe(201);
    expect(headers['etag']).toBe('"1"');
    expect(body).toMatchObject({
      version: 1,
      paused: false,
      spec: {
        mode: 'incremental',
        policy: { dirtyLimit: 0, lagMs: 60_000 },
        schedule: { overlap: 'forbid', misfire: 'once', misfireGraceMs: 20_000 },
        webhook: '***',
      },
    });
    expect(body['nextFireAt']).toBeGreaterThan(Date.now());
    expect(JSON.stringify(body)).not.toContain(SECRET);
  });

  it('never keep a secret in clear on disk', async () => {
    await create();
    const stored = await bed.stored();
    expect(stored).toContain('control_job');
    expect(stored).not.toContain(SECRET);
    expect(stored).not.toContain('token=abc');
  });

  it('keep a stored secret when *** is sent back, and refuse *** where none is stored', async () => {
    const id = await create();
    const { body } = await bed.ask({ method: 'GET', url: `/api/v1/jobs/${id}` });
    const spec = body['spec'] as Record<string, unknown>;
    const update = await bed.ask({
      method: 'PUT',
      url: `/api/v1/jobs/${id}`,
      payload: { ...spec, description: 'new' },
      headers: { 'if-match': '"1"' },
    });
    expect(update.status).toBe(200);
    expect((await bed.store.jobs.read(id))?.spec.sink.config['connection.password']).toBe(SECRET);
    const fresh = await bed.ask({ method: 'POST', url: '/api/v1/jobs', payload: { ...spec, name: 'copy' } });
    expect(fresh).toMatchObject({ status: 400, body: { field: 'webhook' } });
  });

  it('refuse an update on an old version, and one of two at once', async () => {
    const id = await create();
    const put = (): ReturnType<ApiBed['ask']> =>
      bed.ask({
        method: 'PUT',
        url: `/api/v1/jobs/${id}`,
        payload: jobBody(),
        headers: { 'if-match': '"1"' },
      });
    const statuses = (await Promise.all([put(), put()])).map((answer) => answer.status).sort();
    expect(statuses).toEqual([200, 409]);
    const without = await bed.ask({ method: 'PUT', url: `/api/v1/jobs/${id}`, payload: jobBody() });
    expect(without).toMatchObject({ status: 400, body: { field: 'If-Match' } });
    expect(JSON.stringify(without.body)).toContain('the header is missing; send the version');
  });

  it.each([
    ['an unknown cron', { schedule: { cron: '0 0 0 31 2 ?', timeZone: 'UTC' } }, 'schedule.cron'],
    ['a broken cron', { schedule: { cron: 'every day', timeZone: 'UTC' } }, 'schedule.cron'],
    ['an unknown zone', { schedule: { cron: '0 * * * * ?', timeZone: 'Mars/Olympus' } }, 'schedule.timeZone'],
    ['an unknown class', { source: { connector: 'no.such.Source', config: {} } }, 'source.connector'],
    ['a sink as source', { source: { connector: 'FakeSink', config: {} } }, 'source.connector'],
    ['an unknown cluster', { cluster: 'elsewhere' }, 'cluster'],
    [
      "the executor's own key",
      { source: { connector: 'FakeSource', config: { table: 'orders', 'syncline.epoch': '9' } } },
      'source.config.syncline.epoch',
    ],
    ['a webhook that is no URL', { webhook: 'javascript:alert(1)' }, 'webhook'],
    ['an unknown field', { ownerId: 'me' }, 'ownerId'],
    ['a name too long', { name: 'x'.repeat(129) }, 'name'],
    ['a policy out of range', { policy: { timeoutMs: 0 } }, 'policy.timeoutMs'],
    ['a number past all sense', { policy: { dirtyLimit: 1e300 } }, 'policy.dirtyLimit'],
    ['a number that is none', { policy: { maxAttempts: true } }, 'policy.maxAttempts'],
    ['a number as text', { policy: { maxAttempts: '3' } }, 'policy.maxAttempts'],
    ['a name that is a number', { name: 123 }, 'name'],
    ['a name that is a list', { name: ['x9'] }, 'name'],
    ['a blank name', { name: '  ' }, 'name'],
    ['a name with a blank at its end', { name: 'orders ' }, 'name'],
    ['a name with NUL', { name: 'a\0b' }, 'name'],
    ['a name with an escape', { name: 'a\u001b[31m' }, 'name'],
    ['a name that turns round', { name: 'a\u202eb' }, 'name'],
    ['a name with half a character', { name: 'a\ud83d' }, 'name'],
    ['a description with NUL', { description: 'a\0b' }, 'description'],
    ['a cron whose last year is over', { schedule: pastCron }, 'schedule.cron'],
    [
      'a zone of several meanings',
      { schedule: { cron: '0 0 2 * * ?', timeZone: 'CST' } },
      'schedule.timeZone',
    ],
    ['a webhook to loopback', { webhook: 'http://0x7f.1:9/hook' }, 'webhook'],
    ['a mode that is none', { mode: 'sometimes' }, 'mode'],
    [
      'more settings than any connector has',
      {
        source: {
          connector: 'FakeSource',
          config: Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`k${n}`, ''])),
        },
      },
      'source.config',
    ],
  ])('refuse %s, naming the field, and store nothing', async (_what, change, field) => {
    const { status, body } = await bed.ask({ method: 'POST', url: '/api/v1/jobs', payload: jobBody(change) });
    expect(status).toBe(400);
    expect(body.field).toBe(field);
    expect(body['hint']).toMatchObject({ zh: expect.any(String) as string });
    expect((await bed.ask({ method: 'GET', url: '/api/v1/jobs' })).body['jobs']).toEqual([]);
  });

  it('say what is right: the allowed words, when a cron was over, which zones are meant, which host', async () => {
    const detailOf = async (change: Record<string, unknown>): Promise<string> =>
      String(
        (await bed.ask({ method: 'POST', url: '/api/v1/jobs', payload: jobBody(change) })).body['detail'],
      );
    expect(await detailOf({ mode: 'sometimes' })).toContain(
      'mode is "sometimes": it must be one of full, incremental',
    );
    const always = { cron: '0 0 2 * * ?', timeZone: 'UTC' };
    expect(await detailOf({ schedule: { ...always, overlap: 'parallel' } })).toContain(
      'schedule.overlap is "parallel": it must be one of forbid, queue, replace; two runs of one job at once would fence',
    );
    expect(await detailOf({ schedule: { ...always, overlap: 'queue', queueLimit: 0 } })).toContain(
      'schedule.queueLimit is 0: it must be >= 1; right is for example 20',
    );
    expect(await detailOf({ schedule: { ...always, misfire: 'all' } })).toContain(
      'write "overlap": "queue", or "misfire": "once"',
    );
    expect(await detailOf({ webhook: 7 })).not.toContain('7');
    expect(await detailOf({ schedule: pastCron })).toContain('its last time was 2019-10-22T19:51:36.000Z');
    const cst = { cron: '0 0 2 * * ?', timeZone: 'CST' };
    expect(await detailOf({ schedule: cst })).toContain(
      'Asia/Shanghai (China), America/Chicago (US Central)',
    );
    expect(await detailOf({ ownerId: 'me' })).toContain('ownerId is no field');
    const sink = { connector: 'FakeSink', config: { host: '0xc0.0.2.7' } };
    expect(await detailOf({ sink })).toContain(
      'host 0xc0.0.2.7 (192.0.2.7) is an address that egressDeny lists',
    );
  });

  it('are refused where their connectors lead to a place that may not be reached, before it is dialled', async () => {
    const source = { connector: 'FakeSource', config: { table: 'orders', host: '169.254.169.254' } };
    const post = (url: string, payload: object): ReturnType<ApiBed['ask']> =>
      bed.ask({ method: 'POST', url, payload });
    expect(await post('/api/v1/jobs', jobBody({ source }))).toMatchObject({
      status: 400,
      body: { field: 'source.config' },
    });
    expect(await post('/api/v1/jobs/check', jobBody({ source }))).toMatchObject({ status: 400 });
    expect(await post('/api/v1/sources/namespaces', source)).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('link-local') as string },
    });
  });

  it('are saved while their cluster is away, and say what was not looked at', async () => {
    bed.cluster.validate = () =>
      Promise.reject(new SyncError('CONNECT_UNREACHABLE', { message: 'connection refused' }));
    const { status, body } = await bed.ask({ method: 'POST', url: '/api/v1/jobs', payload: jobBody() });
    expect(status).toBe(201);
    expect(body['notes']).toMatchObject([{ en: expect.stringContaining("can't be reached now") as string }]);
  });

  it.each(['__proto__', 'constructor'])('refuse a configuration key %s', async (key) => {
    const payload = JSON.stringify(jobBody()).replace('"table"', `"${key}"`);
    const { status } = await bed.ask({
      method: 'POST',
      url: '/api/v1/jobs',
      payload,
      headers: { 'content-type': 'application/json' },
    });
    expect(status).toBe(400);
  });

  it('refuse a name that is taken', async () => {
    await create();
    expect(await bed.ask({ method: 'POST', url: '/api/v1/jobs', payload: jobBody() })).toMatchObject({
      status: 409,
      body: { code: 'CONFLICT' },
    });
  });

  it('are deleted only when no run is going', async () => {
    const id = await create();
    const { body } = await bed.ask({
      method: 'POST',
      url: `/api/v1/jobs/${id}/runs`,
      payload: { mode: 'full' },
    });
    expect(body['mode']).toBe('full');
    const remove = (): ReturnType<ApiBed['ask']> =>
      bed.ask({ method: 'DELETE', url: `/api/v1/jobs/${id}`, headers: { 'if-match': '"1"' } });
    expect(await bed.ask({ method: 'DELETE', url: `/api/v1/jobs/${id}` })).toMatchObject({
      status: 400,
      body: { field: 'If-Match' },
    });
    expect(await remove()).toMatchObject({ status: 409 });
    expect(await bed.ask({ method: 'POST', url: `/api/v1/runs/${body.id ?? ''}/cancel` })).toMatchObject({
      status: 202,
      body: { state: 'cancelled' },
    });
    expect(await remove()).toMatchObject({ status: 204 });
    expect(await bed.ask({ method: 'GET', url: `/api/v1/jobs/${id}` })).toMatchObject({ status: 404 });
  });

  it('have no next fire while paused', async () => {
    const id = await create();
    expect((await bed.ask({ method: 'POST', url: `/api/v1/jobs/${id}/pause` })).body).toMatchObject({
      paused: true,
      nextFireAt: null,
    });
    expect(
      (await bed.ask({ method: 'POST', url: `/api/v1/jobs/${id}/resume` })).body['nextFireAt'],
    ).toBeGreaterThan(Date.now());
  });

  it('that are changed beside a resume are not left paused, nor without a next fire', async () => {
    const id = await create();
    for (let version = 1; version <= 20; version++) {
      await bed.ask({ method: 'POST', url: `/api/v1/jobs/${id}/pause` });
      await Promise.all([
        bed.ask({
          method: 'PUT',
          url: `/api/v1/jobs/${id}`,
          payload: jobBody({ description: `change ${version}` }),
          headers: { 'if-match': `"${version}"` },
        }),
        bed.ask({ method: 'POST', url: `/api/v1/jobs/${id}/resume` }),
      ]);
      const { body } = await bed.ask({ method: 'GET', url: `/api/v1/jobs/${id}` });
      expect(body).toMatchObject({
        paused: false,
        version: version + 1,
        nextFireAt: expect.any(Number) as number,
      });
    }
  });

  it('that are due keep what is due when only their description changes', async () => {
    const schedule = { cron: '0/10 * * * * ?', timeZone: 'UTC' };
    const id = await create({ schedule });
    const due = Date.UTC(2026, 0, 1);
    const settle = (): FireDecision => ({ runs: [], nextFireAt: due, supersede: null, replace: null });
    await bed.store.jobs.setPaused({ id, paused: false, settle });
    const { body } = await bed.ask({
      method: 'PUT',
      url: `/api/v1/jobs/${id}`,
      payload: jobBody({ schedule, description: 'another' }),
      headers: { 'if-match': '"1"' },
    });
    expect(body).toMatchObject({ version: 2, nextFireAt: due });
    expect((await bed.ask({ method: 'POST', url: `/api/v1/jobs/${id}/resume` })).body).toMatchObject({
      nextFireAt: due,
    });
  });

  it('have their watermark reset only with their name typed, and audited', async () => {
    const id = await create();
    const ledger = bed.target.openLedger();
    await ledger.begin({ job: id, taskId: 'run', digest: '', mode: 'full', byHand: false });
    const put = (confirm: string, watermark = '5'): ReturnType<ApiBed['ask']> => {
      const payload = { watermark, reason: 'restored a backup', confirm };
      return bed.ask({ method: 'PUT', url: `/api/v1/jobs/${id}/watermark`, payload });
    };
    for (const [watermark, detail] of [
      [String(Date.UTC(2126, 0)), 'reading watermark: 4922899200000 is still to come'],
      ['yesterday', "reading watermark: 'yesterday' is no whole number"],
    ]) {
      const answer = await put('orders 每天', watermark);
      expect(answer).toMatchObject({ status: 400, body: { field: 'watermark', detail } });
    }
    expect(await put('wrong')).toMatchObject({ status: 400, body: { field: 'confirm' } });
    expect(await put('orders 每天')).toMatchObject({ status: 200, body: { watermark: '5', epoch: 2 } });
    const audit = await bed.ask({ method: 'GET', url: '/api/v1/audit' });
    expect(JSON.stringify(audit.body)).toContain('null → 5: restored a backup');
  });

  it('are told all fields that a reset of the watermark lacks', async () => {
    const id = await create();
    const put = (payload: object): ReturnType<ApiBed['ask']> =>
      bed.ask({ method: 'PUT', url: `/api/v1/jobs/${id}/watermark`, payload });
    expect(await put({})).toMatchObject({
      status: 400,
      body: { field: 'watermark', detail: 'reading the request: watermark, reason, confirm are missing' },
    });
    expect((await put({ watermark: null, confirm: 'x' })).body['detail']).toBe(
      'reading the request: reason is missing',
    );
  });

  it('have their watermark reset by several at once: each is told its own, or that another one was first', async () => {
    const id = await create();
    const ledger = bed.target.openLedger();
    await ledger.begin({ job: id, taskId: 'run', digest: '', mode: 'full', byHand: false });
    const wanted = ['5', '6', '7'];
    const answers = await Promise.all(
      wanted.map((watermark) =>
        bed.ask({
          method: 'PUT',
          url: `/api/v1/jobs/${id}/watermark`,
          payload: { watermark, reason: 'at once', confirm: 'orders 每天' },
        }),
      ),
    );
    const told = answers.map(({ status, body }, n) =>
      status === 409 ? body['code'] === 'CONFLICT' : status === 200 && body['watermark'] === wanted[n],
    );
    expect(told, JSON.stringify(answers)).toEqual([true, true, true]);
    const epochs = answers.filter(({ status }) => status === 200).map(({ body }) => Number(body['epoch']));
    expect((await ledger.readJob(id))?.epoch).toBe(Math.max(...epochs));
    expect(new Set(epochs).size).toBe(epochs.length);
  });

  it('go on being deleted when another deletion of them, of an older version, is refused', async () => {
    const id = await create();
    await bed.store.jobs.beginRemoval({ id, version: 1 });
    const headers = { 'if-match': '"7"' };
    expect(await bed.ask({ method: 'DELETE', url: `/api/v1/jobs/${id}`, headers })).toMatchObject({
      status: 409,
    });
    expect((await bed.ask({ method: 'GET', url: `/api/v1/jobs/${id}` })).body).toMatchObject({
      deleting: true,
    });
    const { body } = await bed.ask({ method: 'GET', url: '/api/v1/audit' });
    expect(JSON.stringify(body)).toContain('not deleted');
  });

  it('are not deleted while their target is away: they stay as they were, or go by force and say what is left', async () => {
    const id = await create();
    bed.sink.away = true;
    const remove = (query = ''): ReturnType<ApiBed['ask']> =>
      bed.ask({ method: 'DELETE', url: `/api/v1/jobs/${id}${query}`, headers: { 'if-match': '"1"' } });
    expect(await remove()).toMatchObject({ status: 502, body: { code: 'TARGET_UNREACHABLE' } });
    expect((await bed.ask({ method: 'GET', url: `/api/v1/jobs/${id}` })).body).toMatchObject({
      paused: false,
      deleting: false,
      nextFireAt: expect.any(Number) as number,
    });
    expect(await remove('?force=true')).toMatchObject({
      status: 200,
      body: {
        left: [
          {
            what: { en: expect.stringContaining('ledger') as string },
            reason: expect.stringContaining('refused') as string,
          },
        ],
      },
    });
    expect(await bed.ask({ method: 'GET', url: `/api/v1/jobs/${id}` })).toMatchObject({ status: 404 });
    const { body } = await bed.ask({ method: 'GET', url: '/api/v1/audit' });
    const entries = body['entries'] as { action: string; detail: string }[];
    expect(entries.filter(({ action }) => action === 'job.delete').map(({ detail }) => detail)).toEqual([
      expect.stringContaining('deleted by force; left behind: its rows in the ledger of the target'),
      expect.stringContaining('not deleted'),
    ]);
  });
});
