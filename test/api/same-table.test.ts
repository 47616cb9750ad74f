import { expect, it } from 'vitest';
import { isSameTable } from '../../src/api/same-table.ts';

const url = (text: string) => ({ 'connection.url': text });
const here = (host: string) => url(`jdbc:mysql://${host}:3306/shop`);
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
  { from: my, read: '"p.q"', to: my, written: '`p.q`', same: true },
  { from: my, read: '"p.q"', to: url('jdbc:mysql://db:3306/other'), written: '"p.q"', same: false },
  { from: my, read: 'shop."p.q"', to: my, written: 'other."p.q"', same: false },
  { from: my, read: '"p.q"', to: my, written: 'p.q', same: false },
  { from: my, read: '"a b"', to: my, written: 'ab', same: false },
  { from: my, read: 'orders', to: url('jdbc:mysql://db/shop'), written: 'orders', same: true },
  { from: my, read: 'orders', to: url('jdbc:mysql://db:3307/shop'), written: 'orders', same: false },
  { from: here('127.0.0.1'), read: 'orders', to: here('localhost'), written: 'orders', same: true },
  { from: here('127.0.0.1'), read: 'orders', to: here('127.1'), written: 'orders', same: true },
  {
    from: here('127.0.0.1'),
    read: 'orders',
    to: here('no-such-host.invalid'),
    written: 'orders',
    same: false,
  },
  { from: pg, read: 'public."p.q"', to: pg, written: '"p.q"', same: true },
  {
    from: pg,
    read: 'a.orders',
    to: url('jdbc:postgresql://db/shop?currentSchema=a'),
    written: 'orders',
    same: true,
  },
  { from: pg, read: 'shop.public.orders', to: pg, written: 'orders', same: true },
  { from: lite, read: 'orders', to: url('jdbc:sqlite:./b/../a.db'), written: 'orders', same: true },
  { from: lite, read: '"orders', to: lite, written: '"orders', same: false },
])(
  '$from, table $read, and $to, table $written: one table $same',
  async ({ from, read, to, written, same }) => {
    const source = { ...from, 'table.whitelist': read };
    expect(await isSameTable(source, { ...to, 'table.name.format': written })).toBe(same);
  },
);

it('a query, or a file, is no table', async () => {
  expect(await isSameTable({ ...my, query: 'SELECT 1' }, { ...my, 'table.name.format': 'orders' })).toBe(
    false,
  );
  expect(await isSameTable({ file: 'a' }, { file: 'a' })).toBe(false);
});
