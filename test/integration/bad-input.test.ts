// What a user or a broken system can do wrong, as a job's run shows it: it fails with the cause first, names the field or system,
// leaves nothing half made in the target, and the next run after the mend is proved.
import { fileURLToPath } from 'node:url';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { awaitEnd, createJob, runJob, triggerRun } from '../support/job-runs.ts';
import type { EndedRun, JobBody } from '../support/job-runs.ts';
import { hasLockWaiter } from '../support/lock-waiter.ts';
import { startSyncline } from '../support/start-syncline.ts';
import type { SynclineProcess } from '../support/start-syncline.ts';
import { openSyncBed } from '../support/sync-bed.ts';
import type { SyncBed } from '../support/sync-bed.ts';
import { waitUntil } from '../support/wait-until.ts';
import { english } from '../support/english.ts';

const stack = inject('stack');
const ROWS = 500;
const LIMIT_MS = 60_000;
/** A system that is not there is said so within seconds, on a busy machine, too. */
const SECONDS_MS = 15_000;
const MAPPING = 'pkuse.hbase.filed.mapping';

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
    expect(ended).toMatchObject({ state: 'failed', reason: { code: 'SOURCE_UNREACHABLE' } });
    expect(ended.reason?.message).toContain('127.0.0.1:1');
    expect(ended.endedAt - ended.startedAt).toBeLessThan(SECONDS_MS);
  });

  it('fails and names the system when the target is not there', async () => {
    const url = `jdbc:mysql://127.0.0.1:1/${bed.mysql.database}`;
    const ended = await runOnce(
      edited((spec) => {
        spec.sink.config['connection.url'] = url;
        // A service that is away is waited for so long.
        spec.policy = { ...spec.policy, startMs: 3_000 };
      }),
    );
    expect(ended).toMatchObject({ state: 'failed', reason: { code: 'TARGET_UNREACHABLE' } });
    expect(ended.reason?.message).toContain('127.0.0.1:1');
    expect(ended.endedAt - ended.startedAt).toBeLessThan(SECONDS_MS);
  });

  it.each([
    ['cron', 'schedule.cron', (spec: JobBody) => (spec.schedule = { cron: '0 61 * * * ?', timeZone: 'UTC' })],
    [
      'zone',
      'schedule.timeZone',
      (spec: JobBody) => (spec.schedule = { cron: '0 * * * * ?', timeZone: 'Mars' }),
    ],
    ['connector class', 'source.connector', (spec: JobBody) => (spec.source.connector = 'no.such.Source')],
    [
      'column type',
      `source.config.${MAPPING}`,
      (spec: JobBody) =>
        (spec.source.config[MAPPING] = (spec.source.config[MAPPING] ?? '').replace('bigint', 'bigger')),
    ],
  ])('refuses a job with an unknown %s, naming the field, and makes none', async (_, field, change) => {
    const spec = edited(change);
    const { status, body } = await syncline.api('POST', '/api/v1/jobs', spec);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'BAD_INPUT', field });
    const { body: jobs } = await syncline.api('GET', '/api/v1/jobs?limit=200');
    expect(JSON.stringify(jobs)).not.toContain(`"${spec.name}"`);
  });

  it('fails and names the one that was meant when a column is mistyped beside right ones', async () => {
    const ended = await runOnce(
      edited((spec) => {
        spec.source.config[MAPPING] = (spec.source.config[MAPPING] ?? '').replace('f:content', 'f:contnet');
      }),
    );
    expect(ended).toMatchObject({ state: 'failed', reason: { code: 'MAPPING_INVALID' } });
    expect(ended.reason?.message).toContain(
      "sourceFiled 'f:contnet': no row of the table has this column; did you mean f:content?",
    );
  });

  it('reports a mapped column that no row has, by exact count', async () => {
    const ended = await runOnce(
      edited((spec) => {
        spec.source.config[MAPPING] = (spec.source.config[MAPPING] ?? '').replace('f:content', 'f:remark');
      }),
    );
    expect(ended).toMatchObject({ state: 'succeeded', report: { outcome: 'proved' } });
    expect(english(ended.report?.notes)).toContainEqual(
      expect.stringMatching(/^not seen in \d+ sampled rows: f:remark/),
    );
    expect(english(ended.report?.notes)).toContainEqual(
      expect.stringContaining(`in none of the ${ROWS} rows read: f:remark`),
    );
  });

  it('fails with the GRANT to copy when the user may not make the ledger; after it the next run is proved', async () => {
    const user = `poor_${process.pid}`;
    await bed.mysql.execute(`CREATE OR REPLACE USER '${user}'@'127.0.0.1' IDENTIFIED BY 'pw-of-nobody'`);
    await bed.mysql.execute(`GRANT SELECT ON \`${bed.mysql.database}\`.* TO '${user}'@'127.0.0.1'`);
    const other = `${bed.mysql.database}_poor`;
    await bed.mysql.execute(`CREATE DATABASE \`${other}\``);
    await bed.mysql.execute(`GRANT SELECT ON \`${other.replaceAll('_', '\\_')}\`.* TO '${user}'@'127.0.0.1'`);
    const job = await create(
      edited((spec) => {
        const { config } = spec.sink;
        config['connection.url'] = (config['connection.url'] ?? '').replace(bed.mysql.database, other);
        Object.assign(config, { 'connection.user': user, 'connection.password': 'pw-of-nobody' });
      }),
    );
    const ended = await run(job);
    expect(ended).toMatchObject({ state: 'failed', reason: { code: 'TARGET_DENIED' } });
    const grant = /GRANT .*;/.exec(ended.reason?.message ?? '')?.[0] ?? '';
    await bed.mysql.execute(grant);
    expect(await run(job)).toMatchObject({ state: 'succeeded', report: { outcome: 'proved' } });
    await bed.mysql.execute(`DROP USER '${user}'@'127.0.0.1'`);
    await bed.mysql.execute(`DROP DATABASE \`${other}\``);
  });

  it('fails and names both clocks when they are apart', async () => {
    const ahead = await startSyncline({
      preload: fileURLToPath(new URL('../support/shift-clock.js', import.meta.url)),
      settings: { SYNCLINE_KAFKA: stack?.kafka.brokers ?? '', SYNCLINE_TEST_CLOCK_AHEAD_MS: '600000' },
    });
    try {
      const ended = await run(
        await create(
          edited(() => undefined),
          ahead,
        ),
        ahead,
      );
      expect(ended).toMatchObject({ state: 'failed', reason: { code: 'CLOCK_SKEW' } });
      expect(ended.reason?.message).toMatch(/region server .*:\d+ .*this host/);
    } finally {
      await ahead.stop();
    }
  });

  it('fails and names the field when the mapping names no existing column', async () => {
    const ended = await runOnce(
      edited((spec) => {
        spec.source.config[MAPPING] = (spec.source.config[MAPPING] ?? '')
          .replace('f:number', 'f:nothing')
          .replace('f:content', 'f:void');
      }),
    );
    expect(ended).toMatchObject({ state: 'failed', reason: { code: 'MAPPING_INVALID' } });
    expect(ended.reason?.message).toMatch(/none of the mapped columns.*f:content, f:number/);
  });

  it('fails and names the user when the password is wrong', async () => {
    const ended = await runOnce(edited((spec) => (spec.sink.config['connection.password'] = 'wrong')));
    expect(ended).toMatchObject({ state: 'failed', reason: { code: 'TARGET_LOGIN' } });
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
    const [table, topic] = ['topicless', `gone_default_${bed.table}`];
    // More than reader and sink hold between them: when the topic goes, rows are surely missing.
    await bed.write(0, ROWS, 'x'.repeat(60_000));
    const job = await create(
      edited((spec) => {
        spec.sink.config['table.name.format'] = table;
        spec.source.config['pkuse.kafka.topic.prefix'] = 'gone_';
        spec.sink.config['batch.size'] = '5';
      }),
    );
    expect(await run(job)).toMatchObject({ state: 'succeeded' });
    await bed.mysql.root.query('BEGIN');
    await bed.mysql.root.query(`SELECT id FROM ${table} FOR UPDATE`);
    const runId = await triggerRun(syncline, job);
    await waitUntil('the sink waits for a lock', () => hasLockWaiter(bed.mysql), LIMIT_MS);
    const admin = new Kafka({ brokers: [stack.kafka.brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [topic] });
    await waitUntil('the topic is gone', async () => !(await admin.listTopics()).includes(topic), LIMIT_MS);
    await admin.disconnect();
    await bed.mysql.root.query('ROLLBACK');
    expect(await awaitEnd(syncline, runId)).toMatchObject({
      state: 'failed',
      reason: { code: 'TOPIC_MISSING' },
    });
    expect(await run(job)).toMatchObject({ state: 'succeeded', report: { outcome: 'proved' } });
  });

  function edited(change: (spec: JobBody) => unknown): JobBody {
    serial += 1;
    const spec = structuredClone(bed.job({ mode: 'full' })) as unknown as JobBody;
    spec.name = `bad input ${serial}`;
    spec.sink.config['table.name.format'] = `bad_input_${serial}`;
    change(spec);
    return spec;
  }

  function create(spec: JobBody, on = syncline): Promise<string> {
    return createJob(on, spec);
  }

  function run(jobId: string, on = syncline): Promise<EndedRun> {
    return runJob(on, jobId);
  }

  async function runOnce(spec: JobBody): Promise<EndedRun> {
    return run(await create(spec));
  }
});
