// What tells an HBase target from one that is made anew or altered, over HBase and over its double.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HbaseSinkBed } from '../support/hbase-sink-bed.ts';
import { dropTable } from '../support/hbase-cluster.ts';
import { batchOf, newTableName, openRun, pairs } from './sink-bed.ts';

export function describeTableMark(name: string, open: () => Promise<HbaseSinkBed>): void {
  describe(`the mark of a table (${name})`, () => {
    let bed: HbaseSinkBed;
    beforeAll(async () => {
      bed = await open();
    });
    afterAll(() => bed.close());

    it('stays while rows are written, and is another one when the table is made anew or disabled', async () => {
      const table = newTableName();
      const { store } = await openRun(bed, bed.configOf(table));
      const mark = async () => {
        await store.prepareTable(pairs);
        return store.transaction(async (tx) => tx.markTable?.());
      };
      const made = await mark();
      expect(made).toBeTypeOf('string');
      await store.transaction((tx) => tx.writeRows(batchOf([['a', 'x']])));
      expect(await mark()).toBe(made);
      await dropTable(bed.client, table);
      const anew = await mark();
      expect(anew).not.toBe(made);
      await bed.client.admin.disableTable(table);
      await bed.client.admin.enableTable(table);
      expect(await mark()).not.toBe(anew);
      await store.close();
    });

    it('is another one for another descriptor', async () => {
      const table = newTableName();
      const { store } = await openRun(bed, bed.configOf(table));
      const mark = async () => {
        await store.prepareTable(pairs);
        return store.transaction(async (tx) => tx.markTable?.());
      };
      const made = await mark();
      await dropTable(bed.client, table);
      await bed.client.admin.createTable({ table, families: { f: { VERSIONS: '3' } } });
      expect(await mark()).not.toBe(made);
      await store.close();
    });
  });
}
