// Pseudo fields: what `sourceFiled` may name besides columns, over cell blocks made by hand.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { remarkNoColumns } from '../../../../connectors/hbase/mapping/cell-decoder.ts';
import { mappedCells } from '../../../../connectors/hbase/source/cell-selection.ts';
import { resolveColumns } from '../../../../connectors/hbase/mapping/column-resolution.ts';
import { checkDeletePolicy, tombstoneWriter } from '../../../../connectors/hbase/source/deleted-rows.ts';
import { parseFieldMapping } from '../../../../connectors/hbase/mapping/field-mapping.ts';
import { findGrowingColumn } from '../../../../connectors/hbase/source/growing-column.ts';
import { findMerging } from '../../../../connectors/hbase/mapping/key-merging.ts';
import { readRow } from '../../../../src/core/record/row-format.ts';
import { encodeRow, makeDecoder, makeMapping, RowCollector } from '../cell-rows.ts';
import type { Cells } from '../cell-rows.ts';

type Entry = Readonly<Record<string, string>>;

function read(
  entries: readonly Entry[],
  key: string | Uint8Array,
  cells: Cells,
  times: Readonly<Record<string, bigint>> = {},
): RowCollector {
  const decoder = makeDecoder(makeMapping(entries));
  const out = new RowCollector();
  const block = Buffer.concat([Buffer.from('xxxx'), encodeRow(key, cells, times), Buffer.from('yyyy')]);
  decoder.decodeRow(block, 4, block.length - 4, out);
  return out;
}

function valueOf(entry: Entry, cells: Cells, times: Readonly<Record<string, bigint>> = {}): string | null {
  const out = read([entry], 'r1', cells, times);
  expect(out.dirtyRows).toEqual([]);
  return out.rows[0]?.values[0] ?? null;
}

function problems(entry: Entry): readonly string[] {
  const text = JSON.stringify([{ targetFiled: 'a', fieldType: 'string', ...entry }]);
  const parsed = parseFieldMapping({ text, keyName: '', defaultEncoding: 'text' });
  return 'problems' in parsed ? parsed.problems : [];
}

describe('rowkey()', () => {
  it('is the row key, in any encoding', () => {
    const entries = [
      { sourceFiled: 'rowkey()', targetFiled: 'hex', encoding: 'hex' },
      { sourceFiled: 'rowkey()', targetFiled: 'number', encoding: 'int16', fieldType: 'int' },
    ];
    const out = read(entries, Buffer.from('0102', 'hex'), { 'd:a': 'x' });
    expect(out.rows[0]?.values).toEqual(['0102', '258']);
  });
});

describe('timestamp(family:qualifier)', () => {
  const at = { sourceFiled: 'timestamp(d:b)', fieldType: 'datetime(3)' };
  const cells = { 'd:a': '1', 'd:b': '2', 'd:c': '3' };

  it('is when the cell was written, as a time or as a number of milliseconds', () => {
    expect(valueOf(at, cells, { 'd:b': 1_000n })).toBe('1970-01-01 00:00:01.000');
    expect(valueOf({ ...at, fieldType: 'bigint' }, cells, { 'd:b': -5n })).toBe('-5');
    expect(valueOf({ ...at, fieldType: 'decimal(20,0)' }, cells, { 'd:b': 7n })).toBe('7');
    expect(valueOf({ ...at, fieldType: 'date' }, cells)).toBe('2026-01-01');
  });

  it('is NULL where the row has no such cell', () => {
    expect(valueOf(at, { 'd:a': '1' })).toBeNull();
  });

  it('is read beside the value of the same column, whatever their order', () => {
    const entries = [{ sourceFiled: 'd:b' }, { ...at, fieldType: 'bigint' }, { sourceFiled: 'd:a' }];
    expect(read(entries, 'r1', cells, { 'd:b': 9n }).rows[0]?.values).toEqual(['2', '9', '1']);
  });

  it('that no calendar has makes the row dirty, with its bytes', () => {
    const out = read([at], 'r1', cells, { 'd:b': 0x7fffffffffffffffn });
    expect(out.rows).toEqual([]);
    expect(out.dirtyRows).toMatchObject([{ key: 'r1', bytesHex: '7fffffffffffffff' }]);
  });
});

describe('timestamp()', () => {
  const newest = { sourceFiled: 'timestamp()', fieldType: 'bigint' };

  it('is the newest of all cells, mapped or not', () => {
    const cells = { 'd:a': '1', 'd:b': '2', 'e:c': '3' };
    expect(valueOf(newest, cells, { 'd:a': 1n, 'd:b': 3n, 'e:c': 2n })).toBe('3');
    expect(valueOf(newest, cells, { 'd:a': 0xffffffffn, 'd:b': 0x1_0000_0000n, 'e:c': 0n })).toBe(
      '4294967296',
    );
    expect(valueOf(newest, cells, { 'd:a': -3n, 'd:b': -2n, 'e:c': -7n })).toBe('-2');
  });

  it('and a family as a whole are mapped columns enough for any row', () => {
    const out = read([newest, { sourceFiled: 'd:gone' }], 'r1', { 'd:a': '1' });
    expect(out.remarks).not.toContain(remarkNoColumns.en);
  });
});

