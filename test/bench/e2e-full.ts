// e2e-full: a full run of 1,000,000 rows, HBase → Kafka → MariaDB, everything on this machine; reference: the mariadb client's
// LOAD DATA LOCAL REPLACE of the same rows, in turn with our runs. Also the main thread's stalls and the memory of our process.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findStackPlace } from '../../src/stack/stack-place.ts';
import type { StackEndpoints } from '../../src/stack/stack-endpoints.ts';
import { startStack } from '../../src/stack/stack.ts';
import { openMysqlBed } from '../support/mysql-bed.ts';
import type { MysqlBed } from '../support/mysql-bed.ts';
import { startSyncline } from '../support/start-syncline.ts';
import type { SynclineProcess } from '../support/start-syncline.ts';
import { waitUntil } from '../support/wait-until.ts';
import type { BenchCase, BenchOptions } from './bench.ts';
import { loadOrders, orderMapping } from './bench-orders.ts';
import { cpuMsOf, peakMemoryMbOf } from './process-usage.ts';
import { connectHbase, hbaseJobSource } from '../support/hbase-cluster.ts';

const run = promisify(execFile);
const services = ['kafka', 'hbase', 'mariadb'] as const;
type Endpoints = StackEndpoints<(typeof services)[number]>;
const MEASURED = 3;
const TABLE = 'bench_orders';
const columns = orderMapping.map((field) => field['targetFiled'] ?? '');

interface Measured {
  readonly rowsPerSecond: number;
  readonly cpuUsPerRow: number | null;
  readonly stallMs: number | null;
}

