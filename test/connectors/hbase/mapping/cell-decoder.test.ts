// Cells → rows: over cell blocks made by hand, with missing, foreign and misfitting cells.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CellDecoder, remarkNoColumns } from '../../../../connectors/hbase/mapping/cell-decoder.ts';
import type { SourceColumn } from '../../../../connectors/hbase/mapping/column-name.ts';
import { encodeRow, makeDecoder, makeMapping, RowCollector } from '../cell-rows.ts';
import type { Cells } from '../cell-rows.ts';

function decode(
  entries: readonly Record<string, string>[],
  ...rows: readonly (readonly [string, Cells])[]
): RowCollector {
  const decoder = makeDecoder(makeMapping(entries));
  const out = new RowCollector();
  for (const [key, cells] of rows) {
    const block = Buffer.concat([Buffer.from('xxxx'), encodeRow(key, cells), Buffer.from('yyyy')]);
    decoder.decodeRow(block, 4, block.length - 4, out);
  }
  return out;
}

describe('the cell decoder', () => {
  it('reads a cell block as HBase 2.6 sends it', () => {
    // total 29 · key 19 · value 2 · row 2 'r1' · family 1 'd' · qualifier 'name' · timestamp · Put · value 'Jo'
    const parts = [
      '0000001d',
      '00000013',
      '00000002',
      '0002',
      '7231',
      '01',
      '64',
      '6e616d65',
      '0000019b7740ac00',
      '04',
      '4a6f',
    ];
    const block = Buffer.from(parts.join(''), 'hex');
    const out = new RowCollector();
    makeDecoder(makeMapping([{ sourceFiled: 'd:name' }])).decodeRow(block, 0, block.length, out);
    expect(out.rows).toEqual([{ key: 'r1', values: ['Jo'] }]);
  });

  it('takes bytes that stand for NULL for a missing value: NULL, the default, or no key', () => {
    const field = { sourceFiled: 'd:n', encoding: 'ordered:numeric', fieldType: 'int' };
    const empty = { sourceFiled: 'd:e', encoding: 'phoenix:decimal', fieldType: 'decimal(10,2)' };
    const cells: Cells = { 'd:n': Buffer.from([0x05]), 'd:e': '' };
    const plain = decode([field, empty], ['r1', cells]);
    expect(plain.rows).toEqual([{ key: 'r1', values: [null, null] }]);
    expect(plain.dirtyRows).toEqual([]);
    const filled = decode([{ ...field, maprule: "default('7')" }, empty], ['r1', cells]);
    expect(filled.rows).toEqual([{ key: 'r1', values: ['7', null] }]);
    const key = decode([{ ...field, ispk: '1' }], ['r1', cells]);
    expect(key.rows).toEqual([]);
    expect(key.dirtyRows).toHaveLength(1);
  });

  it('writes fields in the order of the mapping, whatever the order of the cells', () => {
    const out = decode(
      [{ sourceFiled: 'd:z' }, { sourceFiled: 'key' }, { sourceFiled: 'd:a' }, { sourceFiled: 'b:m' }],
      ['r1', { 'd:a': '1', 'd:z': '2', 'b:m': '3' }],
    );
    expect(out.rows).toEqual([{ key: 'r1', values: ['2', 'r1', '1', '3'] }]);
  });

  it('passes over columns that are not mapped, before, between and behind the mapped ones', () => {
    const out = decode(
      [{ sourceFiled: 'd:m' }, { sourceFiled: 'd:p' }],
      [
        'r1',
        {
          'a:m': 'x',
          'd:a': 'x',
          'd:m': '1',
          'd:mm': 'x',
          'd:n': 'x',
          'd:p': '2',
          'd:q': 'x',
          'e:m': 'x',
          'd:': 'x',
        },
      ],
    );
    expect(out.rows).toEqual([{ key: 'r1', values: ['1', '2'] }]);
  });

  it('a missing cell is NULL and an empty one is the empty text', () => {
    const out = decode(
      [{ sourceFiled: 'd:a' }, { sourceFiled: 'd:b' }, { sourceFiled: 'd:c' }],
      ['r1', { 'd:b': '' }],
      ['r2', { 'd:a': 'x', 'd:c': 'y' }],
    );
    expect(out.rows.map(({ values }) => values)).toEqual([
      [null, '', null],
      ['x', null, 'y'],
    ]);
  });

  it('a row with none of the mapped columns is a row, and is remarked', () => {
    const out = decode(
      [{ sourceFiled: 'd:a' }, { sourceFiled: 'id' }],
      ['r1', { 'd:other': 'x' }],
      ['r2', { 'd:a': '1' }],
    );
    expect(out.rows.map(({ values }) => values)).toEqual([
      [null, 'r1'],
      ['1', 'r2'],
    ]);
    expect(out.remarks).toEqual([remarkNoColumns.en]);
  });

  it('one column may fill several fields', () => {
    const out = decode(
      [
        { sourceFiled: 'd:a', targetFiled: 'plain' },
        { sourceFiled: 'd:a', targetFiled: 'upper', maprule: 'upper' },
      ],
      ['r1', { 'd:a': 'x' }],
    );
    expect(out.rows[0]?.values).toEqual(['x', 'X']);
  });

  it('tells families and qualifiers apart whose bytes run together', () => {
    const out = decode(
      [{ sourceFiled: 'a:bc' }, { sourceFiled: 'ab:c' }, { sourceFiled: 'b:' }],
      ['r1', { 'a:bc': '1', 'ab:c': '2', 'abc:': 'x', 'b:': '3' }],
    );
    expect(out.rows[0]?.values).toEqual(['1', '2', '3']);
  });

  it('finds columns of every length among others that differ in one byte', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '\0', 'é'), maxLength: 11 });
    const names = fc.uniqueArray(name, { minLength: 1, maxLength: 30, selector: (text) => text });
    fc.assert(
      fc.property(names, fc.nat(), fc.nat(), (qualifiers, mappedBits, presentBits) => {
        const chosen = (bits: number) => (_: string, index: number) => ((bits >> (index % 30)) & 1) === 1;
        const columns = qualifiers.map((qualifier) => `d:${qualifier}`);
        const mapped = columns.filter(chosen(mappedBits | 1));
        const cells = Object.fromEntries(
          columns.filter(chosen(presentBits | 2)).map((column) => [column, `value of ${column}`]),
        );
        if (Object.keys(cells).length === 0) return;
        const out = decode(
          mapped.map((sourceFiled) => ({ sourceFiled })),
          ['r', cells],
        );
        const expected = mapped.map((column) => cells[column] ?? null);
        expect(out.rows[0]?.values).toEqual(expected);
      }),
    );
  });

  it('the record key is the row key, byte for byte', () => {
    const key = Buffer.from([0x00, 0xff, 0x09, 0x5c, 0x80]);
    const block = encodeRow(key, { 'd:a': '1' });
    const out = new RowCollector();
    makeDecoder(makeMapping([{ sourceFiled: 'd:a' }])).decodeRow(block, 0, block.length, out);
    expect(out.rows[0]?.key).toBe(key.toString('latin1'));
  });

  it('the row key can be encoded too', () => {
    const key = Buffer.alloc(8);
    key.writeBigInt64BE(9_007_199_254_740_993n);
    const block = encodeRow(key, { 'd:a': '1' });
    const out = new RowCollector();
    const mapping = makeMapping([{ sourceFiled: 'id', fieldType: 'bigint', encoding: 'int64', ispk: '1' }]);
    makeDecoder(mapping).decodeRow(block, 0, block.length, out);
    expect(out.rows[0]?.values).toEqual(['9007199254740993']);
  });
});

