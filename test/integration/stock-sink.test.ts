// Whole runs from a source of ours into a sink of a real Kafka Connect: FileStreamSink, which writes what it gets as lines.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { english } from '../support/english.ts';
import { connectHbase, dropTable, hbaseJobSource, mappingOf } from '../support/hbase-cluster.ts';
import { awaitEnd, createJob, runJob, triggerRun } from '../support/job-runs.ts';
import type { JobBody } from '../support/job-runs.ts';
import { putRows } from '../support/read-table.ts';
import { startSyncline } from '../support/start-syncline.ts';
import type { SynclineProcess } from '../support/start-syncline.ts';
import { waitUntil } from '../support/wait-until.ts';

const stack = inject('stack');
const ROWS = 3_000;
const LIMIT_MS = 120_000;
const TEXT = 'org.apache.kafka.connect.storage.StringConverter';

describe.skipIf(stack?.connect === undefined)('a job into a sink of a real Kafka Connect', () => {
  const { url = '', workDir = '' } = stack?.connect ?? {};
  const tag = `stock-${Date.now().toString(36)}`;
  let syncline: SynclineProcess;
  let fileRoot: string;
  let serial = 0;

  beforeAll(async () => {
    if (stack === null) return;
    fileRoot = await mkdtemp(join(tmpdir(), 'syncline-stock-'));
    await writeFile(
      join(fileRoot, 'in.txt'),
      Array.from({ length: ROWS }, (_, index) => `line ${index} 行\n`).join(''),
    );
    syncline = await startSyncline({
      settings: {
        SYNCLINE_KAFKA: stack.kafka.brokers,
        SYNCLINE_FILE_ROOT: fileRoot,
        SYNCLINE_CONNECT: `real=${url}`,
      },
    });
  }, LIMIT_MS);

  afterAll(async () => {
    await syncline.stop();
    rmSync(fileRoot, { recursive: true, force: true });
  });

  function jobOf(change: (job: JobBody & { sink: { cluster?: string } }) => void = () => undefined): {
    job: JobBody;
    out: string;
  } {
    serial += 1;
    const out = `${tag}-${serial}.out`;
    const job = {
      name: `${tag} ${serial}`,
      mode: 'full' as const,
      policy: { maxAttempts: 1 },
      source: {
        connector: 'io.syncline.file.FileSourceConnector',
        config: { file: 'in.txt', topic: `${tag}-${serial}` },
      },
      sink: {
        connector: 'org.apache.kafka.connect.file.FileStreamSinkConnector',
        cluster: 'real',
        config: { file: out, 'value.converter': TEXT },
      },
    };
    change(job);
    return { job, out };
  }

  /** The rows that the sink wrote: it got the envelope as text. */
  function payloadsIn(out: string): Record<string, string>[] {
    return readFileSync(join(workDir, out), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { payload: Record<string, string> }).payload);
  }

  function linesIn(out: string): (string | undefined)[] {
    return payloadsIn(out).map(({ line }) => line);
  }

  async function connectorsOf(id: string): Promise<string[]> {
    const names: string[] = [];
    for (const at of [syncline.workerUrl ?? '', url])
      names.push(...((await (await fetch(`${at}/connectors`)).json()) as string[]));
    return names.filter((name) => name.includes(id));
  }

  it(
    'is delivered, whole, says what it counted; a second run counts and writes its own; deleting the job removes both connectors',
    async () => {
      const { job, out } = jobOf();
      const id = await createJob(syncline, job);
      for (const times of [1, 2]) {
        const ended = await runJob(syncline, id);
        expect(ended, JSON.stringify(ended)).toMatchObject({
          state: 'succeeded',
          report: { outcome: 'delivered', counts: { read: ROWS, emitted: ROWS, written: null } },
        });
        expect(english(ended.report?.notes)).toContain(
          `records that the sink took: all ${ROWS} of this run, by the offsets that it committed`,
        );
        const lines = linesIn(out);
        expect(lines.length).toBe(times * ROWS);
        expect(new Set(lines).size).toBe(ROWS);
      }
      expect(await connectorsOf(id)).toHaveLength(2);
      const { status, body } = await syncline.api('DELETE', `/api/v1/jobs/${id}`, undefined, {
        'if-match': '1',
      });
      expect(status, JSON.stringify(body)).toBe(204);
      await waitUntil('both are gone', async () => (await connectorsOf(id)).length === 0, LIMIT_MS);
    },
    LIMIT_MS,
  );

  it(
    'rows of HBase, whose keys are no JSON, are delivered whole',
    async () => {
      if (stack === null) return;
      const hbase = connectHbase(stack.hbase);
      const table = tag.replace('-', '_');
      await hbase.admin.createTable({ table, families: { f: {} } });
      const keys = Array.from({ length: 500 }, (_, index) => `${index % 2 === 0 ? 'a' : '行'}${index}`);
      const rows = keys.map((key) => ({ key: Buffer.from(key), columns: { 'f:v': `of ${key}` } }));
      await putRows(hbase, table, rows);
      const { job, out } = jobOf((each) => (each.source = hbaseJobSource(stack, table, mappingOf(['f:v']))));
      const ended = await runJob(syncline, await createJob(syncline, job));
      expect(ended, JSON.stringify(ended)).toMatchObject({
        state: 'succeeded',
        report: { outcome: 'delivered', counts: { read: keys.length } },
      });
      const found = payloadsIn(out).map(({ id, v }) => [id, v]);
      expect(found.sort()).toEqual(keys.map((key) => [key, `of ${key}`]).sort());
      await dropTable(hbase, table);
      hbase.close();
    },
    LIMIT_MS,
  );

  it('a class that the cluster does not have, and a key that is missing, are refused when the job is saved', async () => {
    const unknown = jobOf((job) => (job.sink.connector = 'io.acme.NoSuchSinkConnector')).job;
    const first = await syncline.api('POST', '/api/v1/jobs', unknown);
    expect(first).toMatchObject({ status: 400, body: { field: 'sink.connector' } });
    expect(JSON.stringify(first.body)).toContain('NoSuchSinkConnector');
    const wrong = jobOf((job) => (job.sink.config['tasks.max'] = 'many')).job;
    expect(await syncline.api('POST', '/api/v1/jobs', wrong)).toMatchObject({
      status: 400,
      body: { field: 'sink.config.tasks.max' },
    });
  });

  it(
    'a task that fails ends the run with its trace, and retrying runs the mended job to its end',
    async () => {
      const { job, out } = jobOf();
      mkdirSync(join(workDir, out));
      const id = await createJob(syncline, job);
      const runId = await triggerRun(syncline, id);
      const failed = await awaitEnd(syncline, runId);
      expect(failed).toMatchObject({ state: 'failed', reason: { code: 'TASK_FAILED' } });
      expect(failed.reason?.message).toMatch(/Is a directory/);
      rmSync(join(workDir, out), { recursive: true });
      const retried = await syncline.api('POST', `/api/v1/runs/${runId}/retry`, {});
      expect(await awaitEnd(syncline, String(retried.body['id']))).toMatchObject({
        state: 'succeeded',
        report: { outcome: 'delivered' },
      });
      expect(linesIn(out).length).toBe(ROWS);
    },
    LIMIT_MS,
  );

  it(
    'cancelled, both connectors are stopped',
    async () => {
      const { job } = jobOf((each) => (each.sink.config['transforms'] = ''));
      const id = await createJob(syncline, job);
      const runId = await triggerRun(syncline, id);
      await waitUntil(
        'it goes',
        async () => String((await syncline.api('GET', `/api/v1/runs/${runId}`)).body['state']) === 'running',
        LIMIT_MS,
      );
      await syncline.api('POST', `/api/v1/runs/${runId}/cancel`);
      expect(await awaitEnd(syncline, runId)).toMatchObject({ state: 'cancelled' });
      const status = (await (await fetch(`${url}/connectors/syncline-${id}-sink/status`)).json()) as {
        connector: { state: string };
      };
      expect(status.connector.state).toBe('STOPPED');
    },
    LIMIT_MS,
  );
});
