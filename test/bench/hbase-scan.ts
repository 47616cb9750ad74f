// hbase-scan: our scanner with the product's decoding to row bytes against HBase's own Java client, which only counts; the same
// table, limits and turn. 1,000,000 rows of 10 cells in 8 regions, with one scanner and with four; and the exact count of the rows
// without reading them, against Java's count by first keys.
import { join } from 'node:path';
import { CellDecoder } from '../../connectors/hbase/mapping/cell-decoder.ts';
import { parseFieldMapping } from '../../connectors/hbase/mapping/field-mapping.ts';
import { readAll } from '../../connectors/hbase/source/full-read.ts';
import { HBaseClient } from '../../connectors/hbase/client/client.ts';
import { wholeTable } from '../../connectors/hbase/client/key-range.ts';
import type { KeyRange } from '../../connectors/hbase/client/key-range.ts';
import { startHbaseAdmin } from '../../src/stack/services/hbase-admin.ts';
import type { HbaseAdmin } from '../../src/stack/services/hbase-admin.ts';
import { findStackPlace } from '../../src/stack/stack-place.ts';
import { startStack } from '../../src/stack/stack.ts';
import type { RowOutput } from '../../src/core/connector/contract.ts';
import type { BenchCase, BenchOptions } from './bench.ts';
import { loadOrders, wideOrderMapping } from './bench-orders.ts';
import { describeSum, isSameSum, sumInJava, sumScan } from './scan-sum.ts';

const measuredRounds = 5;
const javaHeapMb = 1_024;

interface Measured {
  readonly rows: number;
  readonly rowsPerSecond: number;
  readonly cpuUsPerRow: number;
}

interface JavaCount {
  readonly rows: number;
  readonly ms: number;
}

interface Bench {
  readonly table: string;
  readonly client: HBaseClient;
  readonly java: HbaseAdmin;
  readonly say: (line: string) => void;
  readonly rows: number;
}

export async function benchHbaseScan({ rows: asked, say }: BenchOptions): Promise<readonly BenchCase[]> {
  const rows = asked ?? 1_000_000;
  const place = findStackPlace(process.env);
  const stack = await startStack({
    services: ['hbase'],
    dir: join(place.stacksDir, 'bench-scan'),
    cacheDir: place.cacheDir,
    settings: { hbaseHeapMb: 4_096 },
    onProgress: say,
  });
  const { hbase } = stack.endpoints;
  const servers = [{ host: hbase.quorum, port: hbase.clientPort }];
  const client = new HBaseClient({ cluster: { zookeeper: { servers } } });
  let java: HbaseAdmin | undefined;
  try {
    const table = `scan_orders_${rows}`;
    // A stack that was up before keeps its tables.
    if ((await client.admin.describeTable(table)) === undefined) {
      say(`loading ${rows.toLocaleString('en')} rows`);
      await loadOrders(client, table, rows, true);
    }
    java = await startHbaseAdmin(hbase, join(import.meta.dirname, 'ScanCount.java'), javaHeapMb);
    const bench: Bench = { client, java, say, rows, table };
    const isEqual = await checksumsAreEqual(bench);
    return [
      await compareScans(bench, { scanners: 1, isEqual, leastRatio: 1.2 }),
      await compareScans(bench, { scanners: 4, isEqual, leastRatio: 1 }),
      await compareCounts(bench),
    ];
  } finally {
    await java?.close();
    client.close();
    await stack.stop();
  }
}

interface ScanCase {
  readonly scanners: number;
  readonly isEqual: boolean;
  readonly leastRatio: number;
}

async function compareScans(bench: Bench, { scanners, isEqual, leastRatio }: ScanCase): Promise<BenchCase> {
  const name = `${scanners} scanner${scanners === 1 ? '' : 's'}`;
  const { value, reference, cpuUsPerRow } = await interleave(bench, name, {
    ours: () => scanAndDecode(bench, scanners),
    java: () => countInJava(bench, 'scan', scanners),
  });
  const ratio = value / reference;
  const ok = isEqual && ratio >= leastRatio && cpuUsPerRow <= 2.2;
  return { case: name, value, unit: 'rows/s', reference, ratio, cpuUsPerRow, ok };
}

