// The HBase source's suite, pseudo fields: timestamps, whole families and constants, in full reads and in increments.
import { timePosition } from '../../connectors/hbase/source/positions.ts';
import { describe, expect, it } from 'vitest';
import { hbaseSource } from '../../connectors/hbase/source/source-connector.ts';
import { lagMs, longAgoMs, run } from './hbase-bed.ts';
import type { Entry, Tools } from './hbase-bed.ts';
import { english } from '../support/english.ts';

const entries: readonly Entry[] = [
  { sourceFiled: 'rowkey()', ispk: '1' },
  { sourceFiled: 'timestamp(d:a)', fieldType: 'bigint' },
  { sourceFiled: 'timestamp()', fieldType: 'bigint' },
  { sourceFiled: 'e:*', fieldType: 'json' },
  { sourceFiled: "constant('shop')" },
];

export function describePseudoFields({ newTable, configOf, bed }: Tools): void {
  describe('pseudo fields', () => {
    it('are read in full, also where mapped columns are a small part of the row', async () => {
      const table = await newTable(['d', 'e']);
      const pad = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`d:pad${i}`, 'x'.repeat(100)]));
      await bed().put(table, [
        { key: 'r1', cells: { 'd:a': '1', ...pad }, timestamp: 1_000 },
        { key: 'r1', cells: { 'e:z': '2', 'e:b': Buffer.from([0xff]) }, timestamp: 3_000 },
        { key: 'r2', cells: { 'd:pad0': 'x' }, timestamp: 2_000 },
      ]);
      const { rows, out, plan } = await run(configOf(table, entries));
      expect(rows.map(({ values }) => values)).toEqual([
        ['r1', '1000', '3000', '{"b":{"hex":"ff"},"z":"2"}', 'shop'],
        ['r2', null, '2000', null, 'shop'],
      ]);
      expect(out.dirtyRows).toEqual([]);
      expect(english(plan.notes).join()).not.toContain('only mapped columns are sent');
    });

    it('of rows much wider than the mapping leave the rest on the servers where they can', async () => {
      const table = await newTable(['d']);
      const pad = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`d:pad${i}`, 'x'.repeat(100)]));
      await bed().put(table, [{ key: 'r1', cells: { 'd:a': '1', ...pad }, timestamp: 1_000 }]);
      const [key = {}, written = {}, , , constant = {}] = entries;
      for (const [entry, value] of [
        [written, '1000'],
        [constant, 'shop'],
      ] as const) {
        const { rows, plan } = await run(configOf(table, [key, entry]));
        expect(rows.map(({ values }) => values)).toEqual([['r1', value]]);
        expect(english(plan.notes)).toContain(
          'rows are much wider than the mapping: only mapped columns are sent',
        );
      }
    });

    it('that are parts of the row key come from its bytes, and the plan says whether rows could merge', async () => {
      const table = await newTable(['d']);
      await bed().put(table, [
        { key: 'cn_7', cells: { 'd:a': '1' } },
        { key: 'odd', cells: { 'd:a': '2' } },
      ]);
      const parts = [1, 2].map((index) => {
        const sourceFiled = 'rowkey()';
        return { sourceFiled, targetFiled: `p${index}`, ispk: '1', byterule: `part('_',${index},2)` };
      });
      const { rows, out, plan } = await run(configOf(table, parts));
      expect(rows.map(({ values }) => values)).toEqual([['cn', '7']]);
      expect(out.dirtyRows).toMatchObject([{ key: 'odd', bytesHex: Buffer.from('odd').toString('hex') }]);
      expect(plan.schema.merging).toBeUndefined();
      const one = configOf(table, parts.slice(1));
      expect((await run(one)).plan.schema.merging).toMatchObject({ chosen: false });
      const steps = await hbaseSource.testConnection(one, new AbortController().signal);
      expect(steps[4]?.doubts?.[0]?.en).toContain('different rows could be one');
      await expect(run({ ...one, 'hbase.deletes': 'markers' })).rejects.toThrow(/take others with it/);
    });

    it('of an increment are those of the whole row', async () => {
      const table = await newTable(['d', 'e']);
      const then = Date.now() - longAgoMs;
      await bed().put(table, [
        { key: 'old', cells: { 'd:a': '1', 'e:a': '1' }, timestamp: then - lagMs },
        { key: 'row', cells: { 'd:a': '1', 'e:a': '1' }, timestamp: then - lagMs },
      ]);
      await bed().put(table, [{ key: 'row', cells: { 'e:b': '2' }, timestamp: then }]);
      const { rows } = await run(configOf(table, entries), timePosition(then));
      expect(rows.map(({ values }) => values)).toEqual([
        ['row', String(then - lagMs), String(then), '{"a":"1","b":"2"}', 'shop'],
      ]);
    });
  });
}
