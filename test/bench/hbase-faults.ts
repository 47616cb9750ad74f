// hbase-faults: 18 full scans of one unchanged table while its regions are moved, split, merged, flushed and compacted without pause.
// Each is hit by three events at least, and must give exactly what the Java client read in peace: rows, cells, checksum. Every second
// scan takes small responses, which the server cuts inside rows.
import { join } from 'node:path';
import { HBaseClient } from '../../connectors/hbase/client/client.ts';
import { rowKeyAt } from '../../connectors/hbase/client/wire/cell-block.ts';
import { simpleName } from '../../connectors/hbase/client/exceptions.ts';
import type { HBaseError } from '../../connectors/hbase/client/exceptions.ts';
import { wholeTable } from '../../connectors/hbase/client/key-range.ts';
import type { ScanBatch, TableScanner } from '../../connectors/hbase/client/scan/scanner.ts';
import { startHbaseAdmin } from '../../src/stack/services/hbase-admin.ts';
import { findStackPlace } from '../../src/stack/stack-place.ts';
import type { HbaseEndpoint } from '../../src/stack/stack-endpoints.ts';
import { startStack } from '../../src/stack/stack.ts';
import { startHbaseOracle } from '../support/hbase-oracle.ts';
import { createRandom } from '../support/random.ts';
import { waitUntil } from '../support/wait-until.ts';
import type { BenchCase, BenchOptions } from './bench.ts';
import { loadOrders } from './bench-orders.ts';
import { shakeRegions } from './region-shaker.ts';
import type { RegionEvent } from './region-shaker.ts';
import { describeSum, isSameSum, sumInJava, sumScan } from './scan-sum.ts';
import type { TableSum } from './scan-sum.ts';

const table = 'fault_orders';
const scans = 18;
const smallResponse = 200_000;
const javaHeapMb = 512;
const eventLimitMs = 90_000;

export async function benchHbaseFaults({ rows: asked, say }: BenchOptions): Promise<readonly BenchCase[]> {
  const rows = asked ?? 300_000;
  const place = findStackPlace(process.env);
  const stack = await startStack({
    services: ['hbase'],
    dir: join(place.stacksDir, 'bench-faults'),
    cacheDir: place.cacheDir,
    settings: { hbaseHeapMb: 2_048 },
    onProgress: say,
  });
  const { hbase } = stack.endpoints;
  const client = openClient(hbase);
  try {
    say(`loading ${rows.toLocaleString('en')} rows`);
    await loadOrders(client, table, rows, true);
    const truth = await readInPeace(hbase, say);
    if (truth.rows !== rows) throw new Error(`Java reads ${truth.rows} rows of ${rows}`);
    return await scanUnderFaults({ hbase, client, truth, say });
  } finally {
    client.close();
    await stack.stop();
  }
}

function openClient(
  { quorum, clientPort }: HbaseEndpoint,
  onRetry?: (error: HBaseError) => void,
): HBaseClient {
  const cluster = { zookeeper: { servers: [{ host: quorum, port: clientPort }] } };
  return new HBaseClient({ cluster, ...(onRetry === undefined ? {} : { onRetry }) });
}

/** The oracle's word, of the table before anything happens to it. */
async function readInPeace(hbase: HbaseEndpoint, say: (line: string) => void): Promise<TableSum> {
  const java = await startHbaseAdmin(hbase, join(import.meta.dirname, 'ScanCount.java'), javaHeapMb);
  try {
    const truth = await sumInJava(java, table);
    say(`Java, in peace: ${describeSum(truth)}`);
    return truth;
  } finally {
    await java.close();
  }
}

interface Bench {
  readonly hbase: HbaseEndpoint;
  /** Of the shaker. */
  readonly client: HBaseClient;
  readonly truth: TableSum;
  readonly say: (line: string) => void;
}

/** What happened since it was last read. */
class Tally {
  #counts = new Map<string, number>();
  readonly all = new Map<string, number>();
  total = 0;

