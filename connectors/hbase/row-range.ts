// A job may read a range of row keys only. In a salted table, where a prefix spreads keys that follow one another, the range is one
// of the keys behind the prefix, and is read in every bucket.
import { optional } from './config-keys.ts';
import type { ConfigDef } from '../../src/core/connector/config-def.ts';
import type { Read, Report } from './cluster-config.ts';
import { readKey } from './printable-key.ts';
import { intersect, wholeTable } from './rpc/key-range.ts';
import type { KeyRange } from './rpc/key-range.ts';
import type { RegionLocation } from './rpc/region-location.ts';

export const ROW_RANGE_KEY = {
  startRow: 'hbase.start.row',
  stopRow: 'hbase.stop.row',
  salt: 'hbase.salt',
} as const;

const group = 'Reading';

export const rowRangeKeys: ConfigDef = [
  optional(
    ROW_RANGE_KEY.startRow,
    group,
    'First row key to read, without salt; bytes as \\xHH. Blank: from the first row. (起始行键,含;不含盐值前缀;字节写作 \\xHH。)',
    '',
  ),
  optional(
    ROW_RANGE_KEY.stopRow,
    group,
    'Row key to stop before, without salt. Blank: to the last row. (终止行键,不含。)',
    '',
  ),
  optional(
    ROW_RANGE_KEY.salt,
    group,
    'Buckets of a salted table, for a range of row keys: byte:8 (one byte, 0 to 7, as in Phoenix), hex:32 (two hex digits, 00 to 1f, as the HBase sink writes them), or the prefixes themselves with commas between. (加盐表的分桶:byte:8、hex:32,或以逗号分隔的前缀列表;行键范围在每个桶内生效。)',
    '',
  ),
];

export interface RowRange {
  /** Ascending, apart from one another. */
  readonly ranges: readonly KeyRange[];
  /** As the keys have it, for the plan's identity and report; '' = the whole table. */
  readonly text: string;
}

export function readRowRange(value: Read, report: Report): RowRange {
  const read = (name: string): Buffer => {
    const row = readKey(value(name));
    if (row === null) report(name, 'write bytes as \\xHH, and the backslash as \\x5C');
    return row ?? Buffer.alloc(0);
  };
  const range = { start: read(ROW_RANGE_KEY.startRow), stop: read(ROW_RANGE_KEY.stopRow) };
  if (range.stop.length > 0 && range.start.compare(range.stop) >= 0)
    report(ROW_RANGE_KEY.stopRow, `no key lies between ${ROW_RANGE_KEY.startRow} and it`);
  const salt = value(ROW_RANGE_KEY.salt);
  const isWhole = range.start.length === 0 && range.stop.length === 0;
  if (salt === '') return { ranges: [range], text: isWhole ? '' : describe(value) };
  if (isWhole)
    report(
      ROW_RANGE_KEY.salt,
      `changes nothing without ${ROW_RANGE_KEY.startRow} or ${ROW_RANGE_KEY.stopRow}`,
    );
  const buckets = readBuckets(salt);
  if (typeof buckets === 'string') report(ROW_RANGE_KEY.salt, buckets);
  const ranges =
    typeof buckets === 'string' ? [wholeTable] : buckets.map((bucket) => inBucket(bucket, range));
  return { ranges, text: describe(value) };
}

function describe(value: Read): string {
  const [start, stop, salt] = Object.values(ROW_RANGE_KEY).map(value);
  return `[${start}, ${stop})${salt === '' ? '' : ` in each bucket of ${salt}`}`;
}

/** The prefixes, ascending; or in words what is wrong. */
function readBuckets(salt: string): readonly Buffer[] | string {
  const scheme = /^(byte|hex):(\d{1,3})$/.exec(salt);
  if (scheme !== null) {
    const count = Number(scheme[2]);
    if (count < 1 || count > 256) return 'write 1 to 256 buckets';
    return Array.from({ length: count }, (_, index) =>
      scheme[1] === 'byte' ? Buffer.from([index]) : Buffer.from(index.toString(16).padStart(2, '0')),
    );
  }
  const prefixes: Buffer[] = [];
  for (const text of salt.split(',')) {
    const prefix = readKey(text.trim());
    if (prefix === null || prefix.length === 0)
      return 'write byte:8, hex:32, or prefixes with commas between, their bytes as \\xHH';
    prefixes.push(prefix);
  }
  prefixes.sort((left, right) => left.compare(right));
  const twin = prefixes.find((prefix, index) =>
    prefixes[index - 1]?.equals(prefix.subarray(0, prefixes[index - 1]?.length)),
  );
  if (twin !== undefined)
    return `'${twin.toString()}' begins with another prefix, so its keys could be of either bucket`;
  return prefixes;
}

function inBucket(bucket: Buffer, { start, stop }: KeyRange): KeyRange {
  return {
    start: Buffer.concat([bucket, start]),
    stop: stop.length === 0 ? behindAll(bucket) : Buffer.concat([bucket, stop]),
  };
}

/** The first key behind all that begin with `prefix`; empty: there is none. */
function behindAll(prefix: Buffer): Buffer {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length -= 1;
  const next = Buffer.from(prefix.subarray(0, length));
  if (length > 0) next[length - 1] = (next[length - 1] ?? 0) + 1;
  return next;
}

/** The regions as far as they lie in the ranges; one that several ranges meet is there several times. */
export function clipRegions(
  regions: readonly RegionLocation[],
  { ranges }: RowRange,
): readonly RegionLocation[] {
  return regions.flatMap((region) =>
    ranges.flatMap((range) => {
      const { info } = region;
      const part = intersect({ start: info.startKey, stop: info.endKey }, range);
      return part === undefined
        ? []
        : [{ ...region, info: { ...info, startKey: part.start, endKey: part.stop } }];
    }),
  );
}