describe('family:*', () => {
  const all = { sourceFiled: 'd:*', fieldType: 'json' };

  it('is all columns of the family in the order of their bytes, and none of another', () => {
    const cells = { 'c:z': '0', 'd:b': '2', 'd:a': '1', 'd:中': '文\t"', 'dd:a': '9', 'e:a': '9' };
    expect(valueOf(all, cells)).toBe(String.raw`{"a":"1","b":"2","中":"文\t\""}`);
    expect(valueOf({ ...all, fieldType: 'string' }, { 'd:': 'x', 'd:a': '' })).toBe('{"":"x","a":""}');
  });

  it('loses nothing of bytes that are no text, in values and in names', () => {
    const row = encodeRow('r1', { 'd:a': Buffer.from('00ff', 'hex'), 'd:back\\slash': 'x' });
    const other = encodeRow('r1', { 'd:QQ': 'y' });
    other[other.indexOf('QQ')] = 0xff;
    const out = new RowCollector();
    const block = Buffer.concat([row, other]);
    makeDecoder(makeMapping([all])).decodeRow(block, 0, block.length, out);
    const text = out.rows[0]?.values[0] ?? '';
    expect(JSON.parse(text)).toEqual({ a: { hex: '00ff' }, 'back\\x5Cslash': 'x', '\\xFFQ': 'y' });
  });

  it('is NULL where the row has no cell of the family', () => {
    expect(valueOf(all, { 'e:a': '1' })).toBeNull();
    expect(valueOf({ ...all, maprule: "default('{}')" }, { 'e:a': '1' })).toBe('{}');
  });

  it('that is too long for its field makes the row dirty', () => {
    const out = read([{ ...all, fieldType: 'varchar(5)' }], 'r1', { 'd:a': '1' });
    expect(out.dirtyRows[0]?.reason).toContain('at most 5');
  });
});

describe("constant('x')", () => {
  const constant = { sourceFiled: "constant('it''s')" };

  it('is the same in every row, and rows with nothing else are rows', () => {
    expect(valueOf(constant, { 'd:a': '1' })).toBe("it's");
    expect(valueOf({ sourceFiled: "constant('')" }, { 'd:a': '1' })).toBe('');
    expect(read([constant], 'r1', { 'd:a': '1' }).remarks).toEqual([]);
  });

  it('must fit the type of its field', () => {
    expect(valueOf({ sourceFiled: "constant('07')", fieldType: 'int' }, { 'd:a': '1' })).toBe('7');
    expect(problems({ sourceFiled: "constant('x')", fieldType: 'int' })).toEqual([
      expect.stringMatching(/^entry 1, sourceFiled .*'x' does not fit the field type/),
    ]);
  });
});

describe('pseudo fields of any row', () => {
  it('are what its cells say', () => {
    const entries = [
      { sourceFiled: 'd:b' },
      { sourceFiled: 'timestamp(d:b)', fieldType: 'bigint' },
      { sourceFiled: 'timestamp()', fieldType: 'bigint' },
      { sourceFiled: 'd:*', fieldType: 'json' },
      { sourceFiled: "constant('x')" },
      { sourceFiled: 'rowkey()' },
    ];
    const decoder = makeDecoder(makeMapping(entries));
    const column = fc.constantFrom('c:b', 'd:', 'd:a', 'd:b', 'd:bb', 'd:c', 'dd:b', 'e:b');
    const time = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    const cells = fc.uniqueArray(fc.tuple(column, fc.string({ maxLength: 5 }), time), {
      minLength: 1,
      selector: ([name]) => name,
    });
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{1,5}$/), cells, (key, written) => {
        const values = Object.fromEntries(written.map(([name, value]) => [name, value]));
        const times = Object.fromEntries(written.map(([name, , at]) => [name, at]));
        const out = new RowCollector();
        const block = encodeRow(key, values, times);
        decoder.decodeRow(block, 0, block.length, out);
        const family = Object.entries(values).filter(([name]) => name.startsWith('d:'));
        const newest = written.reduce((most, [, , at]) => (at > most ? at : most), -(2n ** 63n));
        const [value, at, latest, all, ...rest] = out.rows[0]?.values ?? [];
        expect([value, at, latest, ...rest]).toEqual([
          values['d:b'] ?? null,
          times['d:b'] === undefined ? null : String(times['d:b']),
          String(newest),
          'x',
          key,
        ]);
        expect(all == null ? [] : Object.entries(JSON.parse(all) as object).sort()).toEqual(
          family.map(([name, text]) => [name.slice(2), text]).sort(),
        );
      }),
    );
  });
});