export async function benchEndToEndFull({ rows: asked, say }: BenchOptions): Promise<readonly BenchCase[]> {
  const rows = asked ?? 1_000_000;
  const place = findStackPlace(process.env);
  const folder = await mkdtemp(join(tmpdir(), 'syncline-bench-'));
  const stack = await startStack({
    services,
    dir: join(place.stacksDir, 'bench'),
    cacheDir: place.cacheDir,
    settings: { hbaseHeapMb: 4_096, kafkaHeapMb: 1_024, mariadbBufferPoolMb: 2_048 },
    onProgress: say,
  });
  const { mariadb, hbase, kafka } = stack.endpoints;
  const mysql = await openMysqlBed(mariadb);
  const client = connectHbase(hbase);
  let syncline: SynclineProcess | null = null;
  try {
    say(`loading ${rows.toLocaleString('en')} rows into HBase`);
    await loadOrders(client, TABLE, rows);
    const delayFile = join(folder, 'delay.json');
    syncline = await startSyncline({
      settings: { SYNCLINE_KAFKA: kafka.brokers, BENCH_LOOP_DELAY_FILE: delayFile },
      preload: './test/bench/loop-delay.js',
    });
    const bench = new EndToEnd({ rows, syncline, mysql, endpoints: stack.endpoints, delayFile, folder, say });
    return await bench.measure();
  } finally {
    await syncline?.stop();
    client.close();
    await mysql.close();
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

class EndToEnd {
  readonly #parts;
  #jobId = '';

  constructor(parts: {
    rows: number;
    syncline: SynclineProcess;
    mysql: MysqlBed;
    endpoints: Endpoints;
    delayFile: string;
    folder: string;
    say: (line: string) => void;
  }) {
    this.#parts = parts;
  }

  async measure(): Promise<readonly BenchCase[]> {
    const { say, syncline, mysql } = this.#parts;
    this.#jobId = await this.#createJob();
    // The first run warms both JVMs, makes the table and gives the reference its file.
    say(`warm-up: ${Math.round((await this.#ours()).rowsPerSecond).toLocaleString('en')} rows/s`);
    await this.#writeFile();
    await mysql.root.query('CREATE TABLE reference LIKE copy');
    await this.#reference();
    const ours: Measured[] = [];
    const theirs: number[] = [];
    for (let round = 1; round <= MEASURED; round += 1) {
      ours.push(await this.#ours());
      theirs.push(await this.#reference());
      say(
        `round ${round}: ${Math.round(ours.at(-1)?.rowsPerSecond ?? 0)} rows/s, LOAD DATA ${Math.round(theirs.at(-1) ?? 0)} rows/s`,
      );
    }
    const equal = await this.#tablesAreEqual();
    const value = median(ours.map((each) => each.rowsPerSecond));
    const reference = median(theirs);
    const stall = median(ours.map((each) => each.stallMs ?? 0));
    const memory = peakMemoryMbOf(syncline.process.pid ?? 0);
    return [
      {
        case: 'rows through Kafka',
        value,
        unit: 'rows/s',
        reference,
        ratio: value / reference,
        cpuUsPerRow: median(ours.map((each) => each.cpuUsPerRow ?? 0)),
        ok: equal,
      },
      { case: 'longest main-thread stall', value: stall, unit: 'ms', ...alone, ok: stall < 50 },
      { case: 'peak memory of Syncline', value: memory, unit: 'MB', ...alone, ok: memory < 400 },
    ];
  }

  async #createJob(): Promise<string> {
    const { syncline, mysql, endpoints } = this.#parts;
    const { status, body } = await syncline.api('POST', '/api/v1/jobs', {
      name: 'bench',
      mode: 'full',
      source: hbaseJobSource(endpoints, TABLE, orderMapping),
      sink: {
        connector: 'io.syncline.mysql.MySqlSinkConnector',
        config: mysql.configOf('copy', {
          'pk.mode': 'record_value',
          'pk.fields': 'id',
          'insert.mode': 'upsert',
        }),
      },
    });
    if (status !== 201) throw new Error(`creating the job: ${JSON.stringify(body)}`);
    return String(body['id']);
  }

  /** One full run into an empty table, from claim to end as the run row has it. */
  async #ours(): Promise<Measured> {
    const { syncline, mysql, rows, delayFile } = this.#parts;
    const pid = syncline.process.pid ?? 0;
    await mysql.root.query('TRUNCATE TABLE copy').catch(() => undefined);
    await this.#stall(pid);
    const cpuBefore = cpuMsOf(pid);
    const { body } = await syncline.api('POST', `/api/v1/jobs/${this.#jobId}/runs`);
    let ended: Record<string, unknown> = {};
    await waitUntil(
      'the run ends',
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 200));
        ended = (await syncline.api('GET', `/api/v1/runs/${String(body['id'])}`)).body;
        return ended['endedAt'] !== null;
      },
      600_000,
    );
    if (ended['state'] !== 'succeeded') throw new Error(`the run: ${JSON.stringify(ended)}`);
    const cpuMs = cpuMsOf(pid) - cpuBefore;
    await this.#stall(pid);
    const { maxMs } = JSON.parse(await readFile(delayFile, 'utf8')) as { maxMs: number };
    const tookMs = Number(ended['endedAt']) - Number(ended['startedAt']);
    return { rowsPerSecond: (rows / tookMs) * 1_000, cpuUsPerRow: (cpuMs * 1_000) / rows, stallMs: maxMs };
  }

  /** Makes the process write its longest stall so far and begin anew. */
  async #stall(pid: number): Promise<void> {
    await rm(this.#parts.delayFile, { force: true });
    process.kill(pid, 'SIGUSR2');
    const written = async (): Promise<boolean> =>
      (await readFile(this.#parts.delayFile, 'utf8').catch(() => '')).endsWith('}');
    await waitUntil('the stall was written', written);
  }

  async #writeFile(): Promise<void> {
    const { mysql, folder } = this.#parts;
    const sql = `SELECT ${columns.join(', ')} FROM copy ORDER BY id`;
    await this.#client(mysql.database, sql, join(folder, 'rows.tsv'));
  }

  async #reference(): Promise<number> {
    const { mysql, rows, folder } = this.#parts;
    await mysql.root.query('TRUNCATE TABLE reference');
    const file = join(folder, 'rows.tsv');
    const started = performance.now();
    await this.#client(
      mysql.database,
      `LOAD DATA LOCAL INFILE '${file}' REPLACE INTO TABLE reference (${columns.join(', ')})`,
      null,
    );
    return (rows / (performance.now() - started)) * 1_000;
  }

  /** The command-line client; with `out`, its tab-separated answer goes there (the escapes are LOAD DATA's own). */
  async #client(database: string, sql: string, out: string | null): Promise<void> {
    const { mariadb } = this.#parts.endpoints;
    const command = `exec mariadb --no-defaults --protocol=tcp -h"$H" -P"$P" -u"$U" --default-character-set=utf8mb4 --local-infile=1 -N -B "$D" -e "$SQL"${out === null ? '' : ' > "$OUT"'}`;
    const env = {
      PATH: process.env['PATH'],
      H: mariadb.host,
      P: String(mariadb.port),
      U: mariadb.rootUser,
      MYSQL_PWD: mariadb.rootPassword,
      D: database,
      SQL: sql,
      OUT: out ?? '',
    };
    await run('sh', ['-c', command], { env });
  }

  async #tablesAreEqual(): Promise<boolean> {
    const { mysql } = this.#parts;
    const sums = await Promise.all(
      ['copy', 'reference'].map(async (table) => {
        const [rows] = await mysql.root.query(
          `SELECT COUNT(*) AS n, SUM(CRC32(CONCAT_WS('|', ${columns.join(', ')}))) AS s FROM ${table}`,
        );
        return JSON.stringify(rows);
      }),
    );
    this.#parts.say(`checksums: ${sums.join(' ')}`);
    return sums[0] === sums[1];
  }
}

const alone = { reference: null, ratio: null, cpuUsPerRow: null } as const;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
