// A status with just the five fields of the contract, sent to `pkuse_status` by a plain Kafka producer, moves a run whose
// connectors are not ours: a foreign Connect worker holds them, and nobody but this test speaks.
import { Kafka, logLevel } from 'kafkajs';
import type { Producer } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openKafkaStatuses } from '../../src/log/kafka/kafka-statuses.ts';
import { setupExecutor } from '../executors/setup-executor.ts';
import type { FakeConnectServer } from '../fakes/fake-connect-server.ts';
import { startFakeConnectServer } from '../fakes/fake-connect-server.ts';
import { openMysqlBed } from '../support/mysql-bed.ts';
import type { MysqlBed } from '../support/mysql-bed.ts';
import { startSyncline } from '../support/start-syncline.ts';
import type { SynclineProcess } from '../support/start-syncline.ts';
import { waitUntil } from '../support/wait-until.ts';

const stack = inject('stack');
const LIMIT_MS = 30_000;

describe.skipIf(stack === null)('a status with just the five fields, from a foreign producer', () => {
  const topic = `foreign_default_orders_${Date.now().toString(36)}`;
  let mysql: MysqlBed;
  let worker: FakeConnectServer;
  let syncline: SynclineProcess;
  let producer: Producer;
  let job: string;

  beforeAll(async () => {
    if (stack === null) return;
    const kafka = new Kafka({
      brokers: [stack.kafka.brokers],
      clientId: 'foreign',
      logLevel: logLevel.NOTHING,
    });
    producer = kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    mysql = await openMysqlBed(stack.mariadb);
    worker = await startFakeConnectServer();
    syncline = await startSyncline({
      settings: {
        SYNCLINE_ROLES: 'scheduler,executor,api',
        SYNCLINE_KAFKA: stack.kafka.brokers,
        SYNCLINE_CONNECT: worker.url,
      },
    });
    const { status, body } = await syncline.api('POST', '/api/v1/jobs', jobOf(mysql));
    expect(status, JSON.stringify(body)).toBe(201);
    job = String(body['id']);
  }, 120_000);

  afterAll(async () => {
    await syncline.stop();
    await worker.close();
    await producer.disconnect();
    await mysql.close();
  });

  it('start and processing move the run, and the end of a sink with a ledger is believed only as far as the ledger', async () => {
    const run = await runningRun();
    await say(run, 'source', 'start', '77');
    await say(run, 'sink', 'start', 'unknown');
    await say(run, 'source', 'processing', '40 of 77');
    await say(run, 'sink', 'processing', '12 of 77');
    await waitUntil(
      'both sides moved',
      async () => {
        const lines = await linesOf(run);
        return ['source: start, ≈77 rows predicted', 'source: processing', 'sink: processing'].every((line) =>
          lines.includes(line),
        );
      },
      LIMIT_MS,
    );
    expect(await read(run)).toMatchObject({ state: 'running' });
    await say(run, 'source', 'end', '77');
    await say(run, 'sink', 'end', '77');
    await waitUntil(
      'the end was heard',
      async () => (await linesOf(run)).includes('sink: end, 77 rows'),
      LIMIT_MS,
    );
    await waitUntil(
      'the numbers are saved',
      async () => (await read(run)).report?.predicted.rows === 77,
      LIMIT_MS,
    );
    expect((await read(run)).state).toBe('running');
    await mysql.root.query(
      "UPDATE syncline_run SET state = 'complete', read_rows = 77, written = 77, dirty = 0 WHERE task_id = ?",
      [run],
    );
    await waitUntil('the run ended', async () => (await read(run)).state === 'succeeded', LIMIT_MS);
    expect((await read(run)).report?.counts).toMatchObject({ emitted: 77, written: 77 });
  });

  it('error ends the run, with its cause in the first line, and its connectors are stopped', async () => {
    const run = await runningRun();
    await send(null);
    await send('no json');
    await send(JSON.stringify({ connectorName: 'x', stage: 'error', description: 'without a taskId' }));
    await send(
      JSON.stringify({ connectorName: 'x', taskId: 'another', stage: 'error', description: 'another run' }),
    );
    const trace = [
      'org.apache.kafka.connect.errors.ConnectException: Exiting WorkerSinkTask due to unrecoverable exception.',
      '\tat org.apache.kafka.connect.runtime.WorkerSinkTask.deliverMessages(WorkerSinkTask.java:618)',
      "Caused by: java.sql.SQLException: Table 'shop.orders' doesn't exist",
    ].join('\n');
    await say(run, 'sink', 'error', trace);
    await waitUntil('the run ended', async () => (await read(run)).endedAt !== null, LIMIT_MS);
    expect(await read(run)).toMatchObject({
      state: 'failed',
      reason: {
        code: 'TASK_FAILED',
        message: expect.stringMatching(
          /^java\.sql\.SQLException: Table 'shop\.orders' doesn't exist/,
        ) as string,
      },
    });
    expect([...worker.connectors.values()].map(({ state }) => state)).toEqual(['STOPPED', 'STOPPED']);
  });

  it('end of a sink without a ledger ends the run as delivered', async () => {
    const statuses = openKafkaStatuses({ brokers: stack?.kafka.brokers ?? '', clientId: 'foreign-end' });
    const spec = { sink: { connector: 'io.foreign.Sink', config: {} } };
    const bundle = await setupExecutor({ spec, parts: { statuses } });
    const run = await bundle.goingRun();
    const { connectors } = bundle.cluster;
    const [source, sink] = [nameIn(connectors, 'source'), nameIn(connectors, 'sink')];
    await speak(source, run.id, 'end', '12');
    await speak(sink, run.id, 'end', '12');
    await waitUntil(
      'the run ended',
      async () => {
        await bundle.clock.advance(0);
        return (await bundle.read(run.id)).endedAt !== null;
      },
      LIMIT_MS,
    );
    expect(await bundle.read(run.id)).toMatchObject({
      state: 'succeeded',
      report: { outcome: 'delivered', counts: { emitted: 12, written: 12 } },
    });
    await statuses.close();
  });

  function jobOf(bed: MysqlBed): Record<string, unknown> {
    return {
      name: 'foreign',
      mode: 'full',
      policy: { maxAttempts: 1 },
      source: {
        connector: 'io.syncline.hbase.HBaseSourceConnector',
        config: {
          'pkuse.hbase.ip': '127.0.0.1',
          'pkuse.hbase.table.name': topic.slice('foreign_default_'.length),
          'pkuse.kafka.topic.prefix': 'foreign_',
          'pkuse.hbase.filed.columnsKey': 'id',
          'pkuse.hbase.filed.mapping': JSON.stringify([
            { sourceFiled: 'id', targetFiled: 'id', fieldType: 'varchar(32)', ispk: '1' },
          ]),
        },
      },
      sink: {
        connector: 'io.syncline.mysql.MySqlSinkConnector',
        config: bed.configOf('orders', {
          'pk.mode': 'record_value',
          'pk.fields': 'id',
          'insert.mode': 'upsert',
        }),
      },
    };
  }

  async function runningRun(): Promise<string> {
    const run = String((await syncline.api('POST', `/api/v1/jobs/${job}/runs`)).body['id']);
    await waitUntil('the run is running', async () => (await read(run)).state === 'running', LIMIT_MS);
    return run;
  }

  function say(run: string, side: 'source' | 'sink', stage: string, description: string): Promise<void> {
    return speak(nameIn(worker.connectors, side), run, stage, description);
  }

  function speak(connectorName: string, taskId: string, stage: string, description: string): Promise<void> {
    return send(JSON.stringify({ connectorName, taskId, dataTopicName: topic, stage, description }), taskId);
  }

  async function send(value: string | null, key: string | null = null): Promise<void> {
    await producer.send({ topic: 'pkuse_status', messages: [{ key, value }] });
  }

  async function read(run: string): Promise<ReadRun> {
    return (await syncline.api('GET', `/api/v1/runs/${run}`)).body as unknown as ReadRun;
  }

  async function linesOf(run: string): Promise<string[]> {
    const { body } = await syncline.api('GET', `/api/v1/runs/${run}/log`);
    return (body['lines'] as unknown as { message: string }[]).map(({ message }) =>
      message.replace(', rows are moving', ''),
    );
  }
});

interface ReadRun {
  readonly state: string;
  readonly endedAt: number | null;
  readonly reason: { readonly code: string; readonly message: string } | null;
  readonly report: {
    readonly predicted: { readonly rows: number | null };
    readonly counts: Record<string, number | null>;
  } | null;
}

/** The name the connector was told to speak under. */
function nameIn(
  connectors: ReadonlyMap<string, { readonly config: Readonly<Record<string, string>> }>,
  side: 'source' | 'sink',
): string {
  const names = [...connectors.values()].map(({ config }) => config['pkuse.connector.name'] ?? '');
  return names.find((name) => name.endsWith(side)) ?? '';
}
