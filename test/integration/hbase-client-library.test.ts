// Our HBase client as a library, on a real HBase: gets, deletes of every kind, batches, scans backwards, limits and metrics.
// What it reads is compared with what HBase's own client reads.
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Cell } from '../../connectors/hbase/client/wire/cell-block.ts';
import { decodeCells } from '../../connectors/hbase/client/wire/cell-block.ts';
import { HBaseClient } from '../../connectors/hbase/client/client.ts';
import { simpleName } from '../../connectors/hbase/client/exceptions.ts';
import { pageFilter } from '../../connectors/hbase/client/filters.ts';
import { wholeTable } from '../../connectors/hbase/client/key-range.ts';
import { deleteCells, deleteRow, putRow } from '../../connectors/hbase/client/mutate/mutations.ts';
import { expectFilters } from '../conformance/hbase-filters.ts';
import { openHbaseBed } from '../support/hbase-bed.ts';
import type { HbaseTestBed } from '../support/hbase-bed.ts';
import type { OracleScan } from '../support/hbase-oracle.ts';
import { readTable } from '../support/read-table.ts';

const stack = inject('stack');
const key = (text: string): Buffer => Buffer.from(text);

describe.skipIf(stack === null)('the HBase client as a library', () => {
  let bed: HbaseTestBed;
  beforeAll(async () => {
    if (stack !== null) bed = await openHbaseBed(stack);
  });
  afterAll(() => bed.close());

  const asText = (cells: readonly Cell[]): string[] =>
    cells.map(
      (cell) =>
        `${String(cell.row)} ${String(cell.family)}:${String(cell.qualifier)}@${cell.timestamp}=${String(cell.value)}`,
    );

  /** What the Java client finds in one row. */
  async function oracleRow(table: string, row: string, scan: OracleScan = {}): Promise<string[]> {
    const cells = await bed.oracle.cells(table, {
      ...scan,
      startRow: row,
      stopRow: `${row}\0`,
      limit: 1000,
    });
    return cells.map(
      (cell) =>
        `${String(cell.row)} ${cell.family}:${String(cell.qualifier)}@${cell.timestamp}=${String(cell.value)}`,
    );
  }

  test('gets columns, versions, times and filtered cells of a row, and says whether there are any', async () => {
    const table = await bed.makeTable('get', [key('m')], [{ name: 'f', versions: 5 }, 'g']);
    const versions = [100n, 200n, 300n];
    await bed.client.mutateRows(
      table,
      ['a', 'z'].flatMap((row) => [
        ...versions.map((timestamp) =>
          putRow(row, [
            { family: 'f', qualifier: 'x', value: `${row}${timestamp}`, timestamp },
            { family: 'f', qualifier: 'y', value: 'y', timestamp },
          ]),
        ),
        putRow(row, [{ family: 'g', qualifier: 'x', value: 'g', timestamp: 50n }]),
      ]),
    );
    const get = async (...[asked]: Parameters<typeof oursWith>): Promise<string[]> =>
      asText(await oursWith(asked));
    const oursWith = (asked: object): Promise<Cell[]> => bed.client.get(table, { row: key('z'), ...asked });
    const column = { family: key('f'), qualifiers: [key('x')] };
    const columns = [{ family: 'f', qualifier: 'x' }];
    expect(await get({})).toEqual(await oracleRow(table, 'z'));
    expect(await get({ families: [column] })).toEqual(await oracleRow(table, 'z', { columns }));
    expect(await get({ families: [column], maxVersions: 5 })).toEqual(
      await oracleRow(table, 'z', { columns, versions: 5 }),
    );
    expect(await get({ timeRange: { from: 100n, to: 300n } })).toEqual(
      await oracleRow(table, 'z', { minTimestamp: 100, maxTimestamp: 300 }),
    );
    expect(await get({ filter: { kind: 'column-prefixes', prefixes: [key('y')] } })).toEqual(['z f:y@300=y']);
    expect(await bed.client.get(table, { row: key('nobody') })).toEqual([]);
    const exist = bed.client.exist(table, [
      { row: key('z') },
      { row: key('nobody') },
      { row: key('a'), families: [{ family: key('g') }] },
      { row: key('a'), timeRange: { from: 1n, to: 50n } },
    ]);
    expect(await exist).toEqual([true, false, true, false]);
  });

  test('deletes one version, a column, a family, a family at one time, and a row, as Java sees it', async () => {
    const table = await bed.makeTable(
      'deletes',
      [],
      [
        { name: 'f', versions: 9 },
        { name: 'g', versions: 9 },
      ],
    );
    const rows = ['version', 'newest', 'column', 'family', 'moment', 'row', 'early'];
    const columns = (timestamp: bigint) =>
      ['f', 'g'].flatMap((family) =>
        ['x', 'y'].map((qualifier) => ({ family, qualifier, value: `${family}${qualifier}`, timestamp })),
      );
    await bed.client.mutateRows(
      table,
      rows.flatMap((row) => [1n, 2n, 3n].map((timestamp) => putRow(row, columns(timestamp)))),
    );
    await bed.client.mutateRows(table, [
      deleteCells('version', [{ kind: 'version', family: 'f', qualifier: 'x', timestamp: 2n }]),
      deleteCells('newest', [{ kind: 'version', family: 'f', qualifier: 'x' }]),
      deleteCells('column', [{ kind: 'column', family: 'f', qualifier: 'x', timestamp: 2n }]),
      deleteCells('family', [{ kind: 'family', family: 'f' }]),
      deleteCells('moment', [{ kind: 'family-version', family: 'f', timestamp: 2n }]),
      deleteRow('row'),
      deleteRow('early', 2n),
    ]);
    const left = { version: 11, newest: 11, column: 10, family: 6, moment: 10, row: 0, early: 4 };
    const count = async (row: string): Promise<number> =>
      (await bed.client.get(table, { row: key(row), maxVersions: 9 })).length;
    expect(Object.fromEntries(await Promise.all(rows.map(async (row) => [row, await count(row)])))).toEqual(
      left,
    );
    await bed.expectEqual(table, { maxVersions: 9 }, { versions: 9 });
    await bed.expectEqual(table, { maxVersions: 9, raw: true }, { versions: 9, raw: true });
  });

  test('runs gets, puts and deletes of many regions in one batch', async () => {
    const table = await bed.makeTable('batch', ['3', '6'].map(key));
    await bed.client.mutateRows(
      table,
      Array.from({ length: 90 }, (_, i) =>
        putRow(String(i), [{ family: 'f', qualifier: 'q', value: `${i}` }]),
      ),
    );
    const outcome = await bed.client.batch(
      table,
      Array.from({ length: 90 }, (_, i) => {
        if (i % 3 === 0) return { get: { row: key(String(i)) } };
        if (i % 3 === 1) return { mutation: deleteRow(String(i)) };
        return { mutation: putRow(`new-${i}`, [{ family: 'g', qualifier: 'q', value: 'v' }]) };
      }),
    );
    const values = outcome.rows.map(({ buffer, start, end }) =>
      decodeCells(buffer, start, end).map(({ value }) => String(value)),
    );
    outcome.release();
    expect(values).toEqual(Array.from({ length: 90 }, (_, i) => (i % 3 === 0 ? [String(i)] : [])));
    expect(await bed.expectEqual(table)).toMatchObject({ rows: 90 });
  });

  test('scans backwards over regions and cut rows, the same rows and cells as forwards', async () => {
    const table = await bed.makeTable('backwards', ['k25', 'k50', 'k75'].map(key), ['f']);
    const columns = ['a', 'b', 'c'].map((qualifier) => ({
      family: 'f',
      qualifier,
      prefix: qualifier,
      valueBytes: 300,
    }));
    await bed.oracle.load(table, { rows: 2_000, keyPrefix: 'k', keyDigits: 4, columns });
    const forwards = await readTable(bed.client, table);
    const backwards = await readTable(bed.client, table, { reversed: true, maxResultBytes: 20_000 });
    const { rows, cells, sum } = backwards;
    expect({ rows, cells, sum }).toEqual(await bed.oracle.checksum(table));
    expect(backwards.keys.map(String)).toEqual(forwards.keys.map(String).reverse());
    const range = { start: key('k0250'), stop: key('k0750') };
    const part = await readTable(bed.client, table, { reversed: true, range });
    expect([part.keys.length, String(part.keys[0]), String(part.keys.at(-1))]).toEqual([
      500,
      'k0749',
      'k0250',
    ]);
    const last = await readTable(bed.client, table, { reversed: true, limitRows: 2 });
    expect(last.keys.map(String)).toEqual(['k1999', 'k1998']);
  });

  test('runs the filters that it builds on the server', async () => {
    await expectFilters(bed.client, await bed.makeTable('filters'));
    const table = await bed.makeTable('pages', [key('5')]);
    await bed.client.mutateRows(
      table,
      Array.from({ length: 100 }, (_, i) =>
        putRow(String(i).padStart(2, '0'), [{ family: 'f', qualifier: 'q', value: 'v' }]),
      ),
    );
    const { keys } = await readTable(bed.client, table, { filter: pageFilter(2) });
    expect(keys.map(String)).toEqual(['00', '01', '50', '51']);
  });

  test('follows a region to where its last server says that it went, without a second failure', async () => {
    const table = await bed.makeTable('moved', [], ['f']);
    const causes: string[] = [];
    const servers = stack === null ? [] : [{ host: stack.hbase.quorum, port: stack.hbase.clientPort }];
    const client = new HBaseClient({
      cluster: { zookeeper: { servers } },
      onRetry: ({ className = '' }, pauseMs) => causes.push(`${simpleName(className)} ${pauseMs}`),
    });
    try {
      await client.mutateRows(table, [putRow('r', [{ family: 'f', qualifier: 'q', value: 'v' }])]);
      const [region] = await bed.oracle.regions(table);
      await bed.oracle.moveRegion(table, region?.encodedName ?? '');
      expect(await client.get(table, { row: key('r') })).toHaveLength(1);
      expect(causes).toEqual(['RegionMovedException 0']);
    } finally {
      client.close();
    }
  });

  test("tells a scan's metrics, and the sizes of regions", async () => {
    const table = await bed.makeTable('metrics', [key('5')]);
    await bed.client.mutateRows(
      table,
      Array.from({ length: 100 }, (_, i) => putRow(String(i), [{ family: 'f', qualifier: 'q', value: 'v' }])),
    );
    const filter = { kind: 'prefix', prefix: key('1') } as const;
    const scanner = bed.client.scan({ table, range: wholeTable, trackMetrics: true, filter });
    let rows = 0;
    for await (const batch of scanner) rows += batch.rowCount;
    expect([rows, scanner.metrics.get('ROWS_SCANNED')]).toEqual([11, expect.any(BigInt)]);
    const loads = await bed.client.regionLoads(table);
    const regions = await bed.client.regions(table);
    expect(new Set(loads.map(({ regionName }) => String(regionName)))).toEqual(
      new Set(regions.map(({ name }) => String(name))),
    );
  });
});
