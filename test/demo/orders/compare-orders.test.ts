// The comparison finds every kind of difference, whatever else is equal.
import { describe, expect, it } from 'vitest';
import { compareOrders } from '../../../src/demo/orders/compare-orders.ts';
import type { Comparison, OrderRow } from '../../../src/demo/orders/compare-orders.ts';

const columns = ['order_key', 'amount', 'remark'];
const rows: readonly OrderRow[] = Array.from({ length: 50 }, (_, index) => [
  `k${String(index).padStart(3, '0')}`,
  `${index}.5`,
  index % 2 === 0 ? null : `remark ${index}`,
]);

async function* stream(from: readonly OrderRow[]): AsyncGenerator<OrderRow> {
  for (const row of from) {
    await Promise.resolve();
    yield row;
  }
}

const compare = (source: readonly OrderRow[], target: readonly OrderRow[]): Promise<Comparison> =>
  compareOrders(stream(source), stream(target), columns);

/** The rows with one of them changed. */
function withRow(index: number, change: (row: OrderRow) => OrderRow): OrderRow[] {
  return rows.map((row, at) => (at === index ? change(row) : row));
}

describe('the comparison', () => {
  it('finds nothing where nothing differs', async () => {
    expect(await compare(rows, rows)).toEqual({ sourceRows: 50, targetRows: 50, differences: 0, shown: [] });
    expect(await compare([], [])).toEqual({ sourceRows: 0, targetRows: 0, differences: 0, shown: [] });
  });

  it.each([0, 25, 49])('finds a row that is missing in the target, at %d of 50', async (index) => {
    const found = await compare(
      rows,
      rows.filter((_, at) => at !== index),
    );
    expect(found.differences).toBe(1);
    expect(found.shown[0]).toMatchObject({ kind: 'missing-in-target', key: rows[index]?.[0], column: null });
  });

  it.each([0, 25, 49])('finds a row that is only in the target, at %d of 50', async (index) => {
    const found = await compare(
      rows.filter((_, at) => at !== index),
      rows,
    );
    expect(found.differences).toBe(1);
    expect(found.shown[0]).toMatchObject({ kind: 'not-in-source', key: rows[index]?.[0] });
  });

  it('finds a changed value, and says which column', async () => {
    const found = await compare(
      rows,
      withRow(7, ([key = '', , remark = '']) => [key, '7.50', remark]),
    );
    expect(found.shown).toEqual([
      { key: 'k007', column: 'amount', kind: 'value', source: '7.5', target: '7.50' },
    ]);
  });

  it('tells NULL from an empty text, both ways', async () => {
    const empty = withRow(8, ([key = '', amount = '']) => [key, amount, '']);
    expect((await compare(rows, empty)).shown).toMatchObject([{ source: null, target: '' }]);
    expect((await compare(empty, rows)).shown).toMatchObject([{ source: '', target: null }]);
  });

  it('counts all differences and keeps the first twenty', async () => {
    const found = await compare(rows, []);
    expect(found.differences).toBe(50);
    expect(found.shown.map(({ key }) => key)).toEqual(rows.slice(0, 20).map(([key]) => key));
  });

  it('refuses a side that is not in order, and one that gives a key twice', async () => {
    const [first = [], second = []] = rows;
    await expect(compare([second, first], rows)).rejects.toThrow('the source gave k000 after k001');
    await expect(compare(rows, [first, first])).rejects.toThrow('the target gave k000 after k000');
  });
});
