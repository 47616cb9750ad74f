// The oracle against real HBase: what other suites lean on.
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { tableChecksum } from '../support/cell-checksum.ts';
import { startHbaseOracle, type HbaseOracle } from '../support/hbase-oracle.ts';

const stack = inject('stack');
const table = 'oracle_test';

describe.skipIf(stack === null)('the HBase oracle', () => {
  let oracle: HbaseOracle;
  beforeAll(async () => {
    if (stack === null) return;
    oracle = await startHbaseOracle(stack);
    await oracle.dropTable(table);
    await oracle.createTable(table, ['f', { name: 'g', versions: 3 }], ['k300', Buffer.from('k600')]);
    const cells = await oracle.load(table, {
      rows: 1_000,
      keyPrefix: 'k',
      keyDigits: 3,
      columns: [
        { family: 'f', qualifier: 'a', prefix: 'a-' },
        { family: 'g', qualifier: Buffer.from([0, 255]), prefix: 'b-', valueBytes: 20, missingEvery: 10 },
      ],
    });
    expect(cells).toBe(1_900);
  });
  afterAll(async () => {
    await oracle.dropTable(table);
    await oracle.close();
  });

  test('its checksum is the one that our own code computes over the same cells', async () => {
    const sum = await oracle.checksum(table);
    expect(sum).toMatchObject({ rows: 1_000, cells: 1_900 });
    const cells = await oracle.cells(table, { limit: 10_000 });
    expect(cells).toHaveLength(1_900);
    expect(tableChecksum(cells)).toBe(sum.sum);
    expect(tableChecksum(cells.toReversed())).toBe(sum.sum);
    expect(tableChecksum(cells.slice(1))).not.toBe(sum.sum);
  });

  test('bytes that are no text pass through', async () => {
    const [cell] = await oracle.cells(table, { startRow: 'k001', limit: 1, columns: [{ family: 'g' }] });
    expect(cell).toMatchObject({ row: Buffer.from('k001'), qualifier: Buffer.from([0, 255]), type: 4 });
    expect(cell?.value.toString()).toBe('b-1.................');
  });

  test('a scan is limited by rows, columns and time', async () => {
    const rows = { startRow: 'k010', stopRow: 'k020' };
    expect(
      await oracle.checksum(table, { ...rows, columns: [{ family: 'f', qualifier: 'a' }] }),
    ).toMatchObject({
      rows: 10,
      cells: 10,
    });
    const late = 9_000_000_000_000;
    await oracle.put(table, [{ row: 'k010', family: 'g', qualifier: 'late', value: 'v', timestamp: late }]);
    expect(await oracle.checksum(table, { minTimestamp: late, maxTimestamp: late + 1 })).toMatchObject({
      rows: 1,
    });
    expect(await oracle.checksum(table, { minTimestamp: late + 1 })).toMatchObject({ rows: 0, cells: 0 });
  });

  test('delete markers are seen by a raw scan until the major compaction is done', async () => {
    await oracle.delete(table, [
      { kind: 'row', row: 'k005' },
      { kind: 'column', row: 'k006', family: 'f', qualifier: 'a' },
    ]);
    const raw = { raw: true, versions: 5 };
    const types = async () =>
      new Set((await oracle.cells(table, { ...raw, limit: 10_000 })).map(({ type }) => type));
    expect(await types()).toEqual(new Set([4, 12, 14]));
    const plain = await oracle.checksum(table);
    expect(plain.rows).toBe(999);
    await oracle.majorCompact(table);
    expect(await types()).toEqual(new Set([4]));
    expect(await oracle.checksum(table)).toEqual(plain);
  });

  test('regions move, split and merge, and no cell is lost', async () => {
    const before = await oracle.checksum(table);
    await oracle.setBalancer(false);
    const [first, second, third] = await oracle.regions(table);
    if (first === undefined || second === undefined || third === undefined)
      throw new Error('not three regions');
    const target = await oracle.moveRegion(table, first.encodedName);
    expect(target).not.toBe(first.server);
    expect((await oracle.regions(table))[0]?.server).toBe(target);
    const split = await oracle.splitRegion(table, third.encodedName, 'k800');
    expect(split.map(({ startKey }) => startKey.toString())).toEqual(['', 'k300', 'k600', 'k800']);
    const merged = await oracle.mergeRegions(table, first.encodedName, second.encodedName);
    expect(merged.map(({ startKey }) => startKey.toString())).toEqual(['', 'k600', 'k800']);
    expect(await oracle.checksum(table)).toEqual(before);
  });

  test("HBase's refusal is thrown, and the oracle goes on", async () => {
    await expect(oracle.checksum('no_such_table')).rejects.toMatchObject({
      code: 'STACK_FAILED',
      message: expect.stringContaining('TableNotFoundException') as string,
    });
    expect(await oracle.servers()).toHaveLength(2);
  });
});
