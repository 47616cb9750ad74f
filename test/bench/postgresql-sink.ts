// postgresql-sink: a job MariaDB → Kafka → PostgreSQL (postgresql-through-kafka.ts), and, without source and log, rows from the row format
// into a PostgreSQL table by our sink's two writers, ledger and all; each against `psql \\copy` of the same rows from a file into the same
// kind of table; new tables, in turn. All rows at the end are counted and summed.
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RowSchema } from '../../src/core/connector/field-type.ts';
import type { RowBatch, SinkStore } from '../../src/core/connector/sink-store.ts';
import type { RunKey } from '../../src/core/ledger/ledger.ts';
import { findStackPlace } from '../../src/stack/stack-place.ts';
import { startStack } from '../../src/stack/stack.ts';
import { batchOf, fieldOf, openRun } from '../conformance/sink-bed.ts';
import { openPostgresBed, type PostgresBed } from '../support/postgresql-bed.ts';
import { createRandom } from '../support/random.ts';
import type { BenchCase, BenchOptions } from './bench.ts';
import { benchThroughKafka } from './postgresql-through-kafka.ts';
import { copyByPsql, median, sumOf } from './psql-copy.ts';

const measuredRounds = 3;
const rowsPerUnit = 20_000;

const schema: RowSchema = {
  fields: [
    fieldOf('id', { kind: 'string', length: 32 }, false),
    fieldOf('user_id', { kind: 'int64' }),
    fieldOf('amount', { kind: 'decimal', precision: 18, scale: 2 }),
    fieldOf('quantity', { kind: 'int32' }),
    fieldOf('price', { kind: 'float64' }),
    fieldOf('created', { kind: 'timestamp', precision: 3 }),
    fieldOf('city', { kind: 'string', length: 64 }),
    fieldOf('status', { kind: 'string', length: 16 }),
    fieldOf('device', { kind: 'string', length: 64 }),
    fieldOf('remark', { kind: 'string', length: 200 }),
  ],
  key: ['id'],
};

