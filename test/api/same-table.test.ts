import { expect, it } from 'vitest';
import { isSameTable } from '../../src/api/same-table.ts';

const url = (text: string) => ({ 'connection.url': text });
const my = url('jdbc:mysql://db:3306/shop?useSSL=false');
const pg = url('jdbc:postgresql://db:5432/shop');
const lite = url('jdbc:sqlite:a.db');

it.each([
  { from: my, read: 'orders', to: url('jdbc:mariadb://DB:3306/other'), written: 'shop.orders', same: true },
  { from: my, read: '`shop`.`orders`', to: my, written: 'orders', same: true },
  { from: my, read: 'orders', to: url('jdbc:mysql://db:3306/other'), written: 'orders', same: false },
  { from: my, read: 'orders', to: my, written: 'copy', same: false },
  { from: pg, read: 'public.orders', to: pg, written: 'orders', same: true },
  { from: pg, read: 'orders', to: pg, written: 'archive.orders', same: false },
  { from: pg, read: 'orders', to: my, written: 'orders', same: false },
  { from: lite, read: 'orders', to: url('a.db'), written: 'orders', same: true },
  { from: lite, read: 'orders', to: url('b.db'), written: 'orders', same: false },
])('$from, table $read, and $to, table $written: one table $same', ({ from, read, to, written, same }) => {
  const source = { ...from, 'table.whitelist': read };
  expect(isSameTable(source, { ...to, 'table.name.format': written })).toBe(same);
});

it('a query, or a file, is no table', () => {
  expect(isSameTable({ ...my, query: 'SELECT 1' }, { ...my, 'table.name.format': 'orders' })).toBe(false);
  expect(isSameTable({ file: 'a' }, { file: 'a' })).toBe(false);
});
