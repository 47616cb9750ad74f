// `misfit` of a mapping entry: what a cell that does not fit its field makes of its row.
import { describe, expect, it } from 'vitest';
import { parseFieldMapping } from '../../../../connectors/hbase/mapping/field-mapping.ts';
import { findGrowingColumn } from '../../../../connectors/hbase/source/growing-column.ts';
import { SyncError } from '../../../../src/core/errors.ts';
import { encodeRow, makeDecoder, makeMapping, RowCollector } from '../cell-rows.ts';
import type { Cells } from '../cell-rows.ts';

type Entries = readonly Record<string, string>[];

function decode(entries: Entries, ...rows: readonly Cells[]): RowCollector {
  const out = new RowCollector();
  const decoder = makeDecoder(makeMapping(entries));
  for (const [index, cells] of rows.entries()) {
    const block = encodeRow(`r${index}`, cells);
    decoder.decodeRow(block, 0, block.length, out);
  }
  return out;
}

const a = { sourceFiled: 'd:a', fieldType: 'int', encoding: 'int32' };
const b = { sourceFiled: 'd:b', fieldType: 'int' };
const good = Buffer.from('0000002a', 'hex');

describe('misfit', () => {
  it('null writes NULL and counts the cell; missing cells are not counted', () => {
    const out = decode(
      [
        { ...a, misfit: 'null' },
        { ...b, misfit: 'NULL' },
      ],
      { 'd:a': good, 'd:b': '1' },
      { 'd:a': 'abc', 'd:b': 'x' },
      { 'd:a': good },
    );
    expect(out.rows.map(({ values }) => values)).toEqual([
      ['42', '1'],
      [null, null],
      ['42', null],
    ]);
    expect(out.nulledFields).toEqual(['d:a', 'd:b']);
    expect(out.dirtyRows).toEqual([]);
  });

  it('null does not count cells of rows that are not sent', () => {
    const filtering = { ...b, limitcondition: '> 5' };
    const out = decode(
      [{ ...a, misfit: 'null' }, filtering],
      { 'd:a': 'abc', 'd:b': '1' },
      { 'd:a': 'abc', 'd:b': 'x' },
      { 'd:a': good, 'd:b': '6' },
    );
    expect(out.filteredRows).toHaveLength(1);
    expect(out.dirtyRows.map(({ field }) => field)).toEqual(['d:b (from d:b)']);
    expect(out.rows.map(({ values }) => values)).toEqual([['42', '6']]);
    expect(out.nulledFields).toEqual([]);
  });

  it('null is a NULL for the limit condition, and no reason for the default', () => {
    const entry = { ...b, misfit: 'null', maprule: "default('7')" };
    expect(decode([entry], { 'd:b': 'x' }, { 'd:a': '' }).rows.map(({ values }) => values)).toEqual([
      [null],
      ['7'],
    ]);
    expect(decode([{ ...b, misfit: 'null', limitcondition: 'is null' }], { 'd:b': 'x' }).rows).toHaveLength(
      1,
    );
  });

  it('error fails at once with key, column, bytes and what was expected, whatever stands before it', () => {
    const failing = { ...a, misfit: 'error', fieldType: 'bigint', targetFiled: 'amount' };
    const run = (cells: Cells) => () => decode([b, failing], cells);
    expect(run({ 'd:a': 'abc', 'd:b': 'x' })).toThrow(
      'reading row r0, field amount (from d:a): int32 takes 4 bytes, the value has 3; its bytes are 616263, expected was int32 for a field of type bigint',
    );
    expect(run({ 'd:a': 'abc' })).toThrow(SyncError);
    expect(run({ 'd:a': 'abc' })).toThrow(
      expect.objectContaining({ code: 'VALUE_MISFIT', retriable: false, field: 'amount' }),
    );
    expect(run({ 'd:a': good, 'd:b': 'x' })).not.toThrow();
    expect(() =>
      decode([{ ...b, limitcondition: '> 5' }, failing], { 'd:a': 'abc', 'd:b': '1' }),
    ).not.toThrow();
  });

  it('never lets a condition judge the second value that could not be read', () => {
    const out = decode([a, { ...b, limitcondition: '> 5' }], { 'd:a': 'abc', 'd:b': 'x' });
    expect(out.filteredRows).toEqual([]);
    expect(out.dirtyRows).toHaveLength(1);
  });

  it('is one of three, and never null for a key or a growing column', () => {
    const problems = (entry: Record<string, string>): readonly string[] => {
      const text = JSON.stringify([{ targetFiled: 'b', ...b, ...entry }]);
      const parsed = parseFieldMapping({ text, keyName: '', defaultEncoding: 'text' });
      return 'problems' in parsed ? parsed.problems : [];
    };
    expect(problems({ misfit: 'skip' })).toEqual(["entry 1, misfit 'skip': write one of dirty, null, error"]);
    expect(problems({ misfit: 'null', ispk: '1' })).toEqual([
      "entry 1, misfit 'null': a key field may not be NULL; write dirty or error",
    ]);
    expect(problems({ misfit: 'error', ispk: '1' })).toEqual([]);
    const { fields } = makeMapping([{ ...b, misfit: 'null' }]);
    expect(findGrowingColumn('b', fields)).toMatch(/has misfit null, so rows .* write dirty or error/);
  });
});