describe('bare names', () => {
  const decoder = (
    entries: readonly Record<string, string>[],
    columns: readonly (SourceColumn | null)[],
  ): CellDecoder =>
    new CellDecoder(
      makeMapping(entries).fields.map((field, index) => ({ field, column: columns[index] ?? null })),
      ['d', 'e'],
    );
  const read = (from: CellDecoder, cells: Cells): RowCollector => {
    const block = encodeRow('r1', cells);
    const out = new RowCollector();
    from.decodeRow(block, 0, block.length, out);
    return out;
  };

  it('that turn up in a family they do not mean stop the read, naming row, column and remedy', () => {
    const watched = decoder(
      [{ sourceFiled: 'id' }, { sourceFiled: 'name' }],
      [null, { family: 'd', qualifier: 'name' }],
    );
    expect(read(watched, { 'd:name': 'x', 'e:other': 'y' }).rows[0]?.values).toEqual(['r1', 'x']);
    expect(() => read(watched, { 'd:name': 'x', 'e:name': 'y' })).toThrow(
      "reading row r1: it has a column e:name, which no sampled row had when 'name' was looked up; write family:qualifier",
    );
    expect(() => read(watched, { 'd:id': '7' })).toThrow(
      expect.objectContaining({ code: 'MAPPING_INVALID' }) as Error,
    );
  });

  it('do not contradict columns that another entry maps by their full name', () => {
    const entries = [{ sourceFiled: 'name' }, { sourceFiled: 'e:name' }];
    const watched = decoder(entries, [
      { family: 'd', qualifier: 'name' },
      { family: 'e', qualifier: 'name' },
    ]);
    expect(read(watched, { 'd:name': 'x', 'e:name': 'y' }).rows[0]?.values).toEqual(['x', 'y']);
  });

  it('that mean the row key count as no column', () => {
    const watched = decoder([{ sourceFiled: 'id' }], [null]);
    expect(read(watched, { 'd:other': 'x' }).remarks).toEqual([]);
  });
});

