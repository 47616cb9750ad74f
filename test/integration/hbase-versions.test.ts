// What a reader of HBase stands on, on the lines of HBase that are not the stack's own: each in a private HBase of that version, and
// each read compared with what the Java client of the same version reads. SYNCLINE_TEST_HBASE=2.4 takes another line than those of
// every test run.
import { timePosition } from '../../connectors/hbase/source/positions.ts';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { HBaseClient } from '../../connectors/hbase/client/client.ts';
import { deleteCells, deleteRow, putRow } from '../../connectors/hbase/client/mutate/mutations.ts';
import { zookeeperRegistry } from '../../connectors/hbase/client/regions/registry.ts';
import type { HbaseVersion } from '../../src/stack/services/hbase-coordinates.ts';
import type { HbaseEndpoint } from '../../src/stack/stack-endpoints.ts';
import { findStackPlace } from '../../src/stack/stack-place.ts';
import { startStack, stopStack } from '../../src/stack/stack.ts';
import { longAgoMs, run } from '../conformance/hbase-bed.ts';
import { openHbaseBed } from '../support/hbase-bed.ts';
import type { HbaseTestBed } from '../support/hbase-bed.ts';
import { expectWholeThroughEvents } from '../support/mid-scan-events.ts';
import { putRows, readTable } from '../support/read-table.ts';

const asked = process.env['SYNCLINE_TEST_HBASE'];
const versions = (asked ?? '2.5,3.0').split(',') as HbaseVersion[];
const heapMb = 384;
const key = (text: string): Buffer => Buffer.from(text, 'latin1');
const bytes = (...values: number[]): Buffer => Buffer.from(values);

