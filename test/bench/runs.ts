// runs: what a run without rows costs, on connectors that exist: incremental jobs whose source has nothing new, embedded (SQLite, memory)
// and with MariaDB, Redis and Kafka. One by one for the time from start to proved, then all jobs at once for runs a second.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteDatabase } from '../../connectors/sqlite/database.ts';
import { findStackPlace } from '../../src/stack/stack-place.ts';
import { startStack } from '../../src/stack/stack.ts';
import type { EndedRun } from '../support/job-runs.ts';
import { openMysqlBed } from '../support/mysql-bed.ts';
import { openMysqlSourceBed } from '../support/mysql-source-bed.ts';
import { startSyncline } from '../support/start-syncline.ts';
import type { SynclineProcess } from '../support/start-syncline.ts';
import type { BenchCase, BenchOptions } from './bench.ts';
import { cpuMsOf } from './process-usage.ts';

/** What is asked on a quiet machine. */
const asked = { p50Ms: 150, cpuMs: 12, runsPerSecond: 100 } as const;
const JOBS = 32;
const oneByOne = 40;
/** One question for all runs that go, so that asking costs little beside the runs. */
const POLL_MS = 100;
const table = 'CREATE TABLE idle (id BIGINT NOT NULL PRIMARY KEY, v VARCHAR(20))';
const rows = "INSERT INTO idle VALUES (1, 'a'), (2, 'b')";

interface SetUp {
  readonly name: string;
  readonly syncline: SynclineProcess;
  readonly source: Record<string, string>;
  readonly sinkOf: (job: number) => { readonly connector: string; readonly config: Record<string, string> };
}

export async function benchRuns({ rows: wanted, say }: BenchOptions): Promise<readonly BenchCase[]> {
  const runs = wanted ?? 600;
  return [...(await embedded(runs, say)), ...(await withServices(runs, say))];
}