describe('a pseudo field', () => {
  it('that is not known is refused with those that are', () => {
    for (const sourceFiled of [
      'row()',
      'timestamp(:a)',
      'constant(x)',
      "constant('a','b')",
      'rowkey(1)',
      ':*',
    ])
      expect(problems({ sourceFiled }), sourceFiled).toEqual([
        expect.stringMatching(/^entry 1, sourceFiled .*write family:qualifier.*rowkey\(\), timestamp/),
      ]);
  });

  it('of a known kind of bytes takes no other encoding', () => {
    expect(problems({ sourceFiled: 'timestamp()', encoding: 'double' })).toEqual([
      expect.stringMatching(/^entry 1, encoding .*int64; leave it blank/),
    ]);
    expect(problems({ sourceFiled: 'd:*', encoding: 'hex' })).toHaveLength(1);
    for (const sourceFiled of ['d:*', "constant('x')"])
      expect(problems({ sourceFiled, charset: 'gbk' })).toEqual([
        expect.stringMatching(/takes neither zone nor charset/),
      ]);
    expect(problems({ sourceFiled: 'timestamp()', fieldType: 'datetime', encoding: 'epoch-ms' })).toEqual([]);
  });

  it('lets conditions stand on it', () => {
    const entry = { sourceFiled: 'timestamp()', fieldType: 'bigint', limitcondition: '> 5' };
    expect(read([entry], 'r1', { 'd:a': '1' }, { 'd:a': 5n }).filteredRows).toHaveLength(1);
    expect(read([entry], 'r1', { 'd:a': '1' }, { 'd:a': 6n }).rows).toHaveLength(1);
  });

  it('is no column that grows', () => {
    const { fields } = makeMapping([{ sourceFiled: 'timestamp()', targetFiled: 'at', fieldType: 'bigint' }]);
    expect(findGrowingColumn('at', fields)).toContain('no server can compare');
  });

  it('is told from a column by what it needs of the servers', () => {
    const { fields } = makeMapping([{ sourceFiled: 'rowkey()' }, { sourceFiled: "constant('x')" }]);
    expect(mappedCells(fields)).toEqual({ filter: { kind: 'first-key-only' } });
  });

  it('needs a family that the table has', () => {
    const sample = { regions: [], rows: 5, complete: true, columns: new Map([['d:a', 10]]) };
    const resolve = (...sources: readonly string[]) =>
      resolveColumns({
        mapping: makeMapping(sources.map((sourceFiled) => ({ sourceFiled }))),
        table: 't',
        families: ['d'],
        sample,
      });
    expect(resolve('d:*', 'd:sparse', 'timestamp(a)', 'rowkey()').columns).toEqual([
      null,
      { family: 'd', qualifier: 'sparse' },
      { family: 'd', qualifier: 'a' },
      null,
    ]);
    expect(resolve('rowkey()', 'd:a').guessed).toBe(false);
    expect(() => resolve('x:*')).toThrow(/no family 'x'; the table has d/);
    expect(() => resolve('timestamp(x:a)')).toThrow(/no family 'x'/);
  });
});

describe('following deletes', () => {
  const key = { sourceFiled: 'rowkey()', targetFiled: 'id', ispk: '1' };
  const tenant = { sourceFiled: "constant('t1')", targetFiled: 'tenant', ispk: '1' };
  const check = (policy: 'markers' | 'reconcile', ...entries: readonly Entry[]) => {
    const { fields } = makeMapping(entries);
    const columns = fields.map(() => null);
    checkDeletePolicy(policy, { fields, columns, merging: findMerging(fields, columns) });
  };

  it('needs keys that a deleted row still has: the row key, and constants', () => {
    expect(() => check('markers', key, tenant)).not.toThrow();
    expect(() => check('reconcile', key)).not.toThrow();
    expect(() => check('reconcile', key, tenant)).toThrow(/one field that holds the row key unchanged/);
    expect(() => check('markers', tenant)).toThrow(/would take others with it/);
    const time = { sourceFiled: 'timestamp()', targetFiled: 'at', fieldType: 'bigint', ispk: '1' };
    expect(() => check('markers', key, time)).toThrow(/key field at comes from timestamp\(\)/);
  });

  it('tells a tombstone by row key and constant', () => {
    const told: (string | undefined)[][] = [];
    const out = new RowCollector();
    const write = tombstoneWriter(
      makeMapping([tenant, key, { sourceFiled: 'd:*' }]).fields,
      Object.assign(out, {
        deleted: (bytes: Uint8Array, keyEnd: number, end: number) => {
          told.push(readRow(bytes, keyEnd, end).map((value) => value?.toString()));
        },
      }),
    );
    write(Buffer.from('r7'));
    expect(told).toEqual([['t1', 'r7', undefined]]);
  });
});