describe.skipIf(inject('stack') === null).each(versions)('HBase %s', (version) => {
  const { cacheDir, stacksDir } = findStackPlace(process.env);
  let dir = '';
  let hbase: HbaseEndpoint;
  let bed: HbaseTestBed;

  beforeAll(async () => {
    mkdirSync(stacksDir, { recursive: true });
    dir = mkdtempSync(join(stacksDir, `hbase-${version}-`));
    const settings = { hbaseVersion: version, hbaseHeapMb: heapMb };
    const stack = await startStack({ services: ['hbase'], dir, cacheDir, settings });
    hbase = stack.endpoints.hbase;
    bed = await openHbaseBed(stack.endpoints);
    await bed.oracle.setBalancer(false);
  });
  afterAll(async () => {
    try {
      await bed.close();
    } finally {
      await stopStack(dir);
      rmSync(dir, { recursive: true });
    }
  });

  test('is found through ZooKeeper, and without it through its master or, from 2.5 on, any region server', async () => {
    const { version: told, liveServers } = await bed.client.admin.clusterStatus();
    expect(told.startsWith(`${version}.`)).toBe(true);
    expect(liveServers).toHaveLength(2);
    const table = await bed.makeTable('registry', ['m'].map(key), ['f']);
    await putRows(
      bed.client,
      table,
      ['a', 'z'].map((row) => ({ key: key(row), columns: { 'f:a': row } })),
    );
    const zookeeper = zookeeperRegistry({ servers: [{ host: hbase.quorum, port: hbase.clientPort }] });
    const byMaster = new HBaseClient({ cluster: { servers: [await zookeeper.master()] } });
    expect(await readTable(byMaster, table)).toMatchObject({ rows: 2 });
    expect(await byMaster.admin.listTables()).toContain(table);
    byMaster.close();
    const byRegionServer = new HBaseClient({
      cluster: { servers: liveServers.map(({ server }) => server) },
    });
    if (version === '2.4') await expect(readTable(byRegionServer, table)).rejects.toThrow(/masters only/);
    else expect(await readTable(byRegionServer, table)).toMatchObject({ rows: 2 });
    byRegionServer.close();
  });

  test('gives keys of one byte to 32 KB, 0x00 and 0xFF, over empty regions, in order', async () => {
    const splits = [bytes(1), bytes(2), bytes(0x62), bytes(0x63), bytes(0x80), bytes(0x80, 0), bytes(0xff)];
    const table = await bed.makeTable('keys', splits, ['f']);
    const keys = [bytes(0), bytes(0, 0), bytes(1), Buffer.alloc(32_767, 0x62), bytes(0x80), bytes(0x80, 0)];
    const all = [...keys, bytes(0xff), Buffer.alloc(20, 0xff)];
    await putRows(
      bed.client,
      table,
      all.map((one) => ({ key: one, columns: { 'f:a': 'v', 'f:': '' } })),
    );
    expect((await bed.expectEqual(table)).keys).toEqual(all);
    const backwards = await readTable(bed.client, table, { reversed: true });
    expect(backwards.keys).toEqual(all.toReversed());
  });

  test('gives rows whole that it cuts: many columns, cells larger than an answer, one cell an answer', async () => {
    const table = await bed.makeTable('wide', [key('k5')], ['f']);
    const columns = Object.fromEntries(
      Array.from({ length: 300 }, (_, i) => [`f:c${i}`, `value ${i} `.repeat(8)]),
    );
    const large = { 'f:a': Buffer.alloc(700_000, 0x5a), 'f:b': Buffer.alloc(700_000, 0x5b), 'f:c': 'x' };
    const rows = Array.from({ length: 8 }, (_, i) => ({
      key: key(`k${i}`),
      columns: i % 4 === 3 ? large : columns,
    }));
    await putRows(bed.client, table, rows);
    await bed.oracle.flush(table);
    for (const readType of ['default', 'stream', 'pread'] as const)
      expect(await bed.expectEqual(table, { readType })).toMatchObject({ rows: 8, cells: 1_806 });
    await bed.expectEqual(table, { maxResultBytes: 100_000 });
    const range = { start: key('k4'), stop: key('k5') };
    await bed.expectEqual(table, { range, maxResultBytes: 1 }, { startRow: 'k4', stopRow: 'k5' });
  });

  test('gets, puts and deletes of every kind mean what they mean to Java', async () => {
    const table = await bed.makeTable('calls', ['3', '6'].map(key), [{ name: 'f', versions: 5 }, 'g']);
    const row = (number: number): string => `${number % 10}-${number}`;
    const times = [100n, 200n, 300n];
    await bed.client.mutateRows(
      table,
      Array.from({ length: 300 }, (_, i) =>
        putRow(row(i), [
          ...times.map((timestamp) => ({
            family: 'f',
            qualifier: 'v',
            value: `${i}/${timestamp}`,
            timestamp,
          })),
          { family: 'g', qualifier: 'w', value: String(i), timestamp: 150n },
        ]),
      ),
    );
    await bed.client.mutateRows(table, [
      deleteRow(row(1)),
      deleteCells(row(2), [{ kind: 'family', family: 'g' }]),
      deleteCells(row(3), [{ kind: 'column', family: 'f', qualifier: 'v', timestamp: 200n }]),
      deleteCells(row(4), [{ kind: 'version', family: 'f', qualifier: 'v' }]),
      deleteCells(row(5), [{ kind: 'family-version', family: 'f', timestamp: 100n }]),
    ]);
    expect(await bed.expectEqual(table)).toMatchObject({ rows: 299 });
    await bed.expectEqual(table, { maxVersions: 5 }, { versions: 5 });
    await bed.expectEqual(table, { raw: true, maxVersions: 5 }, { raw: true, versions: 5 });
    const window = { minTimestamp: 100, maxTimestamp: 300 };
    await bed.expectEqual(table, { timeRange: { from: 100n, to: 300n } }, window);
    const asked = Array.from({ length: 400 }, (_, i) => ({ row: key(row((i * 7) % 400)) }));
    const found = await bed.client.getRows(table, asked);
    const texts = found.rows.map(({ buffer, start, end }) => buffer.toString('latin1', start, end));
    found.release();
    for (const [i, { row: one }] of asked.entries()) {
      const number = (i * 7) % 400;
      expect(texts[i]?.includes(one.toString('latin1'))).toBe(number < 300 && number !== 1);
    }
    const exist = await bed.client.exist(
      table,
      [1, 6, 399].map((number) => ({ row: key(row(number)) })),
    );
    expect(exist).toEqual([false, true, false]);
  });

  test('counts rows exactly on its servers, tells sizes, and takes limits and filters', async () => {
    const table = await bed.makeTable('counts', ['k03', 'k06'].map(key), ['f']);
    const columns = [{ family: 'f', qualifier: 'a', prefix: 'v' }];
    await bed.oracle.load(table, { rows: 10_000, keyPrefix: 'k', keyDigits: 5, columns });
    expect(await bed.client.countRows(table)).toEqual({ rows: 10_000, exact: true });
    const range = { start: key('k02000'), stop: key('k05000') };
    expect(await bed.client.countRows(table, range)).toEqual({ rows: 3_000, exact: true });
    expect(await readTable(bed.client, table, { range, limitRows: 7 })).toMatchObject({ rows: 7 });
    const filter = { kind: 'prefix', prefix: key('k012') } as const;
    expect(await readTable(bed.client, table, { filter })).toMatchObject({ rows: 100 });
    await bed.client.flushTable(table);
    const names = (await bed.client.regions(table)).map(({ name }) => String(name));
    const loads = await bed.client.regionLoads(table);
    expect(new Set(loads.map(({ regionName }) => String(regionName)))).toEqual(new Set(names));
    await bed.client.compactTable(table);
    expect(await bed.expectEqual(table)).toMatchObject({ rows: 10_000 });
  });

  test('makes, describes, lists, disables and drops tables in a namespace, and says what is wrong', async () => {
    const { admin } = bed.client;
    const namespace = `ns_${bed.unique}`;
    const table = `${namespace}:t`;
    await admin.createNamespace(namespace);
    await admin.createTable({ table, families: { f: { VERSIONS: '3' } }, splitKeys: [bytes(0x80)] });
    const described = await admin.describeTable(table);
    expect(described?.families.map(({ attributes }) => attributes.get('VERSIONS'))).toEqual(['3']);
    expect(await admin.listTables(namespace)).toEqual([table]);
    expect(await admin.listNamespaces()).toContain(namespace);
    await expect(admin.createTable({ table, families: { f: {} } })).rejects.toThrow(/TableExistsException/);
    const families = [{ family: key('zz') }];
    await expect(readTable(bed.client, table, { families })).rejects.toThrow(/NoSuchColumnFamilyException/);
    await admin.disableTable(table);
    await expect(readTable(bed.client, table)).rejects.toThrow('the table is disabled');
    await admin.deleteTable(table);
    await expect(readTable(bed.client, table)).rejects.toThrow(/no such table/);
    await admin.deleteNamespace(namespace);
  });

  test('gives every row once when its region moves, splits and merges in mid scan', async () => {
    await expectWholeThroughEvents(bed);
  });

  test('gives an increment by cell timestamp as whole rows', async () => {
    const table = await bed.makeTable('increment', [key('r5')], ['d']);
    const base = Date.now() - longAgoMs;
    const put = (row: string, qualifier: string, value: string, at: number) =>
      putRow(row, [{ family: 'd', qualifier, value, timestamp: BigInt(at) }]);
    const rows = Array.from({ length: 9 }, (_, i) => `r${i}`);
    await bed.client.mutateRows(table, [
      ...rows.map((row) => put(row, 'a', 'old', base - 1)),
      ...rows.map((row) => put(row, 'b', `b of ${row}`, base - 1)),
    ]);
    await bed.client.mutateRows(table, [put('r2', 'a', 'new', base + 5), put('r7', 'a', 'new', base + 5)]);
    const mapping = ['d:a', 'd:b'].map((sourceFiled) => ({
      sourceFiled,
      targetFiled: sourceFiled,
      fieldType: 'string',
    }));
    const config = {
      'connector.class': 'HBaseSource',
      'pkuse.hbase.ip': hbase.quorum,
      'pkuse.hbase.port': String(hbase.clientPort),
      'pkuse.hbase.table.name': table,
      'pkuse.hbase.filed.mapping': JSON.stringify(mapping),
    };
    expect((await run(config)).rows).toHaveLength(9);
    const changed = await run(config, timePosition(base));
    expect(changed.rows.map(({ key: row, values }) => [row, ...values])).toEqual([
      ['r2', 'new', 'b of r2'],
      ['r7', 'new', 'b of r7'],
    ]);
  });
});
