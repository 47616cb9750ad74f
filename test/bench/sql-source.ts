// sql-source: a table of MariaDB into row bytes, by the product's source over one connection and over four, against the `mariadb` client
// that reads the same rows with --quick and throws its output away. 1,000,000 rows of 10 columns; a checksum over all rows is the server's.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { createConnection } from 'mysql2/promise';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { mysqlDialect } from '../../connectors/mysql/source/server.ts';
import { createSqlSource } from '../../connectors/sql/source/source-connector.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { RowOutput } from '../../src/core/connector/contract.ts';
import { findStackPlace } from '../../src/stack/stack-place.ts';
import type { MariadbEndpoint } from '../../src/stack/stack-endpoints.ts';
import { startStack } from '../../src/stack/stack.ts';
import { freeSlots } from '../fakes/free-slots.ts';
import type { BenchCase, BenchOptions } from './bench.ts';

const measuredRounds = 5;
/** What the issue asks of one connection. */
const leastRatio = 0.7;
const columns = ['id', 'customer', 'status', 'amount', 'city', 'note', 'price', 'created', 'changed', 'flag'];

interface Measured {
  readonly rowsPerSecond: number;
  readonly cpuUsPerRow: number;
}

interface Bench {
  readonly mariadb: MariadbEndpoint;
  readonly rows: number;
  readonly say: (line: string) => void;
}

export async function benchSqlSource({ rows: asked, say }: BenchOptions): Promise<readonly BenchCase[]> {
  const place = findStackPlace(process.env);
  const stack = await startStack({
    services: ['mariadb'],
    dir: join(place.stacksDir, 'bench-sql-source'),
    cacheDir: place.cacheDir,
    settings: {},
    onProgress: say,
  });
  try {
    const bench = { mariadb: stack.endpoints.mariadb, rows: asked ?? 1_000_000, say };
    const isEqual = await loadAndCompare(bench);
    return [await compare(bench, 1, isEqual), await compare(bench, 4, isEqual)];
  } finally {
    await stack.stop();
  }
}

/** The sum of all rows' CRC32, as the server and as we see them. */
async function loadAndCompare(bench: Bench): Promise<boolean> {
  const { host, port, rootUser, rootPassword } = bench.mariadb;
  const root = await createConnection({ host, port, user: rootUser, password: rootPassword });
  try {
    await load(root, bench);
    await root.query("SET SESSION time_zone = '+00:00'");
    const [found] = await root.query<RowDataPacket[]>(
      `SELECT CAST(SUM(CRC32(CONCAT_WS('\\t', ${columns.join(', ')}))) AS CHAR) AS sum FROM bench_source.orders`,
    );
    let sum = 0;
    await readAll(bench, 4, (row) => (sum += crc32(row)));
    bench.say(`checksum: the server ${String(found[0]?.['sum'])}, ours ${sum}`);
    return String(found[0]?.['sum']) === String(sum);
  } finally {
    await root.end();
  }
}

/** Makes bench_source.orders. */
export async function loadOrders(bench: Bench): Promise<void> {
  const { host, port, rootUser, rootPassword } = bench.mariadb;
  const root = await createConnection({ host, port, user: rootUser, password: rootPassword });
  try {
    await load(root, bench);
  } finally {
    await root.end();
  }
}

async function load(root: Connection, { rows, say }: Bench): Promise<void> {
  say(`loading ${rows.toLocaleString('en')} rows`);
  await root.query('CREATE OR REPLACE DATABASE bench_source CHARACTER SET utf8mb4');
  await root.query(`CREATE TABLE bench_source.orders (id BIGINT NOT NULL PRIMARY KEY, customer INT NOT NULL, status VARCHAR(16) NOT NULL,
    amount DECIMAL(12,2), city VARCHAR(64), note VARCHAR(200), price DOUBLE, created DATETIME(3) NOT NULL, changed TIMESTAMP(3) NOT NULL,
    flag TINYINT)`);
  await root.query(`INSERT INTO bench_source.orders SELECT seq, seq * 7 % 100000, ELT(1 + seq % 4, 'new', 'paid', 'sent', 'closed'),
    (seq * 13 % 1000000) / 100, CONCAT('城市 ', seq % 500), CONCAT('note of order number ', seq, ' with some text'), seq / 7,
    '2026-01-01 00:00:00.000' + INTERVAL seq SECOND, FROM_UNIXTIME(1767225600 + seq), seq % 2 FROM bench_source.seq_1_to_${rows}`);
  await root.query('ANALYZE TABLE bench_source.orders');
}

