// The target's rows come page by page, each once, in the order of their keys.
import { describe, expect, it } from 'vitest';
import type { OrderRow } from '../../../src/demo/orders/compare-orders.ts';
import { readTargetRows } from '../../../src/demo/orders/target-rows.ts';
import type { PageReader } from '../../../src/demo/orders/target-rows.ts';

const keys = Array.from({ length: 12_345 }, (_, index) => `k${String(index).padStart(6, '0')}`);

async function readAll(read: PageReader): Promise<OrderRow[]> {
  const rows: OrderRow[] = [];
  for await (const row of readTargetRows({ name: 'orders', textType: 'CHAR', read })) rows.push(row);
  return rows;
}

describe('reading the target', () => {
  it('asks for the next page behind the last key', async () => {
    const asked: (readonly string[])[] = [];
    const rows = await readAll((sql, after) => {
      asked.push(after);
      const limit = Number(/LIMIT (\d+)/.exec(sql)?.[1]);
      const from = after[0] === undefined ? 0 : keys.indexOf(after[0]) + 1;
      return Promise.resolve(keys.slice(from, from + limit).map((key) => ({ order_key: key, weight: 0.1 })));
    });
    expect(rows.map(([key]) => key)).toEqual(keys);
    expect(asked).toEqual([[], ['k004999'], ['k009999'], ['k012344']]);
    expect(rows[0]?.filter((value) => value !== null)).toEqual(['k000000', '0.1']);
  });

  it('has longs and dates cast to text, and doubles left as they are', async () => {
    let select = '';
    await readAll((sql) => {
      select = sql;
      return Promise.resolve([]);
    });
    expect(select).toContain('CAST(order_id AS CHAR) AS order_id');
    expect(select).toContain('CAST(placed_at AS CHAR) AS placed_at');
    expect(select).toMatch(/, weight,/);
  });
});