  add(name: string): void {
    this.total += 1;
    for (const counts of [this.#counts, this.all]) counts.set(name, (counts.get(name) ?? 0) + 1);
  }

  take(): string {
    const text = [...this.#counts].map(([name, count]) => `${name} ${count}`).join(', ');
    this.#counts = new Map();
    return text === '' ? 'none' : text;
  }
}

async function scanUnderFaults({ hbase, client, truth, say }: Bench): Promise<readonly BenchCase[]> {
  const [events, failures] = [new Tally(), new Tally()];
  const reader = openClient(hbase, (error) => failures.add(describeFailure(error)));
  const oracle = await startHbaseOracle({ hbase });
  const stop = new AbortController();
  const scanned: Scanned = { position: undefined };
  await oracle.setBalancer(false);
  const shaking = shakeRegions(
    {
      ...{ oracle, client, table, random: createRandom(18) },
      position: () => scanned.position,
      onEvent: (event) => events.add(event),
      onRefused: (event, { message }) => say(`${event} refused: ${message}`),
    },
    stop.signal,
  );
  // Its failure ends the bench when the scans are done, or wait for the next event in vain.
  shaking.catch(() => undefined);
  try {
    const cases: BenchCase[] = [];
    for (let number = 1; number <= scans; number += 1) {
      const options = number % 2 === 0 ? { maxResultBytes: smallResponse } : {};
      const scanner = reader.scan({ table, range: wholeTable, ...options });
      const startedAt = performance.now();
      events.take();
      const read = await sumScan(scanner, awaitEvents({ scanned, scanner, events, rows: truth.rows }));
      const ok = isSameSum(read, truth);
      const ms = Math.round(performance.now() - startedAt);
      say(
        `scan ${number}: ${ok ? 'exact' : 'WRONG'}, ${describeSum(read)}, ${ms} ms; events in mid-scan: ${events.take()}; reopened ${scanner.reopened}: ${failures.take()}`,
      );
      cases.push(
        countCase(`rows of scan ${number}`, 'rows', { value: read.rows, reference: truth.rows, ok }),
      );
    }
    return [...cases, ...eventCases(events), reopenedCase(failures)];
  } finally {
    stop.abort();
    await shaking.finally(() => oracle.close());
    reader.close();
  }
}

interface Scanned {
  /** First row of the newest batch. */
  position: Buffer | undefined;
}

/** A scan takes seconds, an event up to a second: at each quarter of its rows it waits until another event is over. */
function awaitEvents(of: {
  readonly scanned: Scanned;
  readonly scanner: TableScanner;
  readonly events: Tally;
  readonly rows: number;
}): (batch: ScanBatch) => Promise<void> {
  let [quarters, seen] = [0, of.events.total];
  return async ({ buffer, rowStarts }) => {
    of.scanned.position = Buffer.from(rowKeyAt(buffer, rowStarts[0] ?? 0));
    if (of.scanner.rows < ((quarters + 1) * of.rows) / 4 || quarters === 3) return;
    quarters += 1;
    await waitUntil('an event in mid-scan', () => of.events.total > seen, eventLimitMs);
    seen = of.events.total;
  };
}

/** A bench whose table nobody touched shows nothing. */
function eventCases({ all }: Tally): readonly BenchCase[] {
  const kinds: readonly RegionEvent[] = ['move', 'split', 'merge', 'flush', 'compact'];
  return kinds.map((kind) => countCase(`events: ${kind}`, 'times', { value: all.get(kind) ?? 0 }));
}

function reopenedCase({ total }: Tally): BenchCase {
  return countCase('failures survived', 'times', {
    value: total,
  });
}

function countCase(
  name: string,
  unit: string,
  { value, reference = null, ok = value > 0 }: { value: number; reference?: number | null; ok?: boolean },
): BenchCase {
  const ratio = reference === null ? null : value / reference;
  return { case: name, value, unit, reference, ratio, cpuUsPerRow: null, ok };
}

function describeFailure(error: HBaseError): string {
  return error.className === undefined ? error.recovery : simpleName(error.className);
}
