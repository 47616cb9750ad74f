// A job may read a range of row keys only. In a salted table, where a prefix spreads keys that follow one another, the range is one
// of the keys behind the prefix, and is read in every bucket.
import type { Templates } from '../../../src/core/connector/config-def.ts';
import type { Refuse, ValuesOf } from '../../../src/core/connector/config.ts';
import { text } from '../../../src/core/connector/config.ts';
import { readKey } from '../mapping/printable-key.ts';
import { intersect, wholeTable } from '../client/key-range.ts';
import type { KeyRange } from '../client/key-range.ts';
import type { RegionLocation } from '../client/regions/region-location.ts';

const group = 'Reading';
const keyTemplates: Templates = { fill: (value, fill) => fill(value, 'key') };

export const rowRangeKeys = {
  startRow: text('hbase.start.row', {
    default: '',
    doc: {
      en: 'First row key to read, without salt; bytes as \\xHH. Blank: from the first row.',
      zh: '起始行键（含），不含盐值前缀；字节写作 \\xHH。留空：从第一行开始。',
    },
    group,
    templates: keyTemplates,
  }),
  stopRow: text('hbase.stop.row', {
    default: '',
    doc: {
      en: 'Row key to stop before, without salt. Blank: to the last row.',
      zh: '终止行键（不含），不含盐值前缀。留空：到最后一行。',
    },
    group,
    templates: keyTemplates,
  }),
  salt: text('hbase.salt', {
    default: '',
    doc: {
      en: 'Buckets of a salted table, for a range of row keys: byte:8 (one byte, 0 to 7, as in Phoenix), hex:32 (two hex digits, 00 to 1f, as the HBase sink writes them), or the prefixes themselves with commas between.',
      zh: '加盐表的分桶，用于行键范围：byte:8（一个字节，0 到 7，如 Phoenix）、hex:32（两位十六进制，00 到 1f，如 HBase 目标所写），或以逗号分隔的前缀列表；行键范围在每个桶内生效。',
    },
    group,
  }),
};

export interface RowRange {
  /** Ascending, apart from one another. */
  readonly ranges: readonly KeyRange[];
  /** As the keys have it, for the plan's identity and report; '' = the whole table. */
  readonly text: string;
}

export function readRowRange(values: ValuesOf<typeof rowRangeKeys>, refuse: Refuse): RowRange {
  const names = {
    start: rowRangeKeys.startRow.def.name,
    stop: rowRangeKeys.stopRow.def.name,
    salt: rowRangeKeys.salt.def.name,
  };
  const read = (name: string, text: string): Buffer => {
    const row = readKey(text);
    if (row === null) refuse(name, 'write bytes as \\xHH, and the backslash as \\x5C');
    return row ?? Buffer.alloc(0);
  };
  const range = { start: read(names.start, values.startRow), stop: read(names.stop, values.stopRow) };
  if (range.stop.length > 0 && range.start.compare(range.stop) >= 0)
    refuse(names.stop, `no key lies between ${names.start} and it`);
  const isWhole = range.start.length === 0 && range.stop.length === 0;
  if (values.salt === '') return { ranges: [range], text: isWhole ? '' : describe(values) };
  if (isWhole) refuse(names.salt, `changes nothing without ${names.start} or ${names.stop}`);
  const buckets = readBuckets(values.salt);
  if (typeof buckets === 'string') refuse(names.salt, buckets);
  const ranges =
    typeof buckets === 'string' ? [wholeTable] : buckets.map((bucket) => inBucket(bucket, range));
  return { ranges, text: describe(values) };
}

function describe({ startRow, stopRow, salt }: ValuesOf<typeof rowRangeKeys>): string {
  return `[${startRow}, ${stopRow})${salt === '' ? '' : ` in each bucket of ${salt}`}`;
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
