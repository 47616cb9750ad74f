// The benches' table: orders of 10 columns, about 185 bytes of values a row, salted keys in 8 regions.
import type { HBaseClient } from '../../connectors/hbase/client/client.ts';
import { createRandom } from '../support/random.ts';

const FAMILY = Buffer.from('d');
const LATEST = 0x7fffffffffffffffn;
const PUT_ROWS = 2_000;
const CITIES = ['上海', '北京', '广州', '深圳', '成都', '杭州', '武汉', '西安'];

/** Field mapping of the benches' job, in the contract's form. */
export const orderMapping: readonly Record<string, string>[] = [
  { sourceFiled: 'id', targetFiled: 'id', fieldType: 'varchar(32)', ispk: '1' },
  { sourceFiled: 'd:amount', targetFiled: 'amount', fieldType: 'decimal(18,2)', ispk: '0' },
  { sourceFiled: 'd:city', targetFiled: 'city', fieldType: 'varchar(32)', ispk: '0' },
  { sourceFiled: 'd:created', targetFiled: 'created', fieldType: 'datetime(3)', ispk: '0' },
  { sourceFiled: 'd:device', targetFiled: 'device', fieldType: 'varchar(32)', ispk: '0' },
  { sourceFiled: 'd:price', targetFiled: 'price', fieldType: 'double', encoding: 'double', ispk: '0' },
  { sourceFiled: 'd:quantity', targetFiled: 'quantity', fieldType: 'int', ispk: '0' },
  { sourceFiled: 'd:remark', targetFiled: 'remark', fieldType: 'varchar(255)', ispk: '0' },
  { sourceFiled: 'd:status', targetFiled: 'status', fieldType: 'varchar(16)', ispk: '0' },
  { sourceFiled: 'd:user_id', targetFiled: 'user_id', fieldType: 'bigint', encoding: 'int64', ispk: '0' },
];

/** `orderMapping` and a tenth cell, as the scan bench's rows have it. */
export const wideOrderMapping: readonly Record<string, string>[] = [
  ...orderMapping,
  { sourceFiled: 'd:address', targetFiled: 'address', fieldType: 'varchar(64)', ispk: '0' },
];

/** `wide`: rows of ten cells, not nine. */
export async function loadOrders(
  client: HBaseClient,
  table: string,
  rows: number,
  wide = false,
): Promise<void> {
  const splitKeys = ['20', '40', '60', '80', 'a0', 'c0', 'e0'].map((key) => Buffer.from(key));
  await client.admin.createTable({ table, families: { d: {} }, splitKeys });
  const random = createRandom(1);
  // Whole key order within one salt: a batch goes to few regions.
  for (let at = 0; at < rows; at += PUT_ROWS) {
    const count = Math.min(PUT_ROWS, rows - at);
    const mutations = Array.from({ length: count }, (_, i) => putOf(at + i, random, wide));
    await client.mutateRows(table, mutations);
  }
  await client.flushTable(table);
}

/** The put of one order. */
export function putOf(
  number: number,
  random: (below: number) => number,
  wide: boolean,
): Parameters<HBaseClient['mutateRows']>[1][number] {
  const salt = ((number * 2_654_435_761) >>> 24).toString(16).padStart(2, '0');
  const row = Buffer.from(`${salt}${String(number).padStart(12, '0')}`);
  const price = Buffer.alloc(8);
  price.writeDoubleBE(random(1_000_000) / 100);
  const user = Buffer.alloc(8);
  // Every hundredth is far beyond 2^53; beyond a million rows the large ones come again, as 2^63 is the end.
  user.writeBigInt64BE(
    number % 100 === 0 ? BigInt(number % 1_000_000) * 9_000_000_000_000n : BigInt(number) * 7n,
  );
  const columns: readonly (readonly [string, Buffer])[] = [
    ...(wide ? [['address', Buffer.from(`No. ${number % 997} Chang'an Avenue`)] as const] : []),
    ['amount', Buffer.from(`${random(100_000)}.${String(random(100)).padStart(2, '0')}`)],
    ['city', Buffer.from(CITIES[random(CITIES.length)] ?? '')],
    [
      'created',
      Buffer.from(new Date(1_767_225_600_000 + number * 10_000).toISOString().slice(0, 23).replace('T', ' ')),
    ],
    ['device', Buffer.from(`device-${random(1_000_000).toString(36)}`)],
    ['price', price],
    ['quantity', Buffer.from(String(1 + random(100)))],
    [
      'remark',
      Buffer.from(
        `note ${number} ${'abcdefghijklmnopqrstuvwxyz'.repeat(3).slice(0, 40 + random(30))}${random(20) === 0 ? '\t\\"' : ''}`,
      ),
    ],
    ['status', Buffer.from(['new', 'paid', 'shipped', 'done'][random(4)] ?? '')],
    ['user_id', user],
  ];
  const cells = columns.map(([qualifier, value]) => ({
    row,
    family: FAMILY,
    qualifier: Buffer.from(qualifier),
    timestamp: LATEST,
    type: 'put' as const,
    value,
  }));
  return { kind: 'put', row, cells };
}