export async function benchPostgresSink({ rows: asked, say }: BenchOptions): Promise<readonly BenchCase[]> {
  const rows = asked ?? 1_000_000;
  const place = findStackPlace(process.env);
  const stack = await startStack({
    services: ['kafka', 'mariadb', 'postgresql'],
    settings: { kafkaHeapMb: 1_024, mariadbBufferPoolMb: 1_024 },
    dir: join(place.stacksDir, 'bench-postgresql'),
    cacheDir: place.cacheDir,
    onProgress: say,
  });
  const { endpoints } = stack;
  const folder = await mkdtemp(join(tmpdir(), 'bench-postgresql-'));
  const bed = await openPostgresBed(endpoints.postgresql);
  try {
    const cases = [await benchThroughKafka({ endpoints, bed, rows, folder, say })];
    const batches = makeBatches(rows);
    const file = join(folder, 'orders.tsv');
    writeFileSync(file, Buffer.concat(batches.map(({ bytes }) => bytes)));
    for (const kind of ['insert', 'update'] as const)
      cases.push(await compare({ bed, batches, file, rows, say }, kind));
    return cases;
  } finally {
    await bed.close();
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Bench {
  readonly bed: PostgresBed;
  readonly batches: readonly RowBatch[];
  readonly file: string;
  readonly rows: number;
  readonly say: (line: string) => void;
}

interface Measured {
  readonly rowsPerSecond: number;
  readonly cpuUsPerRow: number;
}

/**
 * In turn, so that a busy moment hits both; the first round warms up and does not count. `update`: over the rows that are there, against
 * the same insert by psql.
 */
async function compare(bench: Bench, kind: 'insert' | 'update'): Promise<BenchCase> {
  const { bed, rows } = bench;
  const [ours, theirs]: [Measured[], number[]] = [[], []];
  let isEqual = true;
  for (let round = 0; round <= measuredRounds; round += 1) {
    const [mine, other] = [`ours_${kind}_${round}`, `psql_${kind}_${round}`];
    if (kind === 'update') await putByOurs(bench, mine);
    const measured = await putByOurs(bench, mine);
    await bench.bed.execute(`CREATE TABLE ${other} (LIKE ${mine} INCLUDING ALL)`);
    const reference = await putByPsql(bench, other);
    isEqual &&= (await sumOf(bed, mine, rows)) === (await sumOf(bed, other, rows));
    bench.say(
      `${kind} ${round === 0 ? 'warm-up' : `round ${round}`}: ours ${Math.round(measured.rowsPerSecond)} rows/s with ${measured.cpuUsPerRow.toFixed(2)} µs CPU per row, psql ${Math.round(reference)} rows/s`,
    );
    await bench.bed.execute(`DROP TABLE ${mine}, ${other}`);
    if (round === 0) continue;
    ours.push(measured);
    theirs.push(reference);
  }
  const value = median(ours.map((each) => each.rowsPerSecond));
  const reference = median(theirs);
  return {
    case: `${kind} of ${bench.rows.toLocaleString('en')} rows of ${schema.fields.length} columns`,
    value,
    unit: 'rows/s',
    reference,
    ratio: value / reference,
    cpuUsPerRow: median(ours.map((each) => each.cpuUsPerRow)),
    ok: isEqual,
  };
}

async function putByOurs({ bed, batches, rows }: Bench, table: string): Promise<Measured> {
  const config = bed.configOf(table);
  const { key, store } = await openRun(bed, config, schema);
  const other = await bed.plugin.openStore(config, new AbortController().signal);
  await other.prepareTable(schema);
  const stores = [store, other];
  for (const [partition, each] of stores.entries()) {
    const position = { topic: 't', partition, next: 0, logIncarnation: 'log' };
    await each.transaction((tx) => tx.addPartition(key, position));
    const [found] = (await each.transaction((tx) => tx.readPartitions(key))).filter(
      (at) => at.partition === partition,
    );
    starts[partition] = found?.next ?? 0;
  }
  const [startedAt, cpuBefore] = [performance.now(), process.cpuUsage()];
  const left = [...batches];
  await Promise.all(stores.map((each, partition) => write(each, key, { partition, left })));
  const tookMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  for (const each of stores) await each.close();
  return { rowsPerSecond: (rows / tookMs) * 1_000, cpuUsPerRow: (user + system) / rows };
}

/** Where the last use of a table left each partition. */
const starts: number[] = [];

async function write(
  store: SinkStore,
  key: RunKey,
  { partition, left }: { readonly partition: number; readonly left: RowBatch[] },
): Promise<void> {
  let from = starts[partition] ?? 0;
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

async function putByPsql({ bed, file, rows }: Bench, table: string): Promise<number> {
  return (rows / (await copyByPsql(bed, `${table} from '${file}'`))) * 1_000;
}

function makeBatches(rows: number): readonly RowBatch[] {
  const random = createRandom(7);
  const all: RowBatch[] = [];
  for (let at = 0; at < rows; at += rowsPerUnit)
    all.push(
      batchOf(Array.from({ length: Math.min(rowsPerUnit, rows - at) }, (_, i) => rowOf(at + i, random))),
    );
  return all;
}

function rowOf(number: number, random: (below: number) => number): readonly string[] {
  return [
    `order-${String(number).padStart(16, '0')}`,
    String(random(1e9)),
    `${random(1e6)}.${String(random(100)).padStart(2, '0')}`,
    String(random(100)),
    String(random(1e6) / 100),
    `2024-02-${String(1 + random(28)).padStart(2, '0')} 12:30:${String(random(60)).padStart(2, '0')}.123`,
    `city ${random(500)}`,
    ['new', 'paid', 'sent', 'done'][random(4)] ?? '',
    `device-${random(1e6)}-${random(1e6)}`,
    `remark ${random(1e9)} 备注 ${'x'.repeat(random(60))}`,
  ];
}
