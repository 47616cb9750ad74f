// What a user or a broken system can do wrong, as a job's run shows it: it fails with the cause first, names the field or system,
// leaves nothing half made in the target, and the next run after the mend is proved.
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { hasLockWaiter } from '../support/lock-waiter.ts';
import { startSyncline } from '../support/start-syncline.ts';
import type { SynclineProcess } from '../support/start-syncline.ts';
import { openSyncBed } from '../support/sync-bed.ts';
import type { SyncBed } from '../support/sync-bed.ts';
import { waitUntil } from '../support/wait-until.ts';

const stack = inject('stack');
const ROWS = 500;
const LIMIT_MS = 60_000;

interface Spec {
  name: string;
  source: { connector: string; config: Record<string, string> };
  sink: { connector: string; config: Record<string, string> };
}

interface Ended {
  readonly state: string;
  readonly reason: { readonly code: string; readonly message: string } | null;
  readonly report: { readonly outcome: string } | null;
}

describe.skipIf(stack === null)('a run on bad input', () => {
  let bed: SyncBed;
  let syncline: SynclineProcess;
  let serial = 0;

  beforeAll(async () => {
    if (stack === null) return;
    bed = await openSyncBed(stack, 'bad_input');
    await bed.write(0, ROWS, 'content');
    syncline = await startSyncline({ settings: { SYNCLINE_KAFKA: stack.kafka.brokers } });
  }, 120_000);

  afterAll(async () => {
    await syncline.stop();
    await bed.close();
  });

  it('fails and names the system when HBase is not there', async () => {
    const ended = await runOnce(
      edited((spec) => {
        spec.source.config['pkuse.hbase.port'] = '1';
        spec.source.config['hbase.retry.ms'] = '1000';
      }),
    );
    expect(ended).toMatchObject({ state: 'failed', reason: { code: 'HBASE_UNREACHABLE' } });
    expect(ended.reason?.message).toContain('127.0.0.1:1');
  });

  it('fails and names the field when the mapping names no existing column', async () => {
    const ended = await runOnce(
      edited((spec) => {
        const key = 'pkuse.hbase.filed.mapping';
        spec.source.config[key] = (spec.source.config[key] ?? '')
          .replace('f:number', 'f:nothing')
          .replace('f:content', 'f:void');
      }),
    );
    expect(ended).toMatchObject({ state: 'failed', reason: { code: 'MAPPING_INVALID' } });
    expect(ended.reason?.message).toMatch(/none of the mapped columns.*f:content, f:number/);
  });

  it('fails and names the user when the password is wrong', async () => {
    const ended = await runOnce(edited((spec) => (spec.sink.config['connection.password'] = 'wrong')));
    expect(ended).toMatchObject({ state: 'failed', reason: { code: 'TARGET_DENIED' } });
    expect(ended.reason?.message).toContain(`user '${bed.mysql.configOf('copy')['connection.user'] ?? ''}'`);
    expect(JSON.stringify(ended)).not.toContain('wrong"');
  });

  it('fails and names the table when it is missing and may not be made', async () => {
    const ended = await runOnce(edited((spec) => (spec.sink.config['auto.create'] = 'false')));
    expect(ended).toMatchObject({ state: 'failed', reason: { code: 'TARGET_SCHEMA' } });
    expect(ended.reason?.message).toMatch(/bad_input_\d+.*auto\.create/s);
  });

  it('refuses a key column whose collation folds', async () => {
    const table = 'folding';
    await bed.mysql.execute(
      `CREATE TABLE ${table} (id ${bed.mysql.foldingKey} PRIMARY KEY, number BIGINT, content TEXT)`,
    );
    const ended = await runOnce(edited((spec) => (spec.sink.config['table.name.format'] = table)));
    expect(ended).toMatchObject({ state: 'failed', reason: { code: 'KEYS_MAY_MERGE' } });
    expect(await bed.mysql.readRows(table, ['id'])).toEqual([]);
  });

  it('fails on a value too long for its column, naming key and field; wider, the next run is proved', async () => {
    const table = 'narrow';
    await bed.mysql.execute(
      `CREATE TABLE ${table} (id ${bed.mysql.exactKey} PRIMARY KEY, number BIGINT, content VARCHAR(3))`,
    );
    const job = await create(edited((spec) => (spec.sink.config['table.name.format'] = table)));
    const ended = await run(job);
    expect(ended).toMatchObject({ state: 'failed', reason: { code: 'DIRTY_LIMIT' } });
    expect(ended.reason?.message).toMatch(/field content/);
    await bed.mysql.execute(`ALTER TABLE ${table} MODIFY content VARCHAR(30)`);
    expect(await run(job)).toMatchObject({ state: 'succeeded', report: { outcome: 'proved' } });
    expect(await bed.mysql.readRows(table, ['id'])).toHaveLength(ROWS);
  });

  it('fails when the topic goes in mid run, and the next run repairs', async () => {
    if (stack === null) return;
    const table = 'topicless';
    const job = await create(
      edited((spec) => {
        spec.sink.config['table.name.format'] = table;
        spec.source.config['pkuse.kafka.topic.prefix'] = 'gone_';
      }),
    );
    expect(await run(job)).toMatchObject({ state: 'succeeded' });
    await bed.mysql.root.query('BEGIN');
    await bed.mysql.root.query(`SELECT id FROM ${table} FOR UPDATE`);
    const runId = await trigger(job);
    await waitUntil('the sink waits for a lock', () => hasLockWaiter(bed.mysql), LIMIT_MS);
    const admin = new Kafka({ brokers: [stack.kafka.brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [`gone_default_${bed.table}`] });
    await admin.disconnect();
    await bed.mysql.root.query('ROLLBACK');
    // What was already fetched may be all there was: then the run is proved after all. Never anything else.
    const ended = await end(runId);
    expect(['failed', 'succeeded']).toContain(ended.state);
    if (ended.state === 'failed') expect(ended.reason?.code).toBe('TOPIC_MISSING');
    expect(await run(job)).toMatchObject({ state: 'succeeded', report: { outcome: 'proved' } });
  });

  function edited(change: (spec: Spec) => unknown): Spec {
    serial += 1;
    const spec = structuredClone(bed.job({ mode: 'full' })) as unknown as Spec;
    spec.name = `bad input ${serial}`;
    spec.sink.config['table.name.format'] = `bad_input_${serial}`;
    change(spec);
    return spec;
  }

  async function create(spec: Spec): Promise<string> {
    const { status, body } = await syncline.api('POST', '/api/v1/jobs', spec);
    expect(status, JSON.stringify(body)).toBe(201);
    return String(body['id']);
  }

  async function trigger(jobId: string): Promise<string> {
    return String((await syncline.api('POST', `/api/v1/jobs/${jobId}/runs`)).body['id']);
  }

  async function end(runId: string): Promise<Ended> {
    let body: Record<string, unknown> = {};
    await waitUntil(
      `run ${runId} ends`,
      async () => {
        body = (await syncline.api('GET', `/api/v1/runs/${runId}`)).body;
        return body['endedAt'] !== null;
      },
      LIMIT_MS,
    );
    return body as unknown as Ended;
  }

  async function run(jobId: string): Promise<Ended> {
    return end(await trigger(jobId));
  }

  async function runOnce(spec: Spec): Promise<Ended> {
    return run(await create(spec));
  }
});