async function compareCounts(bench: Bench): Promise<BenchCase> {
  const { value, reference, cpuUsPerRow } = await interleave(bench, 'exact count', {
    ours: () => countOnServers(bench),
    java: () => countInJava(bench, 'keys', 4),
  });
  const ratio = value / reference;
  return {
    case: 'exact count, 4 regions at a time',
    value,
    unit: 'rows/s',
    reference,
    ratio,
    cpuUsPerRow,
    ok: ratio >= 1,
  };
}

/** In turn, so that a busy moment hits both; the first round warms up and does not count. */
async function interleave(
  { say, rows }: Bench,
  name: string,
  sides: { ours: () => Promise<Measured>; java: () => Promise<Measured> },
): Promise<{ value: number; reference: number; cpuUsPerRow: number }> {
  const [ours, java]: [Measured[], Measured[]] = [[], []];
  for (let round = 0; round <= measuredRounds; round += 1) {
    const [mine, theirs] = [await sides.ours(), await sides.java()];
    if (mine.rows !== rows || theirs.rows !== rows)
      throw new Error(`${name}: ${mine.rows} rows by ours, ${theirs.rows} by Java, of ${rows}`);
    say(
      `${name}, ${round === 0 ? 'warm-up' : `round ${round}`}: ours ${Math.round(mine.rowsPerSecond)} rows/s with ${mine.cpuUsPerRow.toFixed(2)} µs CPU per row, Java ${Math.round(theirs.rowsPerSecond)} rows/s`,
    );
    if (round === 0) continue;
    ours.push(mine);
    java.push(theirs);
  }
  return {
    value: median(ours.map((each) => each.rowsPerSecond)),
    reference: median(java.map((each) => each.rowsPerSecond)),
    cpuUsPerRow: median(ours.map((each) => each.cpuUsPerRow)),
  };
}

async function scanAndDecode({ client, table }: Bench, scanners: number): Promise<Measured> {
  return await measure(async () => {
    const ranges: KeyRange[] =
      scanners === 1
        ? [wholeTable]
        : (await client.regions(table)).map(({ info }) => ({ start: info.startKey, stop: info.endKey }));
    const out = new RowCounter();
    const worker = async (): Promise<void> => {
      const decoder = makeDecoder();
      for (let range = ranges.shift(); range !== undefined; range = ranges.shift())
        await readAll({
          client,
          table,
          range,
          selection: {},
          decoder,
          out,
          signal: new AbortController().signal,
        });
    };
    await Promise.all(Array.from({ length: scanners }, worker));
    return out.rows;
  });
}

async function countOnServers({ client, table }: Bench): Promise<Measured> {
  return await measure(async () => (await client.countRows(table)).rows);
}

async function countInJava(
  { java, rows, table }: Bench,
  command: 'scan' | 'keys',
  scanners: number,
): Promise<Measured> {
  const count = (await java.call(command, { table, scanners })) as JavaCount;
  return { rows: count.rows, rowsPerSecond: (rows / count.ms) * 1_000, cpuUsPerRow: 0 };
}

async function measure(work: () => Promise<number>): Promise<Measured> {
  const [startedAt, cpuBefore] = [performance.now(), process.cpuUsage()];
  const rows = await work();
  const tookMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { rows, rowsPerSecond: (rows / tookMs) * 1_000, cpuUsPerRow: (user + system) / rows };
}

/** The sum over all rows of the CRC32 of their cells, as both clients see them. */
async function checksumsAreEqual({ client, java, say, table }: Bench): Promise<boolean> {
  const theirs = await sumInJava(java, table);
  const ours = await sumScan(client.scan({ table, range: wholeTable }));
  say(`checksum: ours ${describeSum(ours)}; Java ${describeSum(theirs)}`);
  return isSameSum(ours, theirs);
}

function makeDecoder(): CellDecoder {
  const text = JSON.stringify(wideOrderMapping);
  const parsed = parseFieldMapping({ text, keyName: 'id', defaultEncoding: 'text' });
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  return new CellDecoder(
    parsed.mapping.fields.map((field) => ({
      field,
      column: field.family === null ? null : { family: field.family, qualifier: field.qualifier },
    })),
  );
}

class RowCounter implements RowOutput {
  rows = 0;
  bytes = 0;

  row(_bytes: Uint8Array, _keyEnd: number, end: number): void {
    this.rows += 1;
    this.bytes += end;
  }

  dirty(): never {
    throw new Error('the bench has no dirty rows');
  }

  filtered(): never {
    throw new Error('the bench filters no rows');
  }

  nulled(): never {
    throw new Error('every cell of the bench fits');
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
