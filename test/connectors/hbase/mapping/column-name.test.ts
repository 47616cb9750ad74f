// The one text of a column's name: what is printed is accepted as the same bytes.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bytesOfName, printName, readName } from '../../../../connectors/hbase/mapping/column-name.ts';
import { makeDecoder, encodeRow, makeMapping, RowCollector } from '../cell-rows.ts';

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => Buffer.from(text)),
  fc.constantFrom('*', '\\x80', ' ', ' a ', '\\', '姓名', 'a:b', '\u200b').map((text) => Buffer.from(text)),
);

it('whatever the bytes are: read again they are the same, and it is the only text that is printed for them', () => {
  fc.assert(
    fc.property(bytes, (name) => {
      const text = printName(name);
      expect(bytesOfName(text)).toEqual(Buffer.from(name));
      expect(readName(text)).toBe(text);
      expect(text).toBe(text.trim());
    }),
    { numRuns: 500 },
  );
});

it('text that can be seen stands for itself; other bytes as they are printed by HBase’s shell', () => {
  const printed = ['name', '姓名', 'a b', 'a:b'];
  for (const text of printed) expect(printName(Buffer.from(text))).toBe(text);
  expect(printName(Buffer.from('800b', 'hex'))).toBe('\\x80\\x0B');
  expect(printName(Buffer.from('*'))).toBe('\\x2A');
  expect(printName(Buffer.from('a\\b '))).toBe('a\\x5Cb\\x20');
  expect(readName('\\xe5\\xa7\\x93')).toBe('姓');
  expect(readName('a\\b')).toBeNull();
});

it('a mapping takes a column whose name is bytes as it is printed, and no other', () => {
  const mapping = makeMapping([
    { sourceFiled: '0:\\x80\\x0B', targetFiled: 'name' },
    { sourceFiled: '0:\\x2A', targetFiled: 'star' },
  ]);
  const out = new RowCollector();
  const row = encodeRow('k', { '0:\\x80\\x0B': 'Ann', '0:*': 'x' });
  makeDecoder(mapping).decodeRow(row, 0, row.length, out);
  expect(out.rows.map(({ values }) => values)).toEqual([['Ann', 'x']]);
  expect(() => makeMapping([{ sourceFiled: '0:a\\b' }])).toThrow(/a backslash begins a byte/);
});
