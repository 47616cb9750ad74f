// The sample orders: each made from its number (and version) alone, so that any two runs of the demo have the same rows. Values
// are such that a careless step would spoil them: longs beyond 2^53, doubles without a short decimal, text with tabs, line
// ends and backslashes, missing cells.
import type { OrderColumn, OrderValue } from './order-columns.ts';
import { cellColumns } from './order-columns.ts';

export interface Order {
  /** Salted: two hex digits, a dash, the number in ten digits. */
  readonly key: string;
  /** By column name of the target; a missing one is a missing cell. */
  readonly values: ReadonlyMap<string, OrderValue>;
}

/** First keys of all regions but the first: eight regions, cut by salt. */
export const splitKeys: readonly Buffer[] = ['20', '40', '60', '80', 'a0', 'c0', 'e0'].map((salt) =>
  Buffer.from(salt),
);

const surnames = Array.from('王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗');
const givenNames = ['伟', '芳', '娜', '秀英', '敏', '静', '丽', '强', '磊', '洋', '艳', '勇', '子涵', '浩然'];
const cities = [
  '北京',
  '上海',
  '广州',
  '深圳',
  '成都',
  '杭州',
  '武汉',
  '西安',
  '乌鲁木齐',
  '呼和浩特',
  'Zürich',
];
const remarks = [
  '尽快发货,谢谢',
  'line one\nline two\r\nline three',
  'tab\there, and two\t\tthere',
  'C:\\orders\\new\\table.txt \\N \\',
  '"quoted", \'single\', `back`, 100 % _',
  '易碎品 🧧🏮 \u{20bb7}野家',
  ' leading and trailing blanks  ',
  '',
];
const epochMs = Date.UTC(2024, 0, 1);

export function orderKey(index: number): string {
  const salt = (mix(index) & 0xff).toString(16).padStart(2, '0');
  return `${salt}-${String(index).padStart(10, '0')}`;
}

/** `version` 0 is the order as loaded; each later one differs from it. */
export function makeOrder(index: number, version = 0): Order {
  const values = new Map<string, OrderValue>();
  for (const column of cellColumns) {
    const value = orderValue(column, index, version);
    if (value !== null) values.set(column.name, value);
  }
  return { key: orderKey(index), values };
}

/** null: the order has no such cell. */
export function orderValue({ name }: OrderColumn, index: number, version: number): OrderValue | null {
  const random = mix(index * 31 + version * 7_919 + name.length * 131 + name.charCodeAt(0));
  switch (name) {
    case 'order_id':
      return orderId(index);
    case 'customer':
      return pick(surnames, random) + pick(givenNames, random >>> 8);
    case 'city':
      return pick(cities, random);
    case 'quantity':
      return index % 97 === 0 ? -1 : (random % 500) + 1 + version;
    case 'weight':
      return (random % 1_000_003) / 997 + version / 3;
    case 'amount':
      return `${random % 10_000_000}.${String((random >>> 3) % 10_000).padStart(4, '0')}`;
    case 'paid':
      return (random & 1) === 1;
    case 'order_day':
      return placedAt(index).slice(0, 10);
    case 'placed_at':
      return placedAt(index);
    case 'coupon':
      return version === 0 && index % 3 !== 0 ? null : `SAVE-${random % 100_000}`;
    case 'remark':
      return version === 0 && index % 5 < 2
        ? null
        : `${pick(remarks, random)}${version > 0 ? ` v${version}` : ''}`;
    default:
      return null;
  }
}

/** Most are small; every seventh is one that no double holds. */
function orderId(index: number): bigint {
  if (index === 0) return 2n ** 63n - 1n;
  if (index === 1) return -(2n ** 63n);
  return index % 7 === 0 ? 2n ** 53n + 1n + 2n * BigInt(index) : BigInt(index);
}

function placedAt(index: number): string {
  return new Date(epochMs + index * 7_717_003).toISOString().replace('T', ' ').replace('Z', '');
}

function pick<T>(from: readonly T[], random: number): T {
  const found = from[random % from.length];
  if (found === undefined) throw new RangeError('picking from an empty list');
  return found;
}

/** 32 bits in which every bit of `value` has a part (the finalizer of MurmurHash3). */
function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
