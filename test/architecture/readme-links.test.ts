// Every link of a README leads to a file that is there, and the main one stays short.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const maxLines = 170;
const pages = ['.', 'src', 'connectors', 'executors', 'scheduler'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: folder !== '.', encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);

describe.each(pages)('%s', (page) => {
  const text = readFileSync(join(root, page), 'utf8');

  it('has no link into nothing', () => {
    const links = [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, link]) => link ?? '');
    const dead = links.filter(
      (link) => !/^https?:/.test(link) && !existsSync(join(root, dirname(page), link)),
    );
    expect(dead).toEqual([]);
  });
});

it.each(['README.md', 'README.zh-CN.md'])('%s is read at one sitting', (page) => {
  expect(readFileSync(join(root, page), 'utf8').split('\n').length).toBeLessThanOrEqual(maxLines);
});
