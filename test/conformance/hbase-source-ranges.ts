// The HBase source's suite, ranges of row keys: of plain and of salted tables, exactly the rows in them.
import { timePosition } from '../../connectors/hbase/source/positions.ts';
import { describe, expect, it } from 'vitest';
import { lagMs, longAgoMs, run } from './hbase-bed.ts';
import type { BedRow, Tools } from './hbase-bed.ts';
import { english } from '../support/english.ts';

const rowKey = { sourceFiled: 'rowkey()', ispk: '1', encoding: 'hex' };

/** User keys u000 to u399, each in one of 8 buckets. */
const salted: readonly BedRow[] = Array.from({ length: 400 }, (_, index) => ({
  key: Buffer.concat([Buffer.from([(index * 5) % 8]), Buffer.from(userKey(index))]),
  cells: { 'd:n': String(index) },
}));

function userKey(index: number): string {
  return `u${String(index).padStart(3, '0')}`;
}

/** Keys of the rows whose user key is within, in hex, ascending. */
function keysWithin(rows: readonly BedRow[], start: string, stop: string): readonly string[] {
  const isWithin = (user: Buffer): boolean =>
    user.compare(Buffer.from(start)) >= 0 && (stop === '' || user.compare(Buffer.from(stop)) < 0);
  return rows
    .map(({ key }) => Buffer.from(key))
    .filter((key) => isWithin(key.subarray(1)))
    .map((key) => key.toString('hex'))
    .sort();
}

export function describeRowRanges({ newTable, configOf, bed }: Tools): void {
  const buckets = [1, 2, 3, 4, 5, 6, 7].map((bucket) => Buffer.from([bucket]));

  describe('ranges of row keys', () => {
    it.each([
      ['a region per bucket', buckets],
      ['one region', []],
      [
        'regions that end within buckets',
        [Buffer.from('\x02u100'), Buffer.from('\x02u200'), Buffer.from('\x07u3')],
      ],
    ])('of a table of 8 salt buckets with %s are read in each bucket, exactly', async (_name, splitKeys) => {
      const table = await newTable(['d'], splitKeys);
      await bed().put(table, [...salted, { key: Buffer.from('\x08u150'), cells: { 'd:n': 'no bucket' } }]);
      for (const [start, stop] of [
        ['u120', 'u180'],
        ['u120', ''],
        ['', 'u007'],
        ['u1', 'u2'],
        ['v', ''],
      ] as const) {
        const config = configOf(table, [rowKey], {
          'hbase.salt': 'byte:8',
          'hbase.start.row': start,
          'hbase.stop.row': stop,
        });
        const { rows, plan } = await run(config);
        expect(rows.map(({ values }) => values[0])).toEqual(keysWithin(salted, start, stop));
        expect(english(plan.notes).join()).toContain(
          `rows [${start}, ${stop}) in each bucket of byte:8 only`,
        );
      }
    });

    it('bound increments too, and the key behind a range is not in it', async () => {
      const table = await newTable(['d'], buckets);
      const then = Date.now() - longAgoMs;
      await bed().put(
        table,
        salted.map((row, index) => ({ ...row, timestamp: index % 2 === 0 ? then : then - lagMs })),
      );
      const config = configOf(table, [rowKey], {
        'hbase.salt': 'byte:8',
        'hbase.start.row': 'u100',
        'hbase.stop.row': 'u110',
      });
      const { rows } = await run(config, timePosition(then));
      const changed = salted.filter((_, index) => index % 2 === 0);
      expect(rows.map(({ values }) => values[0])).toEqual(keysWithin(changed, 'u100', 'u110'));
      expect(rows).toHaveLength(5);
    });

    it('of a table without salt are read as they are, with any bytes', async () => {
      const table = await newTable(['d'], [Buffer.from('m')]);
      const keys = ['a', 'b\xff', 'b\xff\0', 'm', 'z'].map((key) => Buffer.from(key, 'latin1'));
      await bed().put(
        table,
        keys.map((key) => ({ key, cells: { 'd:n': '1' } })),
      );
      const within = async (more: Record<string, string>) =>
        (await run(configOf(table, [rowKey], more))).rows.map(({ key }) => key);
      expect(await within({ 'hbase.start.row': 'b\\xFF', 'hbase.stop.row': 'm' })).toEqual([
        'b\xff',
        'b\xff\0',
      ]);
      expect(await within({ 'hbase.start.row': 'b\\xFF\\x00' })).toEqual(['b\xff\0', 'm', 'z']);
      expect(await within({ 'hbase.stop.row': 'b' })).toEqual(['a']);
    });
  });
}
