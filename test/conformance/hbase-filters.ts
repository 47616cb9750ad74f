// Filters by their builders: the same rows and cells over a real HBase and over the double.
import { expect } from 'vitest';
import * as hbase from '../../connectors/hbase/client/index.ts';

/** `table` has one region and families f and g. */
export async function expectFilters(client: hbase.HBaseClient, table: string): Promise<void> {
  const put = (row: string, columns: Readonly<Record<string, string>>): hbase.Mutation =>
    hbase.putRow(
      row,
      Object.entries(columns).map(([qualifier, value]) => ({ family: 'f', qualifier, value })),
    );
  await client.mutateRows(table, [
    put('a1', { city: 'Bern', zip: '3000' }),
    put('a2', { city: 'Oslo', zip: '0001' }),
    put('b1', { city: 'Zug' }),
    put('b2', { zip: '9' }),
  ]);
  const read = async (filter: hbase.Filter): Promise<string> => {
    const found: string[] = [];
    for await (const { buffer, rowCount, rowStarts } of client.scan({
      table,
      range: hbase.wholeTable,
      filter,
    })) {
      for (let row = 0; row < rowCount; row += 1) {
        const cells = hbase.decodeCells(buffer, rowStarts[row] ?? 0, rowStarts[row + 1] ?? 0);
        found.push(
          `${String(cells[0]?.row)} ${cells.map((cell) => `${String(cell.qualifier)}=${String(cell.value)}`).join(',')}`,
        );
      }
    }
    return found.join('; ');
  };
  const city = { family: 'f', qualifier: 'city' };
  expect(await read(hbase.prefixFilter('a'))).toBe('a1 city=Bern,zip=3000; a2 city=Oslo,zip=0001');
  expect(await read(hbase.rowFilter('greater', 'b1'))).toBe('b2 zip=9');
  expect(await read(hbase.rowFilter('less-or-equal', 'a1'))).toBe('a1 city=Bern,zip=3000');
  expect(await read(hbase.rowFilter('not-equal', 'a1'))).toContain('b2');
  expect(await read(hbase.columnValueFilter(city, 'equal', 'Zug'))).toBe('b1 city=Zug');
  expect(await read(hbase.columnValueFilter(city, 'less', 'C'))).toBe('a1 city=Bern,zip=3000');
  expect(await read(hbase.columnValueFilter(city, 'greater-or-equal', 'Oslo', { missing: 'pass' }))).toBe(
    'a2 city=Oslo,zip=0001; b1 city=Zug; b2 zip=9',
  );
  expect(await read(hbase.columnPrefixFilter('z'))).toBe('a1 zip=3000; a2 zip=0001; b2 zip=9');
  expect(await read(hbase.allOf(hbase.firstKeyOnlyFilter(), hbase.keyOnlyFilter()))).toBe(
    'a1 city=; a2 city=; b1 city=; b2 zip=',
  );
  expect(
    await read(hbase.anyOf(hbase.prefixFilter('b'), hbase.columnValueFilter(city, 'equal', 'Oslo'))),
  ).toBe('a2 city=Oslo,zip=0001; b1 city=Zug; b2 zip=9');
}
