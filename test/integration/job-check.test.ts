// The check of a job against real services, through the API: what it foresees is what the run then meets, and it leaves no trace.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createJob, runJob } from '../support/job-runs.ts';
import type { JobBody } from '../support/job-runs.ts';
import { dropTable, placeOf } from '../support/hbase-cluster.ts';
import { startSyncline } from '../support/start-syncline.ts';
import type { SynclineProcess } from '../support/start-syncline.ts';
import { openSyncBed } from '../support/sync-bed.ts';
import type { SyncBed } from '../support/sync-bed.ts';

const stack = inject('stack');
const ROWS = 50;

interface Step {
  readonly side: string;
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly code?: string;
  readonly doubts?: readonly { readonly en: string; readonly zh: string }[];
}

describe.skipIf(stack === null)('the check of a job', () => {
  let bed: SyncBed;
  let syncline: SynclineProcess;
  let serial = 0;

  beforeAll(async () => {
    if (stack === null) return;
    bed = await openSyncBed(stack, 'job_check');
    await bed.write(0, ROWS, 'content');
    syncline = await startSyncline({ settings: { SYNCLINE_KAFKA: stack.kafka.brokers } });
  }, 120_000);

  afterAll(async () => {
    await syncline.stop();
    await bed.close();
  });

  const jobTo = (table: string, more: Record<string, string> = {}): JobBody => {
    const job = structuredClone(bed.job()) as unknown as JobBody;
    job.name = `check ${(serial += 1)}`;
    job.policy = { lagMs: 500 };
    Object.assign(job.sink.config, { 'table.name.format': table, ...more });
    return job;
  };
  const check = async (path: string, body?: JobBody): Promise<readonly Step[]> => {
    const answer = await syncline.api('POST', `/api/v1/jobs${path}`, body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    const sides = answer.body['sides'] as unknown as { side: string; steps: Step[] }[];
    const steps = sides.flatMap(({ side, steps: each }) => each.map((step) => ({ ...step, side })));
    expect(answer.body['ok']).toBe(steps.every(({ ok }) => ok));
    return steps;
  };
  const failures = (steps: readonly Step[]): readonly (readonly [string, string, string | undefined])[] =>
    steps.filter(({ ok }) => !ok).map(({ side, name, code }) => [side, name, code]);
  const stepOf = (steps: readonly Step[], side: string, name: string): Step | undefined =>
    steps.find((step) => step.side === side && step.name === name);

  it('of a MariaDB target with nothing in it makes nothing, and neither does asking for a watermark or deleting the job', async () => {
    const before = await bed.mysql.footprint();
    const job = jobTo('fresh');
    const steps = await check('/check', job);
    expect(failures(steps)).toEqual([]);
    expect(stepOf(steps, 'sink', 'ledger')?.detail).toContain('the first run will make the ledger tables');
    expect(stepOf(steps, 'sink', 'rows')?.detail).toContain('CREATE TABLE');
    expect(stepOf(steps, 'run', 'next run')?.detail).toContain('no run of the job began');
    const id = await createJob(syncline, job);
    expect(failures(await check(`/${id}/check`))).toEqual([]);
    expect((await syncline.api('GET', `/api/v1/jobs/${id}/watermark`)).body).toEqual({
      watermark: null,
      epoch: 0,
    });
    expect(
      (await syncline.api('DELETE', `/api/v1/jobs/${id}`, undefined, { 'if-match': '"1"' })).status,
    ).toBe(204);
    expect(await bed.mysql.footprint()).toEqual(before);
  });

  it('names all missing columns with the ALTER, values that do not fit, keys that merge and triggers; the run meets the same', async () => {
    await bed.mysql.execute(`CREATE TABLE parts (id ${bed.mysql.exactKey} PRIMARY KEY)`);
    const job = jobTo('parts');
    const missing = stepOf(await check('/check', job), 'sink', 'rows');
    expect(missing).toMatchObject({ ok: false, code: 'TARGET_SCHEMA' });
    const id = await createJob(syncline, job);
    expect((await runJob(syncline, id)).reason).toMatchObject({ code: 'TARGET_SCHEMA' });
    await bed.mysql.execute(/ALTER TABLE [^;]*;/.exec(missing?.detail ?? '')?.[0] ?? '');
    expect(failures(await check(`/${id}/check`))).toEqual([]);
    await bed.mysql.execute('ALTER TABLE parts MODIFY number SMALLINT');
    expect(stepOf(await check(`/${id}/check`), 'sink', 'rows')?.detail).toContain(
      'does not hold every bigint',
    );
    await bed.mysql.execute(`ALTER TABLE parts MODIFY number BIGINT, MODIFY id ${bed.mysql.foldingKey}`);
    expect(failures(await check(`/${id}/check`))).toEqual([['sink', 'rows', 'KEYS_MAY_MERGE']]);
    await bed.mysql.execute(`ALTER TABLE parts MODIFY id ${bed.mysql.exactKey}`);
    await bed.mysql.execute(
      'CREATE TRIGGER shout BEFORE INSERT ON parts FOR EACH ROW SET NEW.content = UPPER(NEW.content)',
    );
    const doubted = stepOf(await check(`/${id}/check`), 'sink', 'rows');
    expect(doubted?.ok).toBe(true);
    expect(doubted?.doubts?.map(({ en }) => en)).toContainEqual(expect.stringContaining('trigger shout'));
    const ended = await runJob(syncline, id);
    expect(ended.report?.outcome).toBe('delivered');
  });

  it('tells a wrong password from a missing right, and a user without CREATE can check what is there', async () => {
    const wrong = await check('/check', jobTo('copy', { 'connection.password': 'wrong' }));
    expect(failures(wrong)).toEqual([['sink', 'connect and log in', 'TARGET_LOGIN']]);
    await bed.mysql.execute(
      `CREATE TABLE kept (id ${bed.mysql.exactKey} PRIMARY KEY, number BIGINT, content LONGTEXT)`,
    );
    const id = await createJob(syncline, jobTo('kept'));
    expect((await runJob(syncline, id)).report?.outcome).toBe('proved');
    const user = `${bed.mysql.user}_few`;
    const on = `\`${bed.mysql.database.replaceAll('_', '\\_')}\`.*`;
    await bed.mysql.execute(`CREATE OR REPLACE USER '${user}'@'127.0.0.1' IDENTIFIED BY 'pw'`);
    await bed.mysql.execute(`GRANT SELECT, INSERT, TRIGGER ON ${on} TO '${user}'@'127.0.0.1'`);
    const few = jobTo('kept', { 'connection.user': user, 'connection.password': 'pw' });
    const before = await bed.mysql.footprint();
    const denied = await check(`/check?job=${id}`, few);
    expect(failures(denied)).toEqual([
      ['sink', 'ledger', 'TARGET_DENIED'],
      ['sink', 'rights', 'TARGET_DENIED'],
    ]);
    expect(stepOf(denied, 'sink', 'rights')?.detail).toMatch(/UPDATE.*GRANT /);
    await bed.mysql.execute(`GRANT UPDATE, DELETE ON ${on} TO '${user}'@'127.0.0.1'`);
    expect(failures(await check(`/check?job=${id}`, few))).toEqual([]);
    const missing = await check('/check', {
      ...few,
      sink: jobTo('', { ...few.sink.config, 'table.name.format': 'not_there' }).sink,
    });
    expect(failures(missing)).toContainEqual(['sink', 'table', 'TARGET_DENIED']);
    expect(await bed.mysql.footprint()).toEqual(before);
    await bed.mysql.execute(`DROP USER '${user}'@'127.0.0.1'`);
  });

  it('of an edit foresees a refused increment, rows that keep the old columns, and a table that another job has', async () => {
    const job = jobTo('edited');
    const id = await createJob(syncline, job);
    expect((await runJob(syncline, id)).report?.outcome).toBe('proved');
    expect(stepOf(await check(`/${id}/check`), 'run', 'next run')).toMatchObject({
      ok: true,
      detail: expect.stringContaining('goes on') as string,
    });
    const mapping = 'pkuse.hbase.filed.mapping';
    const remapped = structuredClone(job);
    remapped.source.config[mapping] = (job.source.config[mapping] ?? '').replace('f:content', 'f:number');
    const mixed = stepOf(await check(`/check?job=${id}`, remapped), 'run', 'next run');
    expect(mixed?.doubts?.[0]?.en).toContain('mapping changed in version 2');
    const moved = structuredClone(job);
    moved.sink.config['table.name.format'] = 'elsewhere';
    expect(failures(await check(`/check?job=${id}`, moved))).toEqual([['run', 'next run', 'DIGEST_CHANGED']]);
    expect(failures(await check(`/check?job=${id}`, { ...moved, mode: 'full' }))).toEqual([]);
    const taken = await check('/check', jobTo('edited'));
    expect(failures(taken)).toEqual([['run', 'next run', 'TABLE_TAKEN']]);
    expect(stepOf(taken, 'run', 'next run')?.detail).toContain(`${job.name} (${id})`);
    await syncline.api('PUT', `/api/v1/jobs/${id}`, remapped, { 'if-match': '"1"' });
    const ended = await runJob(syncline, id);
    expect(ended.report?.outcome).toBe('delivered');
    expect(JSON.stringify(ended.report)).toContain('mapping changed in version 2');
  });

  it('of an HBase target makes no ledger table and no table, and knows a missing family and the job that has it', async () => {
    if (stack === null) return;
    const [table, ledger] = [`${bed.table}_copy`, `${bed.table}_ledger`];
    const job = jobTo('unused');
    job.sink = {
      connector: 'HBaseSinkConnector',
      config: {
        ...placeOf(stack.hbase),
        'table.name.format': table,
        'hbase.ledger.table': ledger,
        'auto.create': 'true',
      },
    };
    const there = async (): Promise<readonly boolean[]> =>
      Promise.all(
        [table, ledger].map(async (name) => (await bed.hbase.admin.describeTable(name)) !== undefined),
      );
    expect(failures(await check('/check', job))).toEqual([]);
    const id = await createJob(syncline, job);
    expect(failures(await check(`/${id}/check`))).toEqual([]);
    expect((await syncline.api('GET', `/api/v1/jobs/${id}/watermark`)).status).toBe(200);
    expect(await there()).toEqual([false, false]);
    expect((await runJob(syncline, id)).report?.outcome).toBe('proved');
    const steps = await check(`/${id}/check`);
    expect(failures(steps)).toEqual([]);
    expect(stepOf(steps, 'sink', 'rows')?.doubts).toBeUndefined();
    expect(failures(await check('/check', { ...job, name: 'second' }))).toEqual([
      ['run', 'next run', 'TABLE_TAKEN'],
    ]);
    const other = structuredClone(job);
    other.sink.config['hbase.family'] = 'g';
    expect(failures(await check(`/check?job=${id}`, { ...other, mode: 'full' }))).toEqual([
      ['sink', 'rows', 'TARGET_SCHEMA'],
    ]);
    for (const name of [table, ledger]) await dropTable(bed.hbase, name);
  });

  it('of an SQLite target makes no file', async () => {
    const job = jobTo('unused');
    job.sink = {
      connector: 'SqliteSinkConnector',
      config: { 'connection.url': 'deep/copy.db', 'table.name.format': 'copy', 'auto.create': 'true' },
    };
    const id = await createJob(syncline, job);
    const steps = await check(`/${id}/check`);
    expect(failures(steps)).toEqual([]);
    expect(stepOf(steps, 'sink', 'rights')?.detail).toContain('the first run will make deep/copy.db');
    expect((await syncline.api('GET', `/api/v1/jobs/${id}/watermark`)).body).toEqual({
      watermark: null,
      epoch: 0,
    });
    expect(stepOf(await check(`/${id}/check`), 'sink', 'rights')?.detail).toContain(
      'the first run will make',
    );
    expect((await runJob(syncline, id)).report?.outcome).toBe('proved');
    expect(stepOf(await check(`/${id}/check`), 'run', 'next run')?.detail).toContain('goes on');
  });
});
