// hbase-sink: rows from the row format into an HBase table by our sink's two writers, ledger and all, against HBase's own Java client
// with a BufferedMutator, which has only to put them; tables of the same shape, rows in memory on both sides, in turn. The rows that
// are there at the end are counted and summed by our own scan.
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hbaseSink } from '../../connectors/hbase/sink/sink-connector.ts';
import { HBaseClient } from '../../connectors/hbase/client/client.ts';
import { wholeTable } from '../../connectors/hbase/client/key-range.ts';
import type { RowSchema } from '../../src/core/connector/field-type.ts';
import type { RowBatch, SinkStore } from '../../src/core/connector/sink-store.ts';
import type { RunKey } from '../../src/core/ledger/ledger.ts';
import { startHbaseAdmin } from '../../src/stack/services/hbase-admin.ts';
import type { HbaseAdmin } from '../../src/stack/services/hbase-admin.ts';
import { findStackPlace } from '../../src/stack/stack-place.ts';
import { startStack } from '../../src/stack/stack.ts';
import type { HbaseEndpoint } from '../../src/stack/stack-endpoints.ts';
import { createRandom } from '../support/random.ts';
import type { BenchCase, BenchOptions } from './bench.ts';
import { dropTable } from '../support/hbase-cluster.ts';

const measuredRounds = 3;
const rowsPerUnit = 2_000;
const writers = 2;
const javaHeapMb = 1_024;
const columns = [
  'id',
  'amount',
  'city',
  'created',
  'device',
  'price',
  'quantity',
  'remark',
  'status',
  'user_id',
];
const schema: RowSchema = {
  fields: columns.map((name) => ({
    name,
    type: { kind: 'string', length: 0 },
    optional: name !== 'id',
  })),
  key: ['id'],
};

interface Measured {
  readonly rowsPerSecond: number;
  readonly cpuUsPerRow: number;
}

