// The contract seen from outside: the two request bodies of the article, as printed (hosts and credentials replaced), are sent by
// curl to the worker and move the table; a plain Kafka consumer that knows nothing of Syncline reads headers and statuses.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import type { KafkaMessage } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { HBaseClient } from '../../connectors/hbase/client/client.ts';
import { putRows } from '../support/read-table.ts';
import { openMysqlBed } from '../support/mysql-bed.ts';
import type { MysqlBed } from '../support/mysql-bed.ts';
import { startSyncline } from '../support/start-syncline.ts';
import type { SynclineProcess } from '../support/start-syncline.ts';
import { waitUntil } from '../support/wait-until.ts';
import { connectHbase, dropTable } from '../support/hbase-cluster.ts';

const run = promisify(execFile);
const stack = inject('stack');
const ROWS = 1_000;
const LIMIT_MS = 60_000;

describe.skipIf(stack === null)('the request bodies of the article', () => {
  const unique = `t${Date.now().toString(36)}`;
  const table = `employee_${unique}`;
  const topic = `default_${table}`;
  let syncline: SynclineProcess;
  let mysql: MysqlBed;
  let hbase: HBaseClient;
  let kafka: Kafka;

  beforeAll(async () => {
    if (stack === null) return;
    mysql = await openMysqlBed(stack.mariadb);
    hbase = connectHbase(stack.hbase);
    kafka = new Kafka({ brokers: [stack.kafka.brokers], clientId: 'outsider', logLevel: logLevel.NOTHING });
    await hbase.admin.createTable({ table, families: { info: {} } });
    await putRows(hbase, table, employees());
    syncline = await startSyncline({ settings: { SYNCLINE_KAFKA: stack.kafka.brokers } });
  }, 120_000);

  afterAll(async () => {
    await syncline.stop();
    await dropTable(hbase, table);
    hbase.close();
    await mysql.close();
  });

  it('create both connectors by curl and move the table', async () => {
    expect(await curl('article-003-source.txt')).toContain('"name":"hbasesource_connector_001"');
    expect(await curl('article-003-sink.txt')).toContain('"name":"jdbcsink_connector_001"');
    await waitUntil('the target has all rows', async () => (await rowsInTarget()).length === ROWS, LIMIT_MS);
    expect(await rowsInTarget()).toEqual(
      employees()
        .map(({ columns }) => Object.values(columns).map(String))
        .sort(byNumber),
    );
  });

  it('show a plain consumer four headers on every record and isEnd once, on the last', async () => {
    const records = await readTopic(topic, (all) => all.some((each) => header(each, 'isEnd') === 'true'));
    for (const record of records) {
      expect(header(record, 'taskId')).toBe('100003');
      expect(header(record, 'predictedTotal')).toMatch(/^\d+$/);
      expect(Number(header(record, 'currentIndex'))).toBeGreaterThanOrEqual(1);
      expect(header(record, 'isEnd')).toMatch(/^(true|false)$/);
    }
    const ends = records.filter((each) => header(each, 'isEnd') === 'true');
    expect(ends).toHaveLength(1);
    const last = records.reduce((a, b) => (Number(b.timestamp) >= Number(a.timestamp) ? b : a));
    expect(Number(ends[0]?.timestamp)).toBe(Number(last.timestamp));
    const rows = records.filter((each) => header(each, 'syncline.control') === null);
    const indexes = rows.map((each) => Number(header(each, 'currentIndex'))).sort((a, b) => a - b);
    expect(indexes).toEqual(Array.from({ length: ROWS }, (_, i) => i + 1));
    const value = JSON.parse(String(rows[0]?.value)) as { schema: unknown; payload: Record<string, unknown> };
    expect(Object.keys(value)).toEqual(['schema', 'payload']);
    expect(Object.keys(value.payload)).toEqual(['id', 'name', 'sex', 'salary']);
  });

  it('say start, processing and one end for source and sink', async () => {
    const isEnded = (all: KafkaMessage[]): boolean =>
      all.filter((each) => stageOf(each) === 'end' && statusOf(each)['taskId'] === '100003' && isOurs(each))
        .length >= 2;
    const statuses = (await readTopic('pkuse_status', isEnded)).filter(isOurs).map(statusOf);
    for (const connectorName of ['hbasesource_connector_001', 'jdbcsink_connector_001']) {
      const own = statuses.filter((status) => status['connectorName'] === connectorName);
      const stages = own.map((status) => status['stage']);
      expect(stages[0]).toBe('start');
      expect(stages.at(-1)).toBe('end');
      expect(stages.slice(1, -1).length).toBeGreaterThanOrEqual(1);
      expect(stages.slice(1, -1).every((stage) => stage === 'processing')).toBe(true);
      for (const status of own) {
        expect(Object.keys(status).slice(0, 5)).toEqual([
          'connectorName',
          'taskId',
          'dataTopicName',
          'stage',
          'description',
        ]);
        expect(status['dataTopicName']).toBe(topic);
      }
      expect(own.at(-1)?.['description']).toBe(String(ROWS));
    }
  });

  /** As printed, but for hosts, credentials and the table's name. */
  async function curl(fixture: string): Promise<string> {
    if (stack === null) throw new Error('no stack');
    const printed = await readFile(new URL(`../golden/${fixture}`, import.meta.url), 'utf8');
    const { mariadb } = stack;
    const body = printed
      .replace('192.168.130.247,192.168.130.246,192.168.130.238', stack.hbase.quorum)
      .replace('"2181"', `"${stack.hbase.clientPort}"`)
      .replaceAll('192.168.1.176:9092', stack.kafka.brokers)
      .replaceAll('test_employee01_2021_06_17', table)
      .replace('192.168.130.247:3306/test03', `${mariadb.host}:${mariadb.port}/${mysql.database}`)
      .replace('test03.employee01_2021_06_17', `${mysql.database}.employee`)
      .replace('"connection.user":"root"', `"connection.user":"${mariadb.user}"`)
      .replace('"connection.password":"root"', `"connection.password":"${mariadb.password}"`);
    const args = ['-s', '-X', 'POST', '-H', 'Content-Type: application/json', '--data-binary', body];
    return (await run('curl', [...args, `${syncline.workerUrl ?? ''}/connectors`])).stdout;
  }

  async function rowsInTarget(): Promise<(readonly (string | null)[])[]> {
    try {
      return [...(await mysql.readRows('employee', ['id', 'name', 'sex', 'salary']))].sort(byNumber);
    } catch {
      return [];
    }
  }

  /** Reads the topic from its start until `isAll`. */
  async function readTopic(name: string, isAll: (all: KafkaMessage[]) => boolean): Promise<KafkaMessage[]> {
    const consumer = kafka.consumer({ groupId: `outsider-${name}-${unique}-${Math.random()}` });
    const all: KafkaMessage[] = [];
    await consumer.connect();
    try {
      await consumer.subscribe({ topics: [name], fromBeginning: true });
      await consumer.run({ eachMessage: ({ message }) => Promise.resolve(void all.push(message)) });
      await waitUntil(`all records of ${name}`, () => isAll(all), LIMIT_MS);
      return all;
    } finally {
      await consumer.disconnect();
    }
  }

  function isOurs(message: KafkaMessage): boolean {
    return statusOf(message)['dataTopicName'] === topic;
  }
});

function header(message: KafkaMessage, name: string): string | null {
  const value = message.headers?.[name];
  return value === undefined ? null : String(value);
}

/** Anybody may write to the status topic, and other tests do: what is no JSON object is no status. */
function statusOf(message: KafkaMessage): Record<string, unknown> {
  try {
    return (JSON.parse(String(message.value)) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function stageOf(message: KafkaMessage): unknown {
  return statusOf(message)['stage'];
}

function byNumber(a: readonly (string | null)[], b: readonly (string | null)[]): number {
  return Number(a[0]) - Number(b[0]);
}

function employees(): { key: Buffer; columns: Record<string, string> }[] {
  return Array.from({ length: ROWS }, (_, i) => ({
    key: Buffer.from(`emp-${i}`),
    columns: {
      'info:id': String(i),
      'info:name': `员工 ${i}\t"quoted"`,
      'info:sex': i % 2 === 0 ? 'f' : 'm',
      'info:salary': String(9_007_199_254_740_993n + BigInt(i)),
    },
  }));
}