describe('rows that cannot be converted', () => {
  it('are dirty and name key, field, reason and bytes; the rows around them go on', () => {
    const out = decode(
      [{ sourceFiled: 'd:n', targetFiled: 'units', fieldType: 'int' }],
      ['r1', { 'd:n': '1' }],
      ['r\x002', { 'd:n': 'abc' }],
      ['r3', { 'd:n': '3' }],
    );
    expect(out.rows.map(({ values }) => values[0])).toEqual(['1', '3']);
    expect(out.dirtyRows).toEqual([
      {
        key: 'r\\x002',
        field: 'units (from d:n)',
        reason: 'not an integer where int is expected',
        bytesHex: '616263',
      },
    ]);
  });

  it('show at most 256 of the bytes', () => {
    const out = decode([{ sourceFiled: 'd:n', fieldType: 'int' }], ['r1', { 'd:n': 'x'.repeat(1000) }]);
    expect(out.dirtyRows[0]?.bytesHex).toBe('78'.repeat(256));
  });

  it('a key field without a value is one', () => {
    const out = decode([{ sourceFiled: 'd:k', ispk: '1' }, { sourceFiled: 'd:v' }], ['r1', { 'd:v': 'x' }]);
    expect(out.rows).toEqual([]);
    expect(out.dirtyRows).toEqual([
      { key: 'r1', field: 'd:k (from d:k)', reason: 'a key field without a value', bytesHex: '' },
    ]);
  });

  it('the first field that does not fit is named', () => {
    const out = decode(
      [
        { sourceFiled: 'd:a' },
        { sourceFiled: 'd:b', fieldType: 'date' },
        { sourceFiled: 'd:c', fieldType: 'int' },
      ],
      ['r1', { 'd:a': 'ok', 'd:b': 'never', 'd:c': 'x' }],
    );
    expect(out.dirtyRows.map(({ field }) => field)).toEqual(['d:b (from d:b)']);
  });
});

describe('limit conditions', () => {
  const passing = (
    fieldType: string,
    limitcondition: string,
    values: readonly (string | null)[],
  ): string[] => {
    const rows = values.map((value, index): [string, Cells] => [
      `r${index}`,
      value === null ? { 'd:other': 'x' } : { 'd:v': value, 'd:other': 'x' },
    ]);
    const out = decode(
      [{ sourceFiled: 'd:v', fieldType, limitcondition }, { sourceFiled: 'd:other' }],
      ...rows,
    );
    expect(out.rows.length + out.filteredRows.length).toBe(values.length);
    return out.rows.map(({ values: [value] }) => value ?? 'NULL');
  };

  it('compare whole numbers by value', () => {
    const values = ['-100', '-9', '0', '9', '10', '100', null];
    expect(passing('bigint', '> 9', values)).toEqual(['10', '100']);
    expect(passing('bigint', '>=9.5', values)).toEqual(['10', '100']);
    expect(passing('bigint', '< -9', values)).toEqual(['-100']);
    expect(passing('bigint', '<= 0', values)).toEqual(['-100', '-9', '0']);
    expect(passing('bigint', '= 010', values)).toEqual(['10']);
    expect(passing('bigint', '!= 9', values)).toEqual(['-100', '-9', '0', '10', '100']);
  });

  it('compare decimals digit for digit', () => {
    const values = ['9007199254740993.01', '9007199254740993.02', '-0.5', '0.49'];
    expect(passing('decimal(20,2)', '> 9007199254740993.01', values)).toEqual(['9007199254740993.02']);
    expect(passing('decimal(20,2)', '< 0.5', values)).toEqual(['-0.50', '0.49']);
    expect(passing('decimal(20,2)', '= 0.490', values)).toEqual(['0.49']);
  });

  it('compare floating-point numbers, text and dates', () => {
    expect(passing('double', '> 1e-7', ['1e-8', '1e-6', '2'])).toEqual(['1e-6', '2']);
    expect(passing('string', "= 'it''s'", ["it's", 'its'])).toEqual(["it's"]);
    expect(passing('string', "> 'a\t'", ['a', 'a\t', 'a\tb', 'b'])).toEqual(['a\tb', 'b']);
    expect(passing('string', "< '张'", ['一', '龙', 'z'])).toEqual(['一', 'z']);
    expect(passing('date', ">= '2026-01-01'", ['2025-12-31', '2026-01-01'])).toEqual(['2026-01-01']);
    expect(passing('boolean', "= 'true'", ['yes', 'no'])).toEqual(['1']);
  });

  it('ask for NULL; a comparison with NULL never passes', () => {
    expect(passing('int', 'is null', ['1', null])).toEqual(['NULL']);
    expect(passing('int', 'd:v IS NOT NULL', ['1', null])).toEqual(['1']);
    expect(passing('int', '!= 1', ['1', null])).toEqual([]);
  });

  it('give the reason by which rows are counted', () => {
    const out = decode(
      [{ sourceFiled: 'd:v', targetFiled: 'pay', fieldType: 'int', limitcondition: '> 5' }],
      ['r1', { 'd:v': '5' }],
    );
    expect(out.filteredRows).toEqual(['limitcondition pay: > 5']);
  });

  it('come before dirty values of other fields, and never judge a value that could not be read', () => {
    const entries = [
      { sourceFiled: 'd:v', fieldType: 'int', limitcondition: '> 5' },
      { sourceFiled: 'd:w', fieldType: 'int' },
    ];
    const out = decode(
      entries,
      ['r1', { 'd:v': '1', 'd:w': 'x' }],
      ['r2', { 'd:v': '9', 'd:w': 'x' }],
      ['r3', { 'd:v': 'x', 'd:w': '1' }],
    );
    expect(out.filteredRows).toHaveLength(1);
    expect(out.dirtyRows.map(({ key }) => key)).toEqual(['r2', 'r3']);
  });
});

