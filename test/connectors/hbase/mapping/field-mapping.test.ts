// The field mapping: article 003's as printed, and each way in which an entry can be wrong.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseFieldMapping } from '../../../../connectors/hbase/mapping/field-mapping.ts';
import { makeMapping } from '../cell-rows.ts';

function problems(entries: unknown, keyName = ''): readonly string[] {
  const text = typeof entries === 'string' ? entries : JSON.stringify(entries);
  const parsed = parseFieldMapping({ text, keyName, defaultEncoding: 'text' });
  return 'problems' in parsed ? parsed.problems : [];
}

const entry = (more: Record<string, unknown>): Record<string, unknown> => ({
  sourceFiled: 'd:a',
  targetFiled: 'a',
  fieldType: 'string',
  ...more,
});

/** The mapping of the article's request; its line-wrap damage is repaired as the worker does. */
function articleMapping(): string {
  const printed = readFileSync(new URL('../../../golden/article-003-source.txt', import.meta.url), 'utf8');
  const repaired = printed.replaceAll('\\ "maprule\\"', '\\"maprule\\"').replaceAll('ma prule', 'maprule');
  const { config } = JSON.parse(repaired) as { config: Record<string, string> };
  return config['pkuse.hbase.filed.mapping'] ?? '';
}

describe('the field mapping', () => {
  it('is read from the request that article 003 prints', () => {
    const parsed = parseFieldMapping({ text: articleMapping(), keyName: 'id', defaultEncoding: 'text' });
    if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
    expect(parsed.mapping.schema).toEqual({
      fields: [
        { name: 'id', type: { kind: 'int32' }, optional: false },
        { name: 'name', type: { kind: 'string', length: 0 }, optional: true },
        { name: 'sex', type: { kind: 'string', length: 0 }, optional: true },
        { name: 'salary', type: { kind: 'int64' }, optional: true },
      ],
      key: ['id'],
    });
    expect(parsed.mapping.fields.map(({ family, qualifier }) => [family, qualifier])).toEqual([
      [null, 'id'],
      [null, 'name'],
      [null, 'sex'],
      [null, 'salary'],
    ]);
    expect(
      parsed.mapping.fields.every(({ condition, whenMissing }) => condition === null && whenMissing === null),
    ).toBe(true);
  });

  it('splits a column at its first colon only', () => {
    expect(makeMapping([{ sourceFiled: 'd:a:b', targetFiled: 'x' }]).fields[0]).toMatchObject({
      family: 'd',
      qualifier: 'a:b',
    });
  });

  it('takes numbers and booleans where people write them', () => {
    const parsed = parseFieldMapping({
      text: JSON.stringify([entry({ ispk: 1, mark: 0, description: null })]),
      keyName: '',
      defaultEncoding: 'text',
    });
    expect('mapping' in parsed && parsed.mapping.schema.key).toEqual(['a']);
  });

  it('has the field that columnsKey names as its key when no entry is marked', () => {
    const mapping = makeMapping([{ sourceFiled: 'id' }, { sourceFiled: 'd:v' }], 'id');
    expect(mapping.schema.key).toEqual(['id']);
    expect(mapping.schema.fields.map(({ optional }) => optional)).toEqual([false, true]);
  });

  it('names index, key and value of what is wrong, and what to write', () => {
    expect(problems([entry({}), entry({ targetFiled: 'b', fieldType: 'strng' })])).toEqual([
      expect.stringMatching(/^entry 2, fieldType 'strng': .*unknown type 'strng'; known: tinyint/),
    ]);
    expect(problems([entry({ sourceFiled: ':a' })])).toEqual([
      "entry 1, sourceFiled ':a': write family:qualifier, a bare qualifier, rowkey(), timestamp(family:qualifier), timestamp(), family:* or constant('text')",
    ]);
    expect(problems([entry({ targetFiled: ' ' })])).toEqual([
      "entry 1, targetFiled ' ': write the name of the target column",
    ]);
    expect(problems([entry({ ispk: 'yes' })])).toEqual(["entry 1, ispk 'yes': write 1 or 0"]);
    expect(problems([entry({ encoding: 'int65' })])).toEqual([
      expect.stringMatching(/^entry 1, encoding 'int65': encoding 'int65' unknown; known: text, int8/),
    ]);
    expect(problems([entry({ encoding: 'double', fieldType: 'date' })])).toEqual([
      expect.stringMatching(/cannot fill a field of type date; encodings that can: text, epoch-ms/),
    ]);
    expect(problems([entry({ enconding: 'int64' })])).toEqual([
      expect.stringMatching(/^entry 1: unknown key 'enconding'; known: sourceFiled/),
    ]);
  });

  it('tells all problems at once', () => {
    expect(
      problems([entry({ fieldType: 'x' }), entry({ targetFiled: 'b', limitcondition: 'like 5' })]),
    ).toHaveLength(2);
  });

  it('refuses rules and conditions outside the closed set, with the set', () => {
    for (const limitcondition of [
      'like 5',
      '> 5 and < 9',
      '5',
      '>',
      '= now()',
      '<> 5',
      'salary > 5',
      'is nul',
    ]) {
      expect(problems([entry({ fieldType: 'int', limitcondition })]), limitcondition).toEqual([
        expect.stringMatching(/^entry 1, limitcondition .*known: =, !=, <, <=, >, >= with a number/),
      ]);
    }
    for (const maprule of [
      'reverse',
      'trim()',
      'substring(0)',
      'substring(a)',
      'default(x)',
      'trim |',
      'trim upper',
      'date(yyyy)',
    ]) {
      expect(problems([entry({ maprule })]), maprule).toEqual([
        expect.stringMatching(/^entry 1, maprule .*known: trim, upper, lower/),
      ]);
    }
  });

  it('refuses constants that do not fit their field', () => {
    expect(problems([entry({ fieldType: 'int', maprule: "default('x')" })])).toEqual([
      "entry 1, maprule 'default('x')': default('x') does not fit the field type: not an integer where int is expected",
    ]);
    expect(problems([entry({ fieldType: 'date', limitcondition: "> '2026-13-01'" })])).toEqual([
      expect.stringMatching(/'2026-13-01' does not fit the field type: no month 13/),
    ]);
    expect(problems([entry({ fieldType: 'bigint', encoding: 'int64', maprule: 'trim' })])).toEqual([
      expect.stringMatching(/trim works on text; this field's encoding is int64/),
    ]);
    expect(problems([entry({ maprule: "date('yyyy')" })])).toEqual([
      expect.stringMatching(/needs a field type date/),
    ]);
    expect(problems([entry({ fieldType: 'date', maprule: "date('yyyy-QQ')" })])).toEqual([
      expect.stringMatching(/'QQ' in the date pattern is unknown; known: yyyy/),
    ]);
  });

  it('sees blank rules and conditions as none', () => {
    expect(problems([entry({ maprule: ' ', limitcondition: '   ' })])).toEqual([]);
  });

  it('refuses two entries for one target, and a key name that no entry has', () => {
    expect(problems([entry({}), entry({ sourceFiled: 'd:b', targetFiled: 'A' })])).toEqual([
      "entry 2, targetFiled 'A': entry 1 fills it already",
    ]);
    expect(problems([entry({})], 'id')).toEqual([expect.stringMatching(/no entry has the sourceFiled 'id'/)]);
  });

  it('says what the whole should be when it is no array of objects', () => {
    expect(problems('[{"sourceFiled"')).toEqual([
      expect.stringMatching(/^not JSON: .*write an array of entries/),
    ]);
    expect(problems('{}')).toEqual([expect.stringMatching(/^not an array with at least one entry/)]);
    expect(problems('[]')).toEqual([expect.stringMatching(/^not an array with at least one entry/)]);
    expect(problems('["a"]')).toEqual(['entry 1: not an object']);
  });
});
