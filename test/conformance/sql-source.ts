// The SQL source's suite: runs over every database that it reads.
import { describe, expect, it } from 'vitest';
import { describeSqlDeletes } from './sql-source-deletes.ts';
import { describeSqlEdges } from './sql-source-edges.ts';
import { describeSqlFaults } from './sql-source-faults.ts';
import { describeSqlIncrements } from './sql-source-increments.ts';
import type { Text } from '../../src/core/text.ts';
import { RowCollector } from '../connectors/hbase/cell-rows.ts';
import { english } from '../support/english.ts';
import { readAll, signal, withTask } from './sql-source-bed.ts';
import type { SqlBed } from './sql-source-bed.ts';

export function describeSqlSource(bedOf: () => SqlBed): void {
  describeSqlIncrements(bedOf);
  describeSqlDeletes(bedOf);
  describeSqlFaults(bedOf);
  describeSqlEdges(bedOf);
  describe('full reads', () => {
    it('reads an empty table: no row, and its columns', async () => {
      const bed = bedOf();
      await bed.execute(`CREATE TABLE empty_one (id ${bed.types.int} PRIMARY KEY, v ${bed.types.text})`);
      const { rows, plan } = await readAll(bed, { 'table.whitelist': 'empty_one' });
      expect(rows).toEqual([]);
      expect(plan).toMatchObject({ predicted: { rows: 0, exact: true }, splits: { length: 1 } });
      expect(plan.schema.fields.map(({ name }) => name)).toEqual(['id', 'v']);
    });

    it('reads names of every kind', async () => {
      const bed = bedOf();
      const [table, key, value] = ['a.b "c" `d` 名', 'select', 'UPPER-case.x'];
      const q = bed.quote;
      await bed.execute(
        `CREATE TABLE ${q(table)} (${q(key)} ${bed.types.int} PRIMARY KEY, ${q(value)} ${bed.types.text})`,
      );
      await bed.execute(`INSERT INTO ${q(table)} VALUES (1, 'x'), (2, NULL)`);
      const { rows, plan } = await readAll(bed, { 'table.whitelist': `"${table.replaceAll('"', '""')}"` });
      expect(plan.schema.fields.map(({ name }) => name)).toEqual([key, value]);
      expect(rows.map(({ values }) => values)).toEqual([
        ['1', 'x'],
        ['2', null],
      ]);
    });

    it('reads a table without a key, one with a key of five columns that are not the first, and a view', async () => {
      const bed = bedOf();
      const { int, text } = bed.types;
      await bed.execute(`CREATE TABLE keyless (a ${int}, b ${text})`);
      await bed.execute(`INSERT INTO keyless VALUES (1, 'x'), (1, 'x')`);
      const keyless = await readAll(bed, { 'table.whitelist': 'keyless' });
      expect(keyless.plan.schema.key).toEqual([]);
      expect(keyless.rows.map(({ key, values }) => [key, ...values])).toEqual([
        ['', '1', 'x'],
        ['', '1', 'x'],
      ]);
      const parts = ['e', 'd', 'c', 'b', 'a'];
      await bed.execute(
        `CREATE TABLE wide_key (v ${text}, ${parts.map((part) => `${part} ${int} NOT NULL`).join(', ')}, PRIMARY KEY (${parts.join(', ')}))`,
      );
      await bed.execute(`INSERT INTO wide_key VALUES ('x', 1, 2, 3, 4, 5)`);
      const wide = await readAll(bed, { 'table.whitelist': 'wide_key' });
      expect(wide.plan.schema.key).toEqual(parts);
      expect(wide.rows).toEqual([{ key: '1\t2\t3\t4\t5', values: ['x', '1', '2', '3', '4', '5'] }]);
      await bed.execute(`CREATE VIEW looked_at AS SELECT a + 1 AS n, b FROM keyless`);
      const view = await readAll(bed, { 'table.whitelist': 'looked_at', 'sql.key.columns': 'n' });
      expect(view.plan.schema).toMatchObject({ key: ['n'], merging: { chosen: true } });
      expect(view.rows.map(({ values }) => values)).toEqual([
        ['2', 'x'],
        ['2', 'x'],
      ]);
    });

    it('reads a query, and only the columns that are asked for', async () => {
      const bed = bedOf();
      await bed.execute(
        `CREATE TABLE asked (id ${bed.types.int} PRIMARY KEY, v ${bed.types.text}, w ${bed.types.text})`,
      );
      await bed.execute(`INSERT INTO asked VALUES (1, 'x', 'y'), (2, 'z', NULL)`);
      const query = await readAll(bed, {
        query: 'SELECT w, id FROM asked WHERE id < 2 -- the first',
        'sql.key.columns': 'id',
      });
      expect(query.rows).toEqual([{ key: '1', values: ['y', '1'] }]);
      const some = await readAll(bed, { 'table.whitelist': 'asked', 'sql.columns': 'v,id' });
      expect(some.rows).toEqual([
        { key: '1', values: ['x', '1'] },
        { key: '2', values: ['z', '2'] },
      ]);
    });

    it('reads a table of 1,000 columns', async () => {
      const bed = bedOf();
      const names = Array.from({ length: 999 }, (_, index) => `c${index}`);
      await bed.execute(
        `CREATE TABLE wide (id ${bed.types.int} PRIMARY KEY, ${names.map((name) => `${name} ${bed.types.int}`).join(', ')})`,
      );
      await bed.execute(`INSERT INTO wide (id, c0, c998) VALUES (1, 5, 7)`);
      const { rows } = await readAll(bed, { 'table.whitelist': 'wide' });
      expect(rows[0]?.values).toEqual(['1', '5', ...Array<null>(997).fill(null), '7']);
    });
  });

  it('doubts a read that was begun again after ranges of an earlier state had ended', async () => {
    const bed = bedOf();
    await bed.execute(`CREATE TABLE begun_again (id ${bed.types.int} PRIMARY KEY)`);
    await withTask(bed, { 'table.whitelist': 'begun_again' }, async (task) => {
      const plan = await task.plan({ base: null, mode: 'full', lagMs: 0 });
      for (const resumed of [false, true]) {
        const doubts: Text[] = [];
        const out = Object.assign(new RowCollector(), { doubted: (text: Text) => void doubts.push(text) });
        await task.readSplit({ plan, split: plan.splits[0] ?? '', out, signal, resumed });
        const begunAgain: unknown = expect.stringContaining('begun again after an interruption');
        expect(english(doubts)).toEqual(resumed ? [begunAgain] : []);
      }
    });
  });

  it('shows the wizard its tables, columns, rows, and what a configuration makes of them', async () => {
    const bed = bedOf();
    const { int, text, bytes } = bed.types;
    await bed.execute(`CREATE TABLE looked (id ${int} NOT NULL PRIMARY KEY, v ${text}, b ${bytes})`);
    await bed.execute(`INSERT INTO looked (id, v) VALUES (1, 'x'), (2, NULL)`);
    const look = bed.plugin.openLook?.(bed.place, signal);
    if (look === undefined) throw new Error('it can not be looked into');
    const namespaces = await look.listNamespaces();
    const namespace =
      namespaces.find((name) => name.startsWith('syncline_source') || name === 'public') ?? 'main';
    expect(namespaces).toContain(namespace);
    expect(await look.listTables(namespace)).toContain('looked');
    // Left out, it is the connection's own.
    expect(await look.listTables(null)).toContain('looked');
    expect((await look.sampleRows({ namespace: null, table: 'looked' }, 1))[0]).toMatchObject({ key: '1' });
    const place = { namespace, table: 'looked' };
    expect(await look.listParts(place)).toMatchObject({ total: 1 });
    const { columns, key, sampledRows, whole } = await look.sampleColumns(place, 10);
    expect([sampledRows, whole, key.example]).toEqual([2, true, '1']);
    expect(columns.map(({ column, coverage, guess }) => [column, coverage, guess.example])).toEqual([
      ['id', 1, '1'],
      ['v', 0.5, 'x'],
      ['b', 0, ''],
    ]);
    expect((await look.sampleRows(place, 1))[0]).toMatchObject({
      key: '1',
      cells: [{ column: 'id' }, { column: 'v', value: 'x', timestamp: null, bytes: 1 }],
    });
    const config = { ...bed.place, 'table.whitelist': 'looked', 'topic.prefix': 't' };
    expect((await look.testMapping(config, 1)).rows).toMatchObject([
      { key: '1', outcome: 'row', values: { id: '1', v: 'x', b: null } },
    ]);
    expect((await look.testMapping({ ...config, 'sql.columns': 'none' }, 1)).problems).toEqual([
      expect.stringContaining('there is no column none'),
    ]);
    await expect(look.sampleRows({ namespace, table: 'no such' }, 1)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await look.close();
  });
}