async function embedded(runs: number, say: BenchOptions['say']): Promise<readonly BenchCase[]> {
  const dataDir = await mkdtemp(join(tmpdir(), 'syncline-bench-runs-'));
  const files = join(dataDir, 'files');
  await mkdir(files);
  const database = await SqliteDatabase.open(join(files, 'source.db'), 'source.db');
  database.run(table);
  database.run(rows);
  database.close();
  const syncline = await startSyncline({ dataDir });
  try {
    return await measure(
      {
        name: 'embedded',
        syncline,
        source: { 'connection.url': 'jdbc:sqlite:source.db' },
        sinkOf: (job) => ({
          connector: 'io.syncline.sqlite.SqliteSinkConnector',
          config: {
            'connection.url': 'jdbc:sqlite:target.db',
            'table.name.format': `idle_${job}`,
            'auto.create': 'true',
          },
        }),
      },
      runs,
      say,
    );
  } finally {
    await syncline.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function withServices(runs: number, say: BenchOptions['say']): Promise<readonly BenchCase[]> {
  const place = findStackPlace(process.env);
  const stack = await startStack({
    services: ['kafka', 'mariadb', 'redis'],
    dir: join(place.stacksDir, 'bench-runs'),
    cacheDir: place.cacheDir,
    settings: {},
    onProgress: say,
  });
  const { mariadb, redis, kafka } = stack.endpoints;
  const source = await openMysqlSourceBed(mariadb);
  const target = await openMysqlBed(mariadb);
  await source.execute(table);
  await source.execute(rows);
  const login = `${mariadb.user}:${encodeURIComponent(mariadb.password)}`;
  const syncline = await startSyncline({
    settings: {
      SYNCLINE_DATABASE: `mysql://${login}@${mariadb.host}:${mariadb.port}/${mariadb.database}`,
      SYNCLINE_REDIS: redis.url,
      SYNCLINE_KAFKA: kafka.brokers,
    },
  });
  try {
    return await measure(
      {
        name: 'MariaDB, Redis, Kafka',
        syncline,
        source: source.place,
        sinkOf: (job) => ({
          connector: 'io.syncline.mysql.MySqlSinkConnector',
          config: target.configOf(`idle_${job}`),
        }),
      },
      runs,
      say,
    );
  } finally {
    await syncline.stop();
    await source.close();
    await target.close();
    await stack.stop();
  }
}

async function measure(setUp: SetUp, runs: number, say: BenchOptions['say']): Promise<readonly BenchCase[]> {
  const { name, syncline } = setUp;
  const jobs = await Promise.all(Array.from({ length: JOBS }, (_, job) => makeJob(setUp, job)));
  const runner = startRunner(syncline);
  // Twice: the first run of a job makes its connectors and tables, and what is compiled on the way is compiled then.
  for (let warm = 0; warm < 2; warm += 1) await Promise.all(jobs.map((job) => runner.run(job)));
  const pid = syncline.process.pid ?? 0;
  const took: number[] = [];
  let before = cpuMsOf(pid);
  for (let run = 0; run < oneByOne; run += 1) took.push(await runner.run(jobs[run % JOBS] ?? ''));
  const cpuAlone = (cpuMsOf(pid) - before) / oneByOne;
  took.sort((left, right) => left - right);
  const p50 = took[oneByOne >> 1] ?? 0;
  before = cpuMsOf(pid);
  const startedAt = performance.now();
  let left = runs;
  await Promise.all(
    jobs.map(async (job) => {
      while (left > 0) {
        left -= 1;
        await runner.run(job);
      }
    }),
  );
  const perSecond = (runs / (performance.now() - startedAt)) * 1_000;
  const cpuMs = (cpuMsOf(pid) - before) / runs;
  runner.stop();
  say(`${name}: alone ${p50} ms and ${cpuAlone.toFixed(1)} ms CPU, of that the bench's own questions too`);
  const alone = { reference: null, ratio: null, cpuUsPerRow: null } as const;
  return [
    { case: `${name}: start to proved, p50`, value: p50, unit: 'ms', ...alone, ok: p50 <= asked.p50Ms },
    { case: `${name}: CPU per run`, value: cpuMs, unit: 'ms', ...alone, ok: cpuMs <= asked.cpuMs },
    {
      case: `${name}: proved runs`,
      value: perSecond,
      unit: 'runs/s',
      ...alone,
      ok: perSecond >= asked.runsPerSecond,
    },
  ];
}

async function makeJob({ syncline, source, sinkOf }: SetUp, job: number): Promise<string> {
  const { status, body } = await syncline.api('POST', '/api/v1/jobs', {
    name: `idle ${job}`,
    mode: 'incremental',
    policy: { lagMs: 0 },
    source: {
      connector: 'io.confluent.connect.jdbc.JdbcSourceConnector',
      config: {
        ...source,
        mode: 'incrementing',
        'incrementing.column.name': 'id',
        'table.whitelist': 'idle',
        'topic.prefix': `bench_${job}_`,
      },
    },
    sink: sinkOf(job),
  });
  if (status !== 201) throw new Error(`creating a job: ${JSON.stringify(body)}`);
  return String(body['id']);
}

/** Triggers runs and waits for their ends. */
interface Runner {
  /** From start to end as the row says, ms. */
  run(job: string): Promise<number>;
  stop(): void;
}

function startRunner(syncline: SynclineProcess): Runner {
  const waiting = new Map<string, (run: EndedRun) => void>();
  const stopped = new AbortController();
  void (async () => {
    while (!stopped.signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      if (waiting.size === 0) continue;
      const { body } = await syncline.api('GET', `/api/v1/runs?limit=${2 * JOBS}`);
      for (const run of (body as unknown as { runs: readonly (EndedRun & { id: string })[] }).runs) {
        if ((run.endedAt as number | null) === null) continue;
        waiting.get(run.id)?.(run);
        waiting.delete(run.id);
      }
    }
  })();
  return {
    run: async (job) => {
      const { body } = await syncline.api('POST', `/api/v1/jobs/${job}/runs`);
      const run = await new Promise<EndedRun>((resolve) => waiting.set(String(body['id']), resolve));
      if (run.report?.outcome !== 'proved') throw new Error(`a run ended otherwise: ${JSON.stringify(run)}`);
      return run.endedAt - run.startedAt;
    },
    stop: () => stopped.abort(),
  };
}
