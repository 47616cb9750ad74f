// Our HBase client while the cluster lives and breaks: every row once, whole. In an HBase of our own with short scanner leases,
// quotas, TLS, and a third region server that can be killed. Which event is tested where:
//
//   moves, splits, merges, flushes, compactions; NotServingRegion, RegionMoved      here: "regions move, split, merge and are flushed";
//     without pause, 18 scans long, ScannerReset among what is met                  npm run bench -- hbase-faults
//   the region that is read moves, splits, is merged                                here: "the very region it reads"
//   heartbeats without rows, scanner ids of 64 bits                                 here: "takes heartbeats"
//   scanner parked longer than its lease: renewed                                   here: "while the consumer stalls"
//   lease expired, UnknownScanner                                                   here: "its lease has run out"
//   region server killed -9 in mid scan, regions in transition for 30 s             here: "killed in mid scan"
//   region server stopped                                                           here: "while a region server stops"
//   throttling, its wait obeyed; TLS; count by coprocessor                          here
//   rows larger than a response, partial results, empty regions, 32 KB keys,        hbase-client.test.ts
//     0x00 and 0xFF keys, a table whose name begins another's
//   dropped, disabled and missing tables                                            hbase-client-calls.test.ts
//   more regions than an answer of meta holds; master absent                        test/demo/hbase-double/hbase-client.test.ts
//   scanner reset, wrong sequence numbers, LeaseException, lost responses,          test/connectors/hbase/client/scanner.test.ts
//     scanner ids above 2^63, heartbeats; heartbeats with rows and pieces of rows    and row-assembler.test.ts beside it
//   stale hints of RegionMoved, meta rows without a server, gaps in meta            test/connectors/hbase/client/locating.test.ts
//   server_overloaded, call_id −1, 0-byte close                                     retry-budget.test.ts, connection.test.ts beside it
//   Kerberos                                                                        hbase-kerberos.test.ts
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { findStackPlace } from '../../src/stack/stack-place.ts';
import { startStack, stopStack } from '../../src/stack/stack.ts';
import type { HbaseEndpoint } from '../../src/stack/stack-endpoints.ts';
import { systemClock } from '../../src/core/clock.ts';
import { HBaseClient } from '../../connectors/hbase/client/client.ts';
import type { HBaseClientOptions } from '../../connectors/hbase/client/client.ts';
import { simpleName } from '../../connectors/hbase/client/exceptions.ts';
import type { HBaseError, Recovery } from '../../connectors/hbase/client/exceptions.ts';
import { wholeTable } from '../../connectors/hbase/client/key-range.ts';
import type { Filter } from '../../connectors/hbase/client/messages/filter.ts';
import { TableScanner } from '../../connectors/hbase/client/scan/scanner.ts';
import { hbaseSink } from '../../connectors/hbase/sink/sink-connector.ts';
import { run } from '../conformance/hbase-bed.ts';
import { startExtraRegionServer } from '../support/extra-region-server.ts';
import type { ExtraRegionServer } from '../support/extra-region-server.ts';
import { openHastyScans } from '../support/hasty-scans.ts';
import { openHbaseBed } from '../support/hbase-bed.ts';
import type { HbaseTestBed } from '../support/hbase-bed.ts';
import type { OracleChecksum } from '../support/hbase-oracle.ts';
import { expectWholeThroughEvents } from '../support/mid-scan-events.ts';
import { createRandom } from '../support/random.ts';
import { putRows, readTable, sumScan } from '../support/read-table.ts';
import { makeSelfSigned } from '../support/self-signed.ts';
import { waitUntil } from '../support/wait-until.ts';

const rowCount = 30_000;
const leaseMs = 5_000;
/** How long ZooKeeper believes in a server that was killed: so long are its regions nowhere. */
const sessionMs = 30_000;
const counter = '|org.apache.hadoop.hbase.coprocessor.AggregateImplementation|1073741823|';
const key = (text: string): Buffer => Buffer.from(text);
const splitKeys = ['k05', 'k10', 'k15', 'k20', 'k25'].map(key);

