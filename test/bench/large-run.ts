// large-run: one full run of 10,000,000 rows, HBase → Kafka → MariaDB, with the memory and CPU of Syncline's process over time.
import { findStackPlace } from '../../src/stack/stack-place.ts';
import { startStack } from '../../src/stack/stack.ts';
import { connectHbase, hbaseJobSource } from '../support/hbase-cluster.ts';
import { openMysqlBed } from '../support/mysql-bed.ts';
import { startSyncline } from '../support/start-syncline.ts';
import type { SynclineProcess } from '../support/start-syncline.ts';
import { waitUntil } from '../support/wait-until.ts';
import type { BenchCase, BenchOptions } from './bench.ts';
import { loadOrders, orderMapping } from './bench-orders.ts';
import { describeUsage, growth, sampleUsage } from './usage-samples.ts';
import type { UsageSample } from './usage-samples.ts';

const TABLE = 'large_orders';
const services = ['kafka', 'hbase', 'mariadb'] as const;
const HOUR_MS = 3_600_000;

export async function benchLargeRun({ rows: asked, say }: BenchOptions): Promise<readonly BenchCase[]> {
  const rows = asked ?? 10_000_000;
  const place = findStackPlace(process.env);
  const stack = await startStack({
    services,
    dir: `${place.stacksDir}/large`,
    cacheDir: place.cacheDir,
    settings: { hbaseHeapMb: 4_096, kafkaHeapMb: 1_024, mariadbBufferPoolMb: 2_048 },
    onProgress: say,
  });
  const mysql = await openMysqlBed(stack.endpoints.mariadb);
  const client = connectHbase(stack.endpoints.hbase);
  let syncline: SynclineProcess | null = null;
  try {
    say(`loading ${rows.toLocaleString('en')} rows into HBase`);
    await loadOrders(client, TABLE, rows);
    syncline = await startSyncline({ settings: { SYNCLINE_KAFKA: stack.endpoints.kafka.brokers } });
    const sink = mysql.configOf('copy', {
      'pk.mode': 'record_value',
      'pk.fields': 'id',
      'insert.mode': 'upsert',
    });
    const job = await syncline.api('POST', '/api/v1/jobs', {
      name: 'large',
      mode: 'full',
      source: hbaseJobSource(stack.endpoints, TABLE, orderMapping),
      sink: { connector: 'io.syncline.mysql.MySqlSinkConnector', config: sink },
    });
    if (job.status !== 201) throw new Error(`creating the job: ${JSON.stringify(job.body)}`);
    const { ended, samples } = await runOnce(syncline, String(job.body['id']));
    const [counted] = await mysql.root.query('SELECT COUNT(*) AS n FROM copy');
    say(`${JSON.stringify(counted)} in the target; ${describeUsage(samples)}`);
    return casesOf({
      rows,
      ended,
      samples,
      equal: JSON.stringify(counted) === JSON.stringify([{ n: rows }]),
    });
  } finally {
    await syncline?.stop();
    client.close();
    await mysql.close();
    await stack.stop();
  }
}

async function runOnce(
  syncline: SynclineProcess,
  jobId: string,
): Promise<{ ended: Record<string, unknown>; samples: readonly UsageSample[] }> {
  const usage = sampleUsage(syncline.process.pid ?? 0, 1_000);
  const { body } = await syncline.api('POST', `/api/v1/jobs/${jobId}/runs`);
  let ended: Record<string, unknown> = {};
  const hasEnded = async (): Promise<boolean> => {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    ended = (await syncline.api('GET', `/api/v1/runs/${String(body['id'])}`)).body;
    return ended['endedAt'] !== null;
  };
  await waitUntil('the run ends', hasEnded, HOUR_MS);
  return { ended, samples: usage.stop() };
}

function casesOf(run: {
  rows: number;
  ended: Record<string, unknown>;
  samples: readonly UsageSample[];
  equal: boolean;
}): readonly BenchCase[] {
  const alone = { reference: null, ratio: null, cpuUsPerRow: null } as const;
  const { rows, ended, samples, equal } = run;
  const tookMs = Number(ended['endedAt']) - Number(ended['startedAt']);
  const proved = JSON.stringify(ended['report']).includes('"proved"') && ended['state'] === 'succeeded';
  const memory = growth(samples, 'memoryMb');
  return [
    {
      case: 'rows through Kafka',
      value: (rows / tookMs) * 1_000,
      unit: 'rows/s',
      ...alone,
      ok: equal && proved,
    },
    {
      case: 'largest memory',
      value: Math.max(...samples.map((each) => each.memoryMb)),
      unit: 'MB',
      ...alone,
      ok: true,
    },
    { case: 'memory, last third to middle third', value: memory, unit: 'times', ...alone, ok: memory < 1.1 },
    {
      case: 'CPU, last third to middle third',
      value: growth(samples, 'cpuPercent'),
      unit: 'times',
      ...alone,
      ok: growth(samples, 'cpuPercent') < 1.25,
    },
  ];
}