describe('map rules', () => {
  const mapped = (
    maprule: string,
    values: readonly (string | null)[],
    fieldType = 'string',
  ): (string | null)[] => {
    const rows = values.map((value, index): [string, Cells] => [
      `r${index}`,
      value === null ? { 'd:x': '' } : { 'd:v': value },
    ]);
    const out = decode([{ sourceFiled: 'd:v', fieldType, maprule }], ...rows);
    expect(out.dirtyRows).toEqual([]);
    return out.rows.map(({ values: [value] }) => value ?? null);
  };

  it('change text before it is read as a value', () => {
    expect(mapped('trim', ['  a b  '])).toEqual(['a b']);
    expect(mapped('trim', [' 12 '], 'int')).toEqual(['12']);
    expect(mapped('upper', ['aé北'])).toEqual(['AÉ北']);
    expect(mapped('lower', ['AÉ'])).toEqual(['aé']);
    expect(mapped('substring(2,3)', ['北京市海淀区', 'ab'])).toEqual(['京市海', 'b']);
    expect(mapped('substring(3)', ['😀😀x'])).toEqual(['x']);
    expect(mapped('trim | upper | substring(1,1)', [' xy '])).toEqual(['X']);
  });

  it('fill in what is missing or empty', () => {
    expect(mapped("default('n/a')", [null, '', 'x'])).toEqual(['n/a', 'n/a', 'x']);
    expect(mapped("trim | default('0')", [null, '  ', '7'], 'int')).toEqual(['0', '0', '7']);
  });

  it('read dates of other layouts', () => {
    expect(mapped("date('yyyyMMdd')", ['20260131'], 'date')).toEqual(['2026-01-31']);
    expect(mapped("date('d/M/yyyy HH:mm:ss.SSS')", ['3/11/2026 01:02:03.004'], 'datetime')).toEqual([
      '2026-11-03 01:02:03.004',
    ]);
    expect(mapped("date('yyyy-MM-ddTHH:mm:ssXXX')", ['2026-01-01T00:00:00+08:00'], 'datetime(0)')).toEqual([
      '2025-12-31 16:00:00',
    ]);
    expect(
      mapped("date('yyyy年MM月dd日') | default('1970-01-01')", ['2026年01月31日', null], 'date'),
    ).toEqual(['2026-01-31', '1970-01-01']);
  });

  it('leave what is not utf-8 to be refused', () => {
    const block = encodeRow('r1', { 'd:v': Buffer.from([0x61, 0xff]) });
    const out = new RowCollector();
    makeDecoder(makeMapping([{ sourceFiled: 'd:v', maprule: 'upper' }])).decodeRow(
      block,
      0,
      block.length,
      out,
    );
    expect(out.dirtyRows[0]?.reason).toBe('not valid utf-8');
  });
});