/** In turn, so that a busy moment hits both; the first round warms up and does not count. */
async function compare(bench: Bench, connections: number, isEqual: boolean): Promise<BenchCase> {
  const name = `${connections} connection${connections === 1 ? '' : 's'}`;
  const [ours, theirs]: [Measured[], number[]] = [[], []];
  for (let round = 0; round <= measuredRounds; round += 1) {
    const [mine, client] = [await measure(bench, connections), await readByClient(bench)];
    bench.say(
      `${name}, ${round === 0 ? 'warm-up' : `round ${round}`}: ours ${Math.round(mine.rowsPerSecond)} rows/s with ${mine.cpuUsPerRow.toFixed(2)} µs CPU per row, the client ${Math.round(client)} rows/s`,
    );
    if (round === 0) continue;
    ours.push(mine);
    theirs.push(client);
  }
  const value = median(ours.map(({ rowsPerSecond }) => rowsPerSecond));
  const reference = median(theirs);
  const ratio = value / reference;
  const cpuUsPerRow = median(ours.map((each) => each.cpuUsPerRow));
  return {
    case: name,
    value,
    unit: 'rows/s',
    reference,
    ratio,
    cpuUsPerRow,
    ok: isEqual && ratio >= leastRatio,
  };
}

async function measure(bench: Bench, connections: number): Promise<Measured> {
  const [startedAt, cpuBefore] = [performance.now(), process.cpuUsage()];
  const rows = await readAll(bench, connections, () => undefined);
  if (rows !== bench.rows) throw new Error(`${rows} rows by ours, of ${bench.rows}`);
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    rowsPerSecond: (rows / (performance.now() - startedAt)) * 1_000,
    cpuUsPerRow: (user + system) / rows,
  };
}

/** Plan and read, as a run does; returns the number of rows. */
async function readAll(
  { mariadb }: Bench,
  connections: number,
  onRow: (row: Uint8Array) => void,
): Promise<number> {
  const { host, port, rootUser, rootPassword } = mariadb;
  const { signal } = new AbortController();
  const config = {
    'connector.class': 'JdbcSource',
    'connection.url': `jdbc:mysql://${host}:${port}/bench_source`,
    'connection.user': rootUser,
    'connection.password': rootPassword,
    'table.whitelist': 'orders',
    'sql.connections': String(connections),
  };
  const task = await createSqlSource([mysqlDialect]).openTask({
    config,
    signal,
    slots: freeSlots,
    clock: systemClock,
  });
  try {
    const plan = await task.plan({ base: null, mode: 'full', lagMs: 0 });
    const out = new RowCounter(onRow);
    const splits = plan.splits.values();
    const place = async (): Promise<void> => {
      for (const split of splits) await task.readSplit({ plan, split, out, signal });
    };
    await Promise.all(Array.from({ length: connections }, place));
    return out.rows;
  } finally {
    await task.close();
  }
}

class RowCounter implements RowOutput {
  rows = 0;
  readonly #onRow: (row: Uint8Array) => void;

  constructor(onRow: (row: Uint8Array) => void) {
    this.#onRow = onRow;
  }

  row(bytes: Uint8Array, keyEnd: number, end: number): void {
    this.rows += 1;
    this.#onRow(bytes.subarray(keyEnd, end));
  }

  dirty(): never {
    throw new Error('a dirty row');
  }

  filtered(): void {
    // There are none.
  }

  nulled(): void {
    // There are none.
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }
}

/** Rows a second. */
async function readByClient({ mariadb, rows }: Bench): Promise<number> {
  const { host, port, rootUser, rootPassword } = mariadb;
  const startedAt = performance.now();
  const client = spawn(
    'mariadb',
    ['--quick', '-N', `-h${host}`, `-P${port}`, `-u${rootUser}`, '-e', 'SELECT * FROM bench_source.orders'],
    { env: { ...process.env, MYSQL_PWD: rootPassword }, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  await new Promise<void>((resolve, reject) => {
    client.once('error', reject);
    client.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`mariadb ended with ${String(code)}`)),
    );
  });
  return (rows / (performance.now() - startedAt)) * 1_000;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
