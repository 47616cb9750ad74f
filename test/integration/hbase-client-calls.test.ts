// Our HBase client on a real HBase: single rows, counts, tables, and what it says when something is wrong.
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { HBaseClient } from '../../connectors/hbase/client/client.ts';
import { describeCheckAndMutate } from '../conformance/hbase-check-and-mutate.ts';
import { openHbaseBed } from '../support/hbase-bed.ts';
import type { HbaseTestBed } from '../support/hbase-bed.ts';
import { putRows, readTable } from '../support/read-table.ts';
import { dropTable } from '../support/hbase-cluster.ts';

const stack = inject('stack');
const key = (text: string): Buffer => Buffer.from(text, 'latin1');
const bytes = (...values: number[]): Buffer => Buffer.from(values);

describe.skipIf(stack === null)('calls to a real HBase', () => {
  let bed: HbaseTestBed;
  beforeAll(async () => {
    if (stack !== null) bed = await openHbaseBed(stack);
  });
  afterAll(() => bed.close());
  describeCheckAndMutate({ client: () => bed.client, makeTable: (name) => bed.makeTable(name) });

  test('gets rows in the order asked, from many regions, missing ones empty', async () => {
    const table = await bed.makeTable('gets', ['2', '4', '6', '8'].map(key));
    await putRows(
      bed.client,
      table,
      Array.from({ length: 1000 }, (_, i) => ({
        key: key(`${i % 10}-${i}`),
        columns: { 'f:a': String(i), 'g:b': 'x' },
      })),
    );
    const asked = Array.from({ length: 1500 }, (_, i) => `${(i * 7) % 10}-${(i * 7) % 1500}`);
    const read = async (): Promise<string[]> => {
      const found = await bed.client.getRows(
        table,
        asked.map((row) => ({ row: key(row), families: [{ family: Buffer.from('f') }] })),
      );
      const texts = found.rows.map(({ buffer, start, end }) => buffer.toString('latin1', start, end));
      found.release();
      return texts;
    };
    const texts = await read();
    for (const [index, row] of asked.entries()) {
      expect(texts[index]?.includes(`${row}\x01fa`)).toBe(Number(row.slice(2)) < 1000);
    }
    for (const { encodedName } of await bed.oracle.regions(table))
      await bed.oracle.moveRegion(table, encodedName);
    expect(await read()).toEqual(texts);
  });

  test('deletes versions, columns, families and rows', async () => {
    const table = await bed.makeTable('deletes');
    const rows = ['a', 'b', 'c'];
    await putRows(
      bed.client,
      table,
      rows.map((row) => ({ key: key(row), columns: { 'f:x': '1', 'f:y': '2', 'g:x': '3' } })),
    );
    const marker = (
      row: string,
      family: string,
      qualifier: string,
      type: 'deleteColumn' | 'deleteFamily' | 'deleteVersion',
    ) => ({
      row: key(row),
      family: key(family),
      qualifier: key(qualifier),
      timestamp: 0x7fffffffffffffffn,
      type,
      value: Buffer.alloc(0),
    });
    await bed.client.mutateRows(table, [
      { kind: 'delete', row: key('a'), cells: [marker('a', 'f', 'x', 'deleteColumn')] },
      {
        kind: 'delete',
        row: key('b'),
        cells: [marker('b', 'f', '', 'deleteFamily'), marker('b', 'g', '', 'deleteFamily')],
      },
      { kind: 'delete', row: key('c'), cells: [marker('c', 'f', 'x', 'deleteVersion')] },
    ]);
    expect(await bed.expectEqual(table)).toMatchObject({ rows: 2, cells: 4 });
  });

  test('counts rows exactly, and estimates a small table by counting it', async () => {
    const table = await bed.makeTable('counts', ['2', '5', '8'].map(key));
    await putRows(
      bed.client,
      table,
      Array.from({ length: 1234 }, (_, i) => ({
        key: key(`${i % 10}-${i}`),
        columns: { 'f:a': 'v', 'f:b': 'v' },
      })),
    );
    expect(await bed.client.countRows(table)).toEqual({ rows: 1234, exact: true });
    expect(await bed.client.countRows(table, { start: key('3'), stop: key('7') })).toEqual({
      rows: 493,
      exact: true,
    });
    expect(await bed.client.estimateRows(table)).toEqual({ rows: 1234, exact: true });
  });

  test('creates, describes, lists and deletes tables, in a namespace too', async () => {
    const namespace = `ns_${bed.unique}`;
    const table = `${namespace}:t`;
    await bed.client.admin.createNamespace(namespace);
    await bed.client.admin.createTable({
      table,
      families: { f: { VERSIONS: '3' }, 'family-2': {} },
      splitKeys: [bytes(0x80)],
    });
    await putRows(
      bed.client,
      table,
      [bytes(1), bytes(0xff)].map((one) => ({ key: one, columns: { 'f:a': 'v' } })),
    );
    expect(await bed.expectEqual(table)).toMatchObject({ rows: 2 });
    const families = (await bed.client.admin.describeTable(table))?.families ?? [];
    expect(families.map(({ name, attributes }) => [name.toString(), attributes.get('VERSIONS')])).toEqual([
      ['f', '3'],
      ['family-2', '1'],
    ]);
    expect(await bed.client.admin.listTables(namespace)).toEqual([table]);
    expect(await bed.client.admin.listTables()).toContain(table);
    expect(await bed.client.admin.listNamespaces()).toEqual(
      expect.arrayContaining(['default', 'hbase', namespace]),
    );
    await expect(bed.client.admin.createTable({ table, families: { f: {} } })).rejects.toThrow(
      /TableExistsException/,
    );
    await dropTable(bed.client, table);
    expect(await bed.client.admin.describeTable(table)).toBeUndefined();
    await bed.client.admin.deleteNamespace(namespace);
  });

  test("tells the servers' clocks", async () => {
    const { version, liveServers } = await bed.client.admin.clusterStatus();
    expect(version).toMatch(/^2\.\d/);
    expect(liveServers).toHaveLength(2);
    for (const { reportedAtMs } of liveServers)
      expect(Math.abs(Date.now() - reportedAtMs)).toBeLessThan(30_000);
  });

  test('finds the cluster without ZooKeeper, through any of its servers', async () => {
    const table = await bed.makeTable('registry');
    await putRows(bed.client, table, [{ key: key('a'), columns: { 'f:a': 'v' } }]);
    const { liveServers } = await bed.client.admin.clusterStatus();
    const direct = new HBaseClient({ cluster: { servers: liveServers.map(({ server }) => server) } });
    expect(await readTable(direct, table)).toMatchObject({ rows: 1 });
    expect(await direct.admin.listTables()).toContain(table);
    direct.close();
  });

  describe('says what is wrong:', () => {
    test('no such table, at once', async () => {
      await expect(readTable(bed.client, `nope_${bed.unique}`)).rejects.toMatchObject({
        code: 'HBASE_FAILED',
        message: expect.stringContaining('no such table') as string,
      });
    });

    test('a disabled table', async () => {
      const table = await bed.makeTable('disabled');
      await putRows(bed.client, table, [{ key: key('a'), columns: { 'f:a': 'v' } }]);
      await bed.oracle.disableTable(table);
      await expect(readTable(bed.client, table)).rejects.toThrow('the table is disabled');
      await bed.oracle.enableTable(table);
      expect(await readTable(bed.client, table)).toMatchObject({ rows: 1 });
    });

    test('a family that the table does not have, in a scan, a get and a put', async () => {
      const table = await bed.makeTable('families');
      const families = [{ family: Buffer.from('zz') }];
      const refused = {
        code: 'HBASE_FAILED',
        retriable: false,
        message: expect.stringContaining('NoSuchColumnFamilyException') as string,
      };
      await expect(readTable(bed.client, table, { families })).rejects.toMatchObject(refused);
      await expect(bed.client.getRows(table, [{ row: key('a'), families }])).rejects.toMatchObject(refused);
      await expect(
        putRows(bed.client, table, [{ key: key('a'), columns: { 'zz:a': 'v' } }]),
      ).rejects.toMatchObject(refused);
    });

    test('a raw scan of single columns', async () => {
      const table = await bed.makeTable('rawcolumns');
      const options = { raw: true, families: [{ family: Buffer.from('f'), qualifiers: [key('a')] }] };
      await expect(readTable(bed.client, table, options)).rejects.toThrow(
        /Cannot specify any column for a raw scan/,
      );
    });

    test('no ZooKeeper, or another parent node', async () => {
      const port = stack?.hbase.clientPort ?? 0;
      const options = {
        retryBudgetMs: 500,
        cluster: { zookeeper: { servers: [{ host: '127.0.0.1', port: 1 }] } },
      };
      const lost = new HBaseClient(options);
      await expect(readTable(lost, 't')).rejects.toMatchObject({
        code: 'HBASE_UNREACHABLE',
        message: expect.stringContaining('ECONNREFUSED') as string,
      });
      const elsewhere = { servers: [{ host: '127.0.0.1', port }], znodeParent: '/hbase-secure' };
      const wrong = new HBaseClient({ ...options, cluster: { zookeeper: elsewhere } });
      await expect(readTable(wrong, 't')).rejects.toThrow(/zookeeper.znode.parent is not \/hbase-secure/);
    });

    test('a user name that the server does not take', async () => {
      const port = stack?.hbase.clientPort ?? 0;
      const cluster = { zookeeper: { servers: [{ host: '127.0.0.1', port }] } };
      const nobody = new HBaseClient({ cluster, effectiveUser: '', retryBudgetMs: 2_000 });
      await expect(readTable(nobody, 't')).rejects.toThrow(/during the handshake without a word/);
      nobody.close();
    });
  });
});