export async function benchHbaseSink({ rows: asked, say }: BenchOptions): Promise<readonly BenchCase[]> {
  const rows = asked ?? 200_000;
  const place = findStackPlace(process.env);
  const stack = await startStack({
    services: ['hbase'],
    dir: join(place.stacksDir, 'bench-sink'),
    cacheDir: place.cacheDir,
    settings: { hbaseHeapMb: 2_048 },
    onProgress: say,
  });
  const { hbase } = stack.endpoints;
  const folder = await mkdtemp(join(tmpdir(), 'bench-sink-'));
  const servers = [{ host: hbase.quorum, port: hbase.clientPort }];
  const client = new HBaseClient({ cluster: { zookeeper: { servers } } });
  let java: HbaseAdmin | undefined;
  try {
    const batches = makeBatches(rows);
    const file = join(folder, 'orders.tsv');
    writeFileSync(
      file,
      [Buffer.from(`${columns.join('\t')}\n`), ...batches.map(({ bytes }) => bytes)].join(''),
    );
    java = await startHbaseAdmin(hbase, join(import.meta.dirname, 'PutOrders.java'), javaHeapMb);
    return [await compare({ client, java, hbase, batches, file, rows, say })];
  } finally {
    await java?.close();
    client.close();
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Bench {
  readonly client: HBaseClient;
  readonly java: HbaseAdmin;
  readonly hbase: HbaseEndpoint;
  readonly batches: readonly RowBatch[];
  readonly file: string;
  readonly rows: number;
  readonly say: (line: string) => void;
}

/** In turn, so that a busy moment hits both; the first round warms up and does not count. */
async function compare(bench: Bench): Promise<BenchCase> {
  const [ours, theirs]: [Measured[], number[]] = [[], []];
  let isEqual = true;
  for (let round = 0; round <= measuredRounds; round += 1) {
    const [mine, other] = [`sink_ours_${round}`, `sink_java_${round}`];
    await createTables(bench, [mine, other]);
    const measured = await putByOurs(bench, mine);
    const reference = await putByJava(bench, other);
    const [left, right] = [await countBytes(bench, mine), await countBytes(bench, other)];
    isEqual &&= left.rows === bench.rows && left.bytes === right.bytes && left.rows === right.rows;
    bench.say(
      `${round === 0 ? 'warm-up' : `round ${round}`}: ours ${Math.round(measured.rowsPerSecond)} rows/s with ${measured.cpuUsPerRow.toFixed(2)} µs CPU per row, Java ${Math.round(reference)} rows/s; ${left.rows} rows, ${left.bytes} bytes of cells`,
    );
    await dropTables(bench, [mine, other]);
    if (round === 0) continue;
    ours.push(measured);
    theirs.push(reference);
  }
  const value = median(ours.map((each) => each.rowsPerSecond));
  const reference = median(theirs);
  return {
    case: `${bench.rows.toLocaleString('en')} rows of ${columns.length} cells`,
    value,
    unit: 'rows/s',
    reference,
    ratio: value / reference,
    cpuUsPerRow: median(ours.map((each) => each.cpuUsPerRow)),
    ok: isEqual,
  };
}

async function putByOurs({ hbase, batches, rows }: Bench, table: string): Promise<Measured> {
  const config = {
    'pkuse.hbase.ip': hbase.quorum,
    'pkuse.hbase.port': String(hbase.clientPort),
    'table.name.format': table,
    'hbase.family': 'd',
  };
  const ledger = await hbaseSink.openLedger(config);
  const begun = await ledger.begin({ job: table, taskId: 't', digest: 'd', mode: 'full', byHand: false });
  if (begun.kind !== 'begun') throw new Error(`begin said ${begun.kind}`);
  await ledger.close();
  const key = { job: table, epoch: begun.epoch };
  const { signal } = new AbortController();
  const stores = await Promise.all(
    Array.from({ length: writers }, () => hbaseSink.openStore(config, signal)),
  );
  for (const [partition, store] of stores.entries()) {
    await store.prepareTable(schema);
    const position = { topic: 't', partition, next: 0, logIncarnation: 'log' };
    await store.transaction((tx) => tx.addPartition(key, position));
  }
  const [startedAt, cpuBefore] = [performance.now(), process.cpuUsage()];
  const left = [...batches];
  await Promise.all(stores.map((store, partition) => write(store, key, { partition, left })));
  const tookMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  for (const store of stores) await store.close();
  return { rowsPerSecond: (rows / tookMs) * 1_000, cpuUsPerRow: (user + system) / rows };
}

async function write(
  store: SinkStore,
  key: RunKey,
  { partition, left }: { readonly partition: number; readonly left: RowBatch[] },
): Promise<void> {
  let from = 0;
  for (let batch = left.shift(); batch !== undefined; batch = left.shift()) {
    const unit = { batch, from, to: from + batch.rows };
    await store.transaction(async (tx) => {
      await tx.lockJob(key.job, 'shared');
      if (!(await tx.movePartition(key, { topic: 't', partition, from: unit.from, to: unit.to })))
        throw new Error('somebody else moved the position');
      const refused = await tx.writeRows(unit.batch);
      if (refused.length > 0) throw new Error(refused[0]?.reason);
    });
    from = unit.to;
  }
}

async function putByJava({ java, file, rows }: Bench, table: string): Promise<number> {
  const { rows: put, ms } = (await java.call('put', { table, file, family: 'd' })) as {
    rows: number;
    ms: number;
  };
  if (put !== rows) throw new Error(`Java put ${put} rows of ${rows}`);
  return (put / ms) * 1_000;
}

async function countBytes({ client }: Bench, table: string): Promise<{ rows: number; bytes: number }> {
  let [rows, bytes] = [0, 0];
  for await (const { rowCount, rowStarts } of client.scan({ table, range: wholeTable })) {
    rows += rowCount;
    bytes += (rowStarts[rowCount] ?? 0) - (rowStarts[0] ?? 0);
  }
  return { rows, bytes };
}

async function createTables({ client }: Bench, tables: readonly string[]): Promise<void> {
  const splitKeys = ['20', '40', '60', '80', 'a0', 'c0', 'e0'].map((each) => Buffer.from(each));
  for (const table of tables) await client.admin.createTable({ table, families: { d: {} }, splitKeys });
}

async function dropTables({ client }: Bench, tables: readonly string[]): Promise<void> {
  for (const table of tables) {
    await dropTable(client, table);
  }
}

/** About 185 bytes of values a row; keys are salted, so that each unit goes to all regions. */
function makeBatches(rows: number): RowBatch[] {
  const random = createRandom(1);
  const batches: RowBatch[] = [];
  for (let at = 0; at < rows; at += rowsPerUnit) {
    const count = Math.min(rowsPerUnit, rows - at);
    const lines = Array.from({ length: count }, (_, index) => `${lineOf(at + index, random)}\n`);
    batches.push({ bytes: Buffer.from(lines.join('')), rows: count });
  }
  return batches;
}

function lineOf(number: number, random: (below: number) => number): string {
  const salt = (((number * 2_654_435_761) >>> 24) & 0xff).toString(16).padStart(2, '0');
  return [
    `${salt}${String(number).padStart(12, '0')}`,
    `${random(100_000)}.${String(random(100)).padStart(2, '0')}`,
    ['上海', '北京', '广州', '深圳'][random(4)] ?? '',
    new Date(1_767_225_600_000 + number * 10_000).toISOString().slice(0, 23).replace('T', ' '),
    `device-${random(1_000_000).toString(36)}`,
    String(random(1_000_000) / 100),
    String(1 + random(100)),
    `note ${number} ${'abcdefghijklmnopqrstuvwxyz'.repeat(3).slice(0, 40 + random(30))}`,
    ['new', 'paid', 'shipped', 'done'][random(4)] ?? '',
    String(number * 7),
  ].join('\t');
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
