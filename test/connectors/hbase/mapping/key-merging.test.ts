// Keys of which two rows could have the same, and who says so: the mapping's fields, the plan's schema, the target's key.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asKeyField } from '../../../../connectors/hbase/mapping/field-mapping.ts';
import { findMerging } from '../../../../connectors/hbase/mapping/key-merging.ts';
import { chooseKey } from '../../../../src/core/connector/table-key.ts';
import { encodeRow, makeDecoder, makeMapping, RowCollector } from '../cell-rows.ts';
import { sameInBoth } from '../../../../src/core/text.ts';

type Entry = Readonly<Record<string, string>>;

const key = (more: Entry): Entry => ({ sourceFiled: 'rowkey()', ispk: '1', ...more });

function mergingOf(...entries: readonly Entry[]): ReturnType<typeof findMerging> {
  const { fields } = makeMapping(entries.map((entry, index) => ({ targetFiled: `f${index}`, ...entry })));
  const columns = fields.map(({ family, qualifier }) => (family === null ? null : { family, qualifier }));
  return findMerging(fields, columns);
}

describe('a key that tells the whole row key', () => {
  it.each([
    ['the row key as text', [key({})]],
    ['by its old name', [{ sourceFiled: 'id', ispk: '1' }]],
    ['as bytes or printed', [key({ encoding: 'bytes', fieldType: 'bytes' })]],
    ['as a number of fixed width', [key({ encoding: 'int64', fieldType: 'bigint' })]],
    ['as a number, from digits', [key({ fieldType: 'bigint' })]],
    ['as a number, from digits behind a rule', [key({ fieldType: 'int', byterule: 'reverse' })]],
    ['behind checked prefixes', [key({ byterule: "phoenix-salt(8)|md5-prefix(4,'_')|reverse" })]],
    [
      'beside a constant and a part',
      [key({}), key({ byterule: "after('_')" }), key({ sourceFiled: "constant('x')" })],
    ],
    ['beside a column', [key({}), { sourceFiled: 'd:a', ispk: '1' }]],
    ['by slices that lie end to end', [key({ byterule: 'slice(5)' }), key({ byterule: 'slice(1,4)' })]],
    ['by all parts', [key({ byterule: "part('_',2,2)" }), key({ byterule: "part('_',1,2) | reverse" })]],
    [
      'by all parts behind one prefix',
      [key({ byterule: "md5-prefix(4)|part('_',2,2)" }), key({ byterule: "md5-prefix(4)|part('_',1,2)" })],
    ],
  ] as const)('%s', (_name, entries) => {
    expect(mergingOf(...entries)).toBeUndefined();
  });
});

describe('a key that does not', () => {
  it.each([
    [
      'a slice',
      [key({ byterule: 'slice(1,4)' })],
      /f0 \(from rowkey\(\)\).*add a field that holds rowkey\(\)/,
    ],
    ['what follows a separator', [key({ byterule: "after('_')" })], /different rows could be one/],
    ['slices with a gap', [key({ byterule: 'slice(1,4)' }), key({ byterule: 'slice(6)' })], /other parts/],
    ['one part of two', [key({ byterule: "part('_',1,2)" })], /part\('_',1,2\) and part\('_',2,2\)/],
    [
      'parts of no certain number',
      [key({ byterule: "part('_',1)" }), key({ byterule: "part('_',2)" })],
      /parts/,
    ],
    [
      'parts behind different prefixes',
      [key({ byterule: "md5-prefix(4)|part('_',2,2)" }), key({ byterule: "part('_',1,2)" })],
      /parts/,
    ],
    ['a slice of a part', [key({ byterule: "part('_',1,1)|slice(1,2)" })], /parts/],
    ['a map rule', [key({ maprule: 'lower' })], /the maprule of f0 makes some keys alike/],
    ['an inexact encoding', [key({ fieldType: 'double' })], /text into double reads some keys alike in f0/],
    ['gbk', [key({ charset: 'gbk' })], /reads some keys alike/],
    ['a constant', [key({ sourceFiled: "constant('x')" })], /add a field that holds rowkey\(\)/],
    ['a timestamp', [key({ sourceFiled: 'timestamp()', fieldType: 'bigint' })], /holds rowkey\(\)/],
  ] as const)('%s: refused, naming field and fix', (_name, entries, reason) => {
    const merging = mergingOf(...entries);
    expect(merging).toMatchObject({ chosen: false, reason: { en: expect.stringMatching(reason) as string } });
  });

  it('is chosen where it is a column', () => {
    expect(mergingOf({ sourceFiled: 'd:a', ispk: '1' })).toMatchObject({
      chosen: true,
      reason: {
        en: 'the key f0 (from d:a) is not the row key: rows that have it in common are one in the target',
      },
    });
  });
});

describe("the target's key", () => {
  const schema = makeMapping([key({ targetFiled: 'id' })]).schema;
  const choose = (chosen: boolean, keysMayMerge: boolean) =>
    chooseKey(
      { keyMode: 'record_value', keyFields: [], keysMayMerge },
      { ...schema, merging: { reason: sameInBoth('they meet'), chosen } },
      't',
    );

  it('is refused when rows could merge in it, unless the user allows it or chose it: then runs are not proved', () => {
    expect(() => choose(false, false)).toThrow(
      expect.objectContaining({ code: 'KEYS_MAY_MERGE', message: 't: they meet' }),
    );
    expect(choose(false, true)).toEqual({ fields: ['id'], merging: [sameInBoth('they meet')] });
    expect(choose(true, false)).toEqual({ fields: ['id'], merging: [sameInBoth('they meet')] });
  });
});

describe('a key from digits', () => {
  const read = (entry: Entry, rowKey: string): RowCollector => {
    const mapping = makeMapping([{ targetFiled: 'id', fieldType: 'bigint', ispk: '1', ...entry }]);
    const out = new RowCollector();
    const block = encodeRow(rowKey, { 'd:a': '1' });
    const fields = mapping.fields.map((field) => asKeyField(field, null));
    makeDecoder({ ...mapping, fields }).decodeRow(block, 0, block.length, out);
    return out;
  };

  it.each([
    ['rowkey()', { sourceFiled: 'rowkey()' }],
    ['its old name', { sourceFiled: 'id' }],
  ])('of %s takes a number as it is printed only, so no two row keys are one', (_name, entry) => {
    fc.assert(
      fc.property(fc.stringMatching(/^[+-]?\d{1,20}$/), (text) => {
        const { rows, dirtyRows } = read(entry, text);
        if (rows.length > 0) expect(rows[0]?.values).toEqual([text]);
        else expect(dirtyRows).toHaveLength(1);
      }),
    );
    expect(read(entry, '7').rows).toHaveLength(1);
    expect(read(entry, '007').dirtyRows).toMatchObject([
      { reason: expect.stringContaining("must be written '7'") as string },
    ]);
  });

  it('of a part of the row key does so behind its rule', () => {
    const part = { sourceFiled: 'rowkey()', byterule: "part('_',2,2)" };
    expect(read(part, 'cn_70').rows[0]?.values).toEqual(['70']);
    expect(read(part, 'cn_070').dirtyRows).toHaveLength(1);
  });

  it('takes any writing where the field is no key', () => {
    expect(read({ sourceFiled: 'rowkey()', ispk: '0' }, '007').rows[0]?.values).toEqual(['7']);
  });
});
