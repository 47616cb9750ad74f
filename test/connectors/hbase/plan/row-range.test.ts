// Ranges of row keys, over regions and salt buckets: every key of the range once, no other.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clipRegions, readRowRange } from '../../../../connectors/hbase/plan/row-range.ts';
import type { RowRange } from '../../../../connectors/hbase/plan/row-range.ts';
import type { RegionLocation } from '../../../../connectors/hbase/client/regions/region-location.ts';
import { printKey } from '../../../../connectors/hbase/mapping/printable-key.ts';

function read(start: string, stop: string, salt: string): { range: RowRange; problems: readonly string[] } {
  const problems: string[] = [];
  const values = { startRow: start, stopRow: stop, salt };
  const range = readRowRange(values, (name, message) => problems.push(`${name}: ${message}`));
  return { range, problems };
}

function regionsAt(bounds: readonly Buffer[]): readonly RegionLocation[] {
  const starts = [Buffer.alloc(0), ...bounds];
  return starts.map((startKey, index): RegionLocation => {
    const info = { startKey, endKey: starts[index + 1] ?? Buffer.alloc(0) };
    return {
      name: Buffer.from(`r${index}`),
      info: { ...info, regionId: 1n, table: 't', split: false, offline: false, replicaId: 0 },
      state: 'OPEN',
      server: undefined,
    };
  });
}

const key = fc
  .uint8Array({ minLength: 1, maxLength: 3 })
  .map((bytes) => Buffer.from(bytes.map((b) => (b % 4 === 3 ? 0xff : b % 4))));
const bounds = fc
  .array(key, { maxLength: 5 })
  .map((keys) =>
    keys
      .sort((a, b) => a.compare(b))
      .filter((each, index, all) => index === 0 || !all[index - 1]?.equals(each)),
  );
const edge = fc.oneof(fc.constant(Buffer.alloc(0)), key);
const salts = [
  { text: '', prefixes: [Buffer.alloc(0)] },
  { text: 'byte:3', prefixes: [0, 1, 2].map((byte) => Buffer.from([byte])) },
  { text: '\\x01\\xFF,\\xFF', prefixes: [Buffer.from([1, 0xff]), Buffer.from([0xff])] },
];

describe('a range of row keys', () => {
  it('has every key within, in each bucket, in exactly one part of a region, and no other key', () => {
    fc.assert(
      fc.property(
        bounds,
        fc.tuple(edge, edge),
        fc.constantFrom(...salts),
        key,
        (cuts, [start, stop], salt, row) => {
          fc.pre(stop.length === 0 || start.compare(stop) < 0);
          fc.pre(salt.text === '' || start.length + stop.length > 0);
          const { range, problems } = read(printKey(start), printKey(stop), salt.text);
          expect(problems).toEqual([]);
          const isWithin = salt.prefixes.some((prefix) => {
            const user = row.subarray(prefix.length);
            const inBucket = row.subarray(0, prefix.length).equals(prefix);
            return inBucket && user.compare(start) >= 0 && (stop.length === 0 || user.compare(stop) < 0);
          });
          const parts = clipRegions(regionsAt(cuts), range).filter(
            ({ info }) =>
              info.startKey.compare(row) <= 0 && (info.endKey.length === 0 || info.endKey.compare(row) > 0),
          );
          expect(parts).toHaveLength(isWithin ? 1 : 0);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('of the whole table is all regions, and says nothing', () => {
    const { range } = read('', '', '');
    const regions = regionsAt([Buffer.from('m')]);
    expect(clipRegions(regions, range)).toEqual(regions);
    expect(range.text).toBe('');
  });

  it('has as many buckets as the salt says, as bytes and as hex digits', () => {
    expect(read('a', 'b', 'byte:256').range.ranges).toHaveLength(256);
    const { ranges } = read('a', '', 'hex:32').range;
    expect(ranges).toHaveLength(32);
    expect(ranges[31]).toEqual({ start: Buffer.from('1fa'), stop: Buffer.from('1g') });
  });

  it.each([
    [['b', 'a', ''], /^hbase\.stop\.row: no key lies between hbase\.start\.row and it/],
    [['a', 'a', ''], /no key lies between/],
    [['\\q', '', ''], /^hbase\.start\.row: write bytes as \\xHH/],
    [['', '', 'byte:8'], /^hbase\.salt: changes nothing without hbase\.start\.row/],
    [['a', '', 'byte:0'], /^hbase\.salt: write 1 to 256 buckets/],
    [['a', '', 'byte:257'], /write 1 to 256 buckets/],
    [['a', '', '0,,1'], /write byte:8, hex:32, or prefixes with commas/],
    [['a', '', '1,0,10'], /'10' begins with another prefix/],
    [['a', '', '1,1'], /'1' begins with another prefix/],
  ] as const)('%j is refused, naming key and fix', ([start, stop, salt], problem) => {
    expect(read(start, stop, salt).problems).toEqual([expect.stringMatching(problem)]);
  });
});
