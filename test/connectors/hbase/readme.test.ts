// Both READMEs list every mapping key and every encoding, and mark those that the sink writes.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { encodingNames } from '../../../connectors/hbase/encodings/all-encodings.ts';
import { writableEncodings } from '../../../connectors/hbase/encodings/encoder.ts';
import { parseFieldMapping } from '../../../connectors/hbase/mapping/field-mapping.ts';

/** First cells of the table whose head begins so. */
function firstCells(readme: string, head: string): string[] {
  const lines = readme.slice(readme.indexOf(head)).split('\n').slice(2);
  return lines.slice(0, lines.indexOf('')).map((line) => line.split('|')[1] ?? '');
}

function names(cells: readonly string[]): string[] {
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ''));
}

/** `:double` stands for the family of the name before it. */
function withFamily(cell: string): string[] {
  let family = '';
  return names([cell]).map((name) => {
    if (name.startsWith(':')) return family + name;
    family = name.split(':')[0] ?? '';
    return name;
  });
}

it.each([
  ['connectors/hbase/README.md', '| mapping key |', '| `encoding` | a cell holds |'],
  ['connectors/hbase/README.zh-CN.md', '| 映射键 |', '| `encoding` | 单元格内容 |'],
])('%s', (file, keyHead, encodingHead) => {
  const readme = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');
  const text = '[{"nonsense": 1}]';
  const parsed = parseFieldMapping({ text, keyName: '', defaultEncoding: 'text' });
  const [known = ''] = 'problems' in parsed ? parsed.problems : [];
  const keys = known.replace(/.*known: /, '').split(', ');
  expect(names(firstCells(readme, keyHead)).sort()).toEqual([...keys].sort());

  const cells = firstCells(readme, encodingHead);
  const plain = encodingNames.filter((name) => !name.endsWith(' desc'));
  expect(cells.flatMap(withFamily).sort()).toEqual([...plain].sort());
  const written = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)` ✎/g)].map(([, name]) => name));
  expect(written.sort()).toEqual([...writableEncodings].sort());
});
