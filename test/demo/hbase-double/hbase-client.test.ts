// Our HBase client on the double: tables, rows, scanners, and refusals in HBase's own words.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HBaseClient } from '../../../connectors/hbase/client/client.ts';
import { startHbaseDouble } from '../../../src/demo/hbase-double/start-double.ts';
import type { HbaseDouble } from '../../../src/demo/hbase-double/start-double.ts';
import { describeCheckAndMutate } from '../../conformance/hbase-check-and-mutate.ts';
import { expectFilters } from '../../conformance/hbase-filters.ts';
import { putRows, readTable } from '../../support/read-table.ts';

describe('the double of HBase', () => {
  let double: HbaseDouble;
  let client: HBaseClient;
  beforeAll(async () => {
    double = await startHbaseDouble();
    client = new HBaseClient({ cluster: { servers: [double] }, retryBudgetMs: 2_000 });
  });
  afterAll(async () => {
    client.close();
    await double.close();
  });

  describeCheckAndMutate({
    client: () => client,
    makeTable: async (table) => {
      await client.admin.createTable({ table, families: { f: {} } });
      return table;
    },
  });

  const fill = async (table: string, rows: number): Promise<void> => {
    await client.admin.createTable({ table, families: { d: {} }, splitKeys: [Buffer.from('5')] });
    await putRows(
      client,
      table,
      Array.from({ length: rows }, (_, index) => ({
        key: Buffer.from(String(index).padStart(5, '0').split('').reverse().join('')),
        columns: { 'd:a': `value ${index}`, 'd:b': 'x'.repeat(index % 50) },
      })),
    );
  };

  it('knows the filters that the client builds', async () => {
    await client.admin.createTable({ table: 'filters', families: { f: {}, g: {} } });
    await expectFilters(client, 'filters');
  });

  it('gives every row once and in order, however small its answers are', async () => {
    await fill('small_answers', 3_000);
    for (const options of [{}, { rowsPerResponse: 7 }, { maxResultBytes: 100 }, { maxResultBytes: 5_000 }]) {
      const { rows, cells, keys } = await readTable(client, 'small_answers', options);
      expect([rows, cells]).toEqual([3_000, 6_000]);
      expect(keys[0]?.toString()).toBe('00000');
    }
    expect((await readTable(client, 'small_answers', { limitRows: 11 })).rows).toBe(11);
    expect(await client.countRows('small_answers')).toEqual({ rows: 3_000, exact: true });
  });

  it('reads a table of more regions than one answer of hbase:meta holds, forwards and backwards', async () => {
    const splitKeys = Array.from({ length: 1_200 }, (_, index) =>
      Buffer.from(String(index + 1).padStart(4, '0')),
    );
    await client.admin.createTable({ table: 'many', families: { d: {} }, splitKeys });
    await putRows(
      client,
      'many',
      splitKeys.map((key) => ({ key, columns: { 'd:a': 'v' } })),
    );
    expect(await client.regions('many')).toHaveLength(1_201);
    expect((await readTable(client, 'many')).rows).toBe(1_200);
    expect((await readTable(client, 'many', { reversed: true })).keys[0]).toEqual(splitKeys.at(-1));
  });

  it('scans, gets and counts without a master, and says so of what needs one', async () => {
    const own = await startHbaseDouble();
    const options = { cluster: { servers: [own] }, retryBudgetMs: 300 };
    const maker = new HBaseClient(options);
    await maker.admin.createTable({ table: 't', families: { d: {} } });
    maker.close();
    own.stopMaster();
    const late = new HBaseClient(options);
    await putRows(late, 't', [{ key: Buffer.from('a'), columns: { 'd:a': 'v' } }]);
    expect((await readTable(late, 't')).rows).toBe(1);
    expect(await late.get('t', { row: Buffer.from('a') })).toHaveLength(1);
    expect(await late.exist('t', [{ row: Buffer.from('b') }])).toEqual([false]);
    expect(await late.countRows('t')).toEqual({ rows: 1, exact: true });
    await expect(late.admin.listTables()).rejects.toThrow(/GetTableNames on the master.*knows none/);
    late.close();
    await own.close();
  });

  it('gives a scan that goes on the rows that came meanwhile behind its position', async () => {
    await fill('moving', 100);
    let rows = 0;
    for await (const batch of client.scan({
      table: 'moving',
      range: { start: Buffer.alloc(0), stop: Buffer.alloc(0) },
      rowsPerResponse: 10,
    })) {
      if (rows === 0)
        await putRows(client, 'moving', [
          { key: Buffer.from('!'), columns: { 'd:a': 'before' } },
          { key: Buffer.from('99999'), columns: { 'd:a': 'behind' } },
        ]);
      rows += batch.rowCount;
    }
    expect(rows).toBe(101);
  });

  it('tells tables, their families and their state', async () => {
    await client.admin.createTable({ table: 'told', families: { a: { VERSIONS: '3' }, b: {} } });
    expect(await client.admin.listTables()).toContain('told');
    const schema = await client.admin.describeTable('told');
    expect(schema?.families.map(({ name }) => name.toString())).toEqual(['a', 'b']);
    expect(schema?.families[0]?.attributes.get('VERSIONS')).toBe('3');
    await client.admin.disableTable('told');
    await expect(readTable(client, 'told')).rejects.toThrow('the table is disabled');
    await client.admin.deleteTable('told');
    await expect(readTable(client, 'told')).rejects.toThrow('there is no such table');
  });

  it('refuses in HBase’s words what HBase refuses', async () => {
    await client.admin.createTable({ table: 'strict', families: { d: {} } });
    const cases = [
      [() => client.admin.createTable({ table: 'strict', families: { d: {} } }), 'TableExistsException'],
      [() => client.admin.deleteTable('strict'), 'TableNotDisabledException'],
      [
        () => putRows(client, 'strict', [{ key: Buffer.from('k'), columns: { 'e:a': '1' } }]),
        'NoSuchColumnFamilyException',
      ],
    ] as const;
    for (const [act, className] of cases) await expect(act()).rejects.toThrow(className);
  });

  it('is called a double wherever it names itself', async () => {
    const { version, liveServers } = await client.admin.clusterStatus();
    expect(version).toBe('demo-double');
    expect(Math.abs(Date.now() - (liveServers[0]?.reportedAtMs ?? 0))).toBeLessThan(5_000);
  });
});
