// Our HBase client on a real HBase: tables of every awkward shape, each compared by count and checksum with the Java client.
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { openHbaseBed } from '../support/hbase-bed.ts';
import type { HbaseTestBed } from '../support/hbase-bed.ts';
import { createRandom } from '../support/random.ts';
import { putRows, readTable } from '../support/read-table.ts';
import type { PlainRow } from '../support/read-table.ts';

const stack = inject('stack');
const key = (text: string): Buffer => Buffer.from(text, 'latin1');
const bytes = (...values: number[]): Buffer => Buffer.from(values);

describe.skipIf(stack === null)('a scan of a real HBase', () => {
  let bed: HbaseTestBed;
  beforeAll(async () => {
    if (stack !== null) bed = await openHbaseBed(stack);
  });
  afterAll(() => bed.close());

  test('reads keys salted with one byte, 0x00 and 0xFF included', async () => {
    const salts = [0x00, 0x01, 0x02, 0x0f, 0x10, 0x7f, 0x80, 0x81, 0xc3, 0xfe, 0xff];
    const table = await bed.makeTable(
      'salted',
      salts.slice(1).map((salt) => bytes(salt)),
    );
    const rows = salts.flatMap((salt) =>
      Array.from({ length: 40 }, (_, i) => ({
        key: Buffer.concat([bytes(salt), key(`id-${i}`)]),
        columns: { 'f:a': `${salt}/${i}` },
      })),
    );
    await putRows(bed.client, table, rows);
    expect(await bed.expectEqual(table)).toMatchObject({ rows: 440, cells: 440 });
    await bed.oracle.flush(table);
    await bed.expectEqual(table);
  });

  test('reads binary keys of all lengths, and keys that are another key and a zero byte', async () => {
    const random = createRandom(7);
    const table = await bed.makeTable('binary', [
      bytes(0x40),
      bytes(0x80),
      bytes(0x80, 0),
      bytes(0xc0, 0xff, 0xee),
    ]);
    const keys = new Map<string, Buffer>();
    const add = (one: Buffer): unknown => keys.set(one.toString('hex'), one);
    for (let i = 0; i < 500; i++) {
      const one = Buffer.from(Array.from({ length: 1 + random(20) }, () => random(256)));
      for (const next of [one, Buffer.concat([one, bytes(0)]), Buffer.concat([one, bytes(0, 0)])]) add(next);
    }
    for (const edge of [bytes(0), bytes(0, 0), bytes(0x80), bytes(0x80, 0), bytes(0xff, 0xff, 0xff)])
      add(edge);
    await putRows(
      bed.client,
      table,
      [...keys.values()].map((one) => ({ key: one, columns: { 'f:a': one } })),
    );
    const read = await bed.expectEqual(table);
    expect(read.keys).toEqual([...keys.values()].sort((a, b) => a.compare(b)));
  });

  test('reads keys of the greatest length', async () => {
    const longest = Buffer.alloc(32_767, 0x62);
    const table = await bed.makeTable('longest', [key('b'), key('c')]);
    await putRows(
      bed.client,
      table,
      ['a', longest, 'c'].map((one) => ({ key: Buffer.from(one), columns: { 'f:a': 'v' } })),
    );
    expect((await bed.expectEqual(table)).keys.map(({ length }) => length)).toEqual([1, 32_767, 1]);
    const { rows } = await bed.client.getRows(table, [{ row: longest }]);
    expect(rows[0]?.end).toBeGreaterThan(rows[0]?.start ?? 0);
  });

  test('reads past empty regions at the start, in the middle and at the end', async () => {
    const splits = ['1', '2', '3', '4', '5', '6', '7', '8', '9'].map(key);
    const table = await bed.makeTable('sparse', splits);
    await putRows(
      bed.client,
      table,
      ['21', '22', '23', '71'].map((one) => ({ key: key(one), columns: { 'f:a': one } })),
    );
    expect(await bed.expectEqual(table)).toMatchObject({ rows: 4 });
    const empty = await bed.makeTable('empty', splits);
    expect(await bed.expectEqual(empty)).toMatchObject({ rows: 0, cells: 0, sum: 0n });
  });

  test('reads rows of 1,000 columns, also where the server cuts the first answer inside a row', async () => {
    const table = await bed.makeTable('wide', [key('k5')]);
    const wide = (index: number): PlainRow => ({
      key: key(`k${index}`),
      columns: Object.fromEntries(
        Array.from({ length: 1000 }, (_, i) => [`f:col${i}`, `value ${index}/${i} `.repeat(10)]),
      ),
    });
    await putRows(
      bed.client,
      table,
      Array.from({ length: 10 }, (_, index) => wide(index)),
    );
    await bed.oracle.flush(table);
    for (const readType of ['default', 'stream', 'pread'] as const) {
      expect(await bed.expectEqual(table, { readType })).toMatchObject({ rows: 10, cells: 10_000 });
    }
    expect(await bed.expectEqual(table, { maxResultBytes: 100_000 })).toMatchObject({
      rows: 10,
      cells: 10_000,
    });
    const one = { range: { start: key('k4'), stop: key('k5') }, maxResultBytes: 1 };
    const oneCellPerAnswer = await bed.expectEqual(table, one, { startRow: 'k4', stopRow: 'k5' });
    expect(oneCellPerAnswer).toMatchObject({ rows: 1, cells: 1000 });
  });

  test('reads rows larger than an answer', async () => {
    const table = await bed.makeTable('large', [key('m')]);
    const value = Buffer.alloc(2_000_000, 0x5a);
    const large = ['a', 'b', 'z'].map((one) => ({
      key: key(one),
      columns: { 'f:a': value, 'f:b': value, 'f:c': value, 'f:d': 'x' },
    }));
    for (const one of large) await putRows(bed.client, table, [one]);
    await putRows(
      bed.client,
      table,
      ['aa', 'c', 'zz'].map((one) => ({ key: key(one), columns: { 'g:a': one } })),
    );
    for (const maxResultBytes of [500_000, 3_000_000, 100_000_000]) {
      expect(await bed.expectEqual(table, { maxResultBytes })).toMatchObject({ rows: 6, cells: 15 });
    }
  });

  test('reads the asked families and columns, and leaves out rows that have none of them', async () => {
    const table = await bed.makeTable('columns', [key('r5')]);
    const rows = Array.from({ length: 100 }, (_, i) => ({
      key: key(`r${i}`),
      columns: {
        ...(i % 10 === 0 ? {} : { 'f:a': `a${i}`, 'f:': `empty name ${i}` }),
        'f:b': '',
        'g:a': `g${i}`,
      },
    }));
    await putRows(bed.client, table, rows);
    const f = Buffer.from('f');
    const all = await bed.expectEqual(table);
    expect([all.rows, all.cells]).toEqual([100, 380]);
    const columns = [{ family: 'f', qualifier: 'a' }];
    const asked = await bed.expectEqual(
      table,
      { families: [{ family: f, qualifiers: [key('a')] }] },
      { columns },
    );
    expect([asked.rows, asked.cells]).toEqual([90, 90]);
    const unnamed = { families: [{ family: f, qualifiers: [key('')] }] };
    expect(
      await bed.expectEqual(table, unnamed, { columns: [{ family: 'f', qualifier: '' }] }),
    ).toMatchObject({
      rows: 90,
    });
    expect(
      await bed.expectEqual(table, { families: [{ family: f }] }, { columns: [{ family: 'f' }] }),
    ).toMatchObject({ cells: 280 });
    expect(
      await readTable(bed.client, table, { families: [{ family: f, qualifiers: [key('nope')] }] }),
    ).toMatchObject({ rows: 0 });
  });

  test('keeps tables apart whose names begin alike', async () => {
    const names: string[] = [];
    for (const [index, shortName] of ['users', 'users2', 'users-x', 'users.y'].entries()) {
      const name = await bed.makeTable(shortName, [key('m')], ['f']);
      names.push(name);
      await putRows(
        bed.client,
        name,
        Array.from({ length: 10 + index }, (_, i) => ({
          key: key(`${'az'[i % 2] ?? ''}${i}`),
          columns: { 'f:a': name },
        })),
      );
    }
    for (const [index, name] of names.entries()) {
      expect((await bed.client.regions(name)).map(({ info }) => info.table)).toEqual([name, name]);
      expect(await bed.expectEqual(name)).toMatchObject({ rows: 10 + index });
    }
  });

  test('reads versions, times and delete markers as asked', async () => {
    const table = await bed.makeTable('times', [], [{ name: 'f', versions: 5 }]);
    await bed.oracle.put(
      table,
      [1, 2, 3].flatMap((version) =>
        ['a', 'b', 'c'].map((row) => ({
          row,
          family: 'f',
          qualifier: 'q',
          value: `${row}${version}`,
          timestamp: version * 100,
        })),
      ),
    );
    await bed.oracle.delete(table, [
      { kind: 'row', row: 'a', timestamp: 150 },
      { kind: 'column', row: 'b', family: 'f', qualifier: 'q', timestamp: 200 },
      { kind: 'cell', row: 'c', family: 'f', qualifier: 'q', timestamp: 300 },
    ]);
    await bed.expectEqual(table);
    await bed.expectEqual(table, { maxVersions: 5 }, { versions: 5 });
    const timeRange = { from: 100n, to: 300n };
    await bed.expectEqual(table, { timeRange }, { minTimestamp: 100, maxTimestamp: 300 });
    const raw = await bed.expectEqual(table, { raw: true, maxVersions: 5 }, { raw: true, versions: 5 });
    expect(raw.cells).toBe(12);
  });

  test('reads a range and a number of rows', async () => {
    const table = await bed.makeTable('ranges', [key('k3'), key('k6')]);
    await putRows(
      bed.client,
      table,
      Array.from({ length: 1000 }, (_, i) => ({
        key: key(`k${String(i).padStart(3, '0')}`),
        columns: { 'f:a': String(i) },
      })),
    );
    const between = { start: key('k299'), stop: key('k601') };
    expect(
      await bed.expectEqual(table, { range: between }, { startRow: 'k299', stopRow: 'k601' }),
    ).toMatchObject({ rows: 302 });
    const limited = await readTable(bed.client, table, { range: between, limitRows: 5, rowsPerResponse: 2 });
    expect(limited.keys.map(String)).toEqual(['k299', 'k300', 'k301', 'k302', 'k303']);
    expect(
      await readTable(bed.client, table, { filter: { kind: 'prefix', prefix: key('k59') } }),
    ).toMatchObject({
      rows: 10,
    });
  });

  test('filters: keys only, first cells only', async () => {
    const table = await bed.makeTable('filters');
    await putRows(
      bed.client,
      table,
      ['a', 'b'].map((one) => ({ key: key(one), columns: { 'f:a': 'value', 'f:b': 'value' } })),
    );
    const keys = await readTable(bed.client, table, {
      filter: { kind: 'all', filters: [{ kind: 'first-key-only' }, { kind: 'key-only' }] },
    });
    expect(keys).toMatchObject({ rows: 2, cells: 2 });
  });
});