describe.skipIf(inject('stack') === null)('the HBase client under faults', () => {
  const { cacheDir, stacksDir } = findStackPlace(process.env);
  let dir = '';
  let bed: HbaseTestBed;
  let table = '';
  let truth: OracleChecksum;
  let hbase: HbaseEndpoint;
  let certificate = '';
  let keyFolder = '';
  let extra: ExtraRegionServer | undefined;
  const clients: HBaseClient[] = [];

  /** A client of its own kind, closed at the end. */
  function openClient(options: Partial<HBaseClientOptions>): HBaseClient {
    const servers = [{ host: hbase.quorum, port: hbase.clientPort }];
    const client = new HBaseClient({
      cluster: { zookeeper: { servers } },
      retryBudgetMs: 90_000,
      ...options,
    });
    clients.push(client);
    return client;
  }

  beforeAll(async () => {
    mkdirSync(stacksDir, { recursive: true });
    dir = mkdtempSync(join(stacksDir, 'client-faults-'));
    keyFolder = mkdtempSync(join(stacksDir, 'client-keys-'));
    const selfSigned = await makeSelfSigned(keyFolder);
    certificate = selfSigned.certificate;
    const hbaseSite = {
      'hbase.client.scanner.timeout.period': String(leaseMs),
      'zookeeper.session.timeout': String(sessionMs),
      'hbase.quota.enabled': 'true',
      'hbase.quota.refresh.period': '500',
      'hbase.server.netty.tls.enabled': 'true',
      'hbase.server.netty.tls.supportplaintext': 'true',
      'hbase.server.netty.tls.client.auth.mode': 'NONE',
      'hbase.rpc.tls.keystore.location': selfSigned.keystore,
      'hbase.rpc.tls.keystore.password': selfSigned.password,
    };
    const stack = await startStack({ services: ['hbase'], dir, cacheDir, settings: { hbaseSite } });
    hbase = stack.endpoints.hbase;
    bed = await openHbaseBed(stack.endpoints);
    await bed.oracle.setBalancer(false);
    table = await bed.makeTable('faults', splitKeys, ['f']);
    const columns = ['a', 'b', 'c'].map((qualifier) => ({ family: 'f', qualifier, prefix: `${qualifier}-` }));
    await bed.oracle.load(table, { rows: rowCount, keyPrefix: 'k', keyDigits: 5, columns });
    truth = await bed.oracle.checksum(table);
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    try {
      await extra?.kill();
      await bed.close();
    } finally {
      await stopStack(dir);
      for (const folder of [dir, keyFolder]) rmSync(folder, { recursive: true });
    }
  });

  const expectTruth = (read: OracleChecksum): void =>
    expect({ rows: read.rows, cells: read.cells, sum: read.sum }).toEqual(truth);

  /** Scans again and again until `work` is done. */
  async function scanDuring(
    work: Promise<void>,
    client = bed.client,
  ): Promise<{ readonly scans: number; readonly reopened: number }> {
    const counts = { scans: 0, reopened: 0, workDone: false };
    const watched = work.finally(() => {
      counts.workDone = true;
    });
    watched.catch(() => undefined);
    while (!counts.workDone || counts.scans < 2) {
      const read = await readTable(client, table, { maxResultBytes: 200_000 });
      expectTruth(read);
      counts.scans++;
      counts.reopened += read.reopened;
    }
    await watched;
    return counts;
  }

  test('gives every row once while regions move, split, merge and are flushed', async () => {
    const random = createRandom(11);
    const shake = async (): Promise<void> => {
      for (let round = 0; round < 8; round++) {
        const regions = await bed.oracle.regions(table);
        const region = regions[random(regions.length)];
        if (region !== undefined) await bed.oracle.moveRegion(table, region.encodedName);
        if (round % 4 === 1) await bed.oracle.flush(table);
      }
      const [first, , , fourth, fifth] = await bed.oracle.regions(table);
      if (first === undefined || fourth === undefined || fifth === undefined)
        throw new Error('regions are missing');
      await bed.oracle.splitRegion(table, first.encodedName, 'k02');
      await bed.oracle.mergeRegions(table, fourth.encodedName, fifth.encodedName);
      await bed.oracle.majorCompact(table);
    };
    const errors: HBaseError[] = [];
    const client = openClient({ onRetry: (error) => errors.push(error) });
    const { scans, reopened } = await scanDuring(shake(), client);
    expect(scans).toBeGreaterThan(2);
    expect(reopened).toBeGreaterThan(0);
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) expectTyped(error);
  });

  test('gives every row once when the very region it reads moves, splits and merges', async () => {
    await expectWholeThroughEvents(bed);
  });

  test('takes heartbeats of a scan whose rows are kept back for long, and gives the few that come, each once', async () => {
    const long = await bed.makeTable('heartbeats', [], ['f']);
    const columns = Array.from({ length: 10 }, (_, i) => ({
      family: 'f',
      qualifier: `q${i}`,
      prefix: `${i}-`,
    }));
    await bed.oracle.load(long, { rows: 20_000, keyPrefix: 'k', keyDigits: 5, columns, skipWal: true });
    const wanted = ['k00007', 'k06007', 'k12007', 'k19999'];
    const filter: Filter = {
      kind: 'any',
      filters: [
        { kind: 'random-row', chance: -1 },
        ...wanted.map((row): Filter => ({ kind: 'prefix', prefix: key(row) })),
      ],
    };
    const hasty = openHastyScans(hbase);
    try {
      const read = await sumScan(new TableScanner(hasty.context, { table: long, range: wholeTable, filter }));
      expect([read.keys.map(String), read.cells]).toEqual([wanted, 40]);
      expect(hasty.heartbeats()).toBeGreaterThan(0);
      // Most are above 2^53 or have their top bit set.
      expect(Math.max(...[...hasty.scannerIds].map(Number))).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
    } finally {
      await hasty.close();
    }
  });

  test('keeps its scanner while the consumer stalls for longer than the lease', async () => {
    const scanner = bed.client.scan({ table, range: wholeTable, maxResultBytes: 200_000 });
    let rows = 0;
    for await (const batch of scanner) {
      rows += batch.rowCount;
      if (rows === batch.rowCount) await pause(leaseMs * 2.5);
    }
    expect([rows, scanner.reopened]).toEqual([rowCount, 0]);
  });

  test('goes on where it was when its lease has run out, since nobody could renew it', async () => {
    const causes: string[] = [];
    // Renewals sleep for half a lease; this clock lets nobody sleep so long.
    const isRenewal = (ms: number): boolean => ms === leaseMs / 2;
    const clock = {
      ...systemClock,
      sleep: (ms: number, signal?: AbortSignal) =>
        isRenewal(ms) ? new Promise<void>(() => undefined) : systemClock.sleep(ms, signal),
    };
    const client = openClient({ clock, onRetry: (error) => causes.push(classOf(error)) });
    const scanner = client.scan({ table, range: wholeTable, maxResultBytes: 200_000 });
    let rows = 0;
    for await (const batch of scanner) {
      rows += batch.rowCount;
      if (rows === batch.rowCount) await pause(leaseMs * 2.5);
    }
    expect([rows, scanner.reopened, causes]).toEqual([rowCount, 1, ['UnknownScannerException']]);
  });

  test('waits as long as a throttling server says, to the millisecond, and is served in the end', async () => {
    const throttled = await bed.makeTable('throttled', [], ['f']);
    await putRows(bed.client, throttled, [{ key: key('a'), columns: { 'f:a': 'v' } }]);
    await bed.oracle.throttle(throttled, 5);
    const waits: { readonly said: number | undefined; readonly pauseMs: number }[] = [];
    const client = openClient({
      onRetry: (error, pauseMs) => {
        if (classOf(error) === 'RpcThrottlingException') waits.push({ said: error.waitMs, pauseMs });
      },
    });
    await waitUntil('a get is throttled', async () => {
      const cells = await client.get(throttled, { row: key('a') });
      expect(cells).toHaveLength(1);
      return waits.length > 0;
    });
    expect(waits[0]?.said).toBeGreaterThan(0);
    for (const { said, pauseMs } of waits) expect(pauseMs).toBe(said);
  });

  test('source and sink reach a cluster over TLS by their keys', async () => {
    const config = {
      'pkuse.hbase.ip': hbase.quorum,
      'pkuse.hbase.port': String(hbase.clientPort),
      'pkuse.hbase.table.name': table,
      'pkuse.hbase.filed.mapping': '[{"sourceFiled":"f:a","targetFiled":"a","fieldType":"string"}]',
      'hbase.retry.ms': '20000',
      'hbase.rpc.tls.enabled': 'true',
      'hbase.rpc.tls.ca': certificate,
    };
    const { rows } = await run(config);
    expect(rows).toHaveLength(rowCount);
    const untrusting = { ...config, 'hbase.rpc.tls.ca': '' };
    await expect(run(untrusting)).rejects.toThrow(/self-signed certificate/);
    const sink = { ...config, topics: 't', 'table.name.format': table };
    const stepsOf = async (more: object): Promise<string> =>
      (await hbaseSink.testConnection({ ...sink, ...more }, new AbortController().signal))
        .map(({ ok, detail }) => `${ok} ${detail}`)
        .join('\n');
    expect(await stepsOf({})).not.toContain('false ');
    expect(await stepsOf({ 'hbase.rpc.tls.ca': '' })).toMatch(/false .*self-signed certificate/);
  });

  test('reads over TLS, and refuses at once a certificate that it was not told to trust', async () => {
    expectTruth(await readTable(openClient({ tls: { ca: certificate } }), table));
    await expect(readTable(openClient({ tls: {} }), table)).rejects.toMatchObject({
      retriable: false,
      message: expect.stringMatching(/self-signed certificate/) as string,
    });
  });

  test('counts by the coprocessor where a table has it loaded', async () => {
    const counted = `${bed.unique}_counted`;
    await bed.client.admin.createTable({
      table: counted,
      families: { f: {} },
      attributes: { coprocessor$1: counter },
      splitKeys: [key('k01')],
    });
    await bed.oracle.load(counted, {
      rows: 2_000,
      keyPrefix: 'k',
      keyDigits: 5,
      columns: [{ family: 'f', qualifier: 'a', prefix: 'v' }],
    });
    const described = await bed.client.admin.describeTable(counted);
    expect(described?.attributes.get('coprocessor$1')).toBe(counter);
    expect(await bed.client.countRowsByCoprocessor(counted)).toBe(2_000);
    expect(await bed.client.countRowsByCoprocessor(table)).toBeUndefined();
    expect(await bed.client.countRows(counted)).toEqual({ rows: 2_000, exact: true });
    const range = { start: key('k00500'), stop: key('k01500') };
    expect(await bed.client.countRows(counted, range)).toEqual({ rows: 1_000, exact: true });
    await bed.oracle.dropTable(counted);
  });

  test('puts and gets every row while regions move', async () => {
    const target = await bed.makeTable('moving', splitKeys, ['f']);
    const rows = Array.from({ length: 20_000 }, (_, i) => ({
      key: key(`k${String((i * 7919) % 30_000).padStart(5, '0')}`),
      columns: { 'f:a': `value ${i}` },
    }));
    const move = async (): Promise<void> => {
      for (const { encodedName } of await bed.oracle.regions(target))
        await bed.oracle.moveRegion(target, encodedName);
    };
    await Promise.all([move(), putRows(bed.client, target, rows)]);
    expect(await bed.expectEqual(target)).toMatchObject({ rows: 20_000 });
    const asked = rows.slice(0, 2_000).map((row) => ({ row: row.key }));
    const [found] = await Promise.all([bed.client.getRows(target, asked), move()]);
    expect(found.rows.filter(({ start, end }) => end > start)).toHaveLength(2_000);
  });

  test('counts right while regions move', async () => {
    const move = async (): Promise<void> => {
      for (const { encodedName } of await bed.oracle.regions(table))
        await bed.oracle.moveRegion(table, encodedName);
    };
    const [count] = await Promise.all([bed.client.countRows(table), move()]);
    expect(count).toEqual({ rows: rowCount, exact: true });
  });

  test('gives every row once when a region server is killed in mid scan, its regions nowhere for 30 s', async () => {
    extra = await startExtraRegionServer(hbase, bed.oracle);
    const server = extra;
    const regions = await bed.oracle.regions(table);
    for (const { encodedName } of regions.filter((_, index) => index % 2 === 1))
      await bed.oracle.moveRegion(table, encodedName, server.name);
    await bed.oracle.flush(table);
    const startedAt = performance.now();
    let killed: Promise<void> | undefined;
    const scanner = bed.client.scan({ table, range: wholeTable, maxResultBytes: 100_000 });
    let rows = 0;
    for await (const batch of scanner) {
      rows += batch.rowCount;
      if (rows > 8_000) killed ??= server.kill();
    }
    await killed;
    expect(rows).toBe(rowCount);
    expect(scanner.reopened).toBeGreaterThan(0);
    expect(performance.now() - startedAt).toBeGreaterThan(sessionMs / 2);
    expectTruth(await readTable(bed.client, table));
  });

  // The last one: nothing starts the server again.
  test('gives every row once while a region server stops', async () => {
    const { scans, reopened } = await scanDuring(stopOneServer());
    expect(scans).toBeGreaterThan(1);
    expect(reopened).toBeGreaterThan(0);
    expect(await bed.oracle.servers()).toHaveLength(1);
  });

  /** What the table of exceptions says of each class that a shaken cluster answers with; none when no answer came. */
  function expectTyped(error: HBaseError): void {
    const { className, recovery, place, code, retriable, message } = error;
    const expected: Readonly<Record<string, Recovery>> = {
      NotServingRegionException: 'relocate',
      RegionMovedException: 'relocate',
      RegionOpeningException: 'relocate',
      UnknownScannerException: 'reopen',
      ScannerResetException: 'reopen',
      OutOfOrderScannerNextException: 'reopen',
    };
    expect(retriable, message).toBe(true);
    if (className === undefined) {
      expect([code, recovery === 'fail'], message).toEqual(['HBASE_UNREACHABLE', false]);
      return;
    }
    expect([simpleName(className), recovery]).toEqual([
      simpleName(className),
      expected[simpleName(className)],
    ]);
    expect(code, message).toBe('HBASE_FAILED');
    expect(place).toMatch(/^[^:]+:\d+(, region .+)?$/);
    expect(message).toContain(`Scan on ${place}`);
  }

  function classOf(error: HBaseError): string {
    return simpleName(error.className ?? '');
  }

  async function stopOneServer(): Promise<void> {
    const [first] = await bed.oracle.regions(table);
    await bed.oracle.stopServer(first?.server ?? '', table);
  }
});
