// The pages of configuration keys say what the code declares. SYNCLINE_WRITE_KEYS=1 writes them anew.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { createPlugins } from '../../connectors/registry.ts';
import { keyPage, roomOf } from '../support/key-pages.ts';

const root = resolve(import.meta.dirname, '../..');
const plugins = createPlugins({ fileRoot: '/nowhere' });
const rooms = [...new Set(plugins.map(roomOf))];
const pages = rooms.flatMap((room) => [
  { page: `connectors/${room}/KEYS.md`, room, language: 'en' as const },
  { page: `connectors/${room}/KEYS.zh-CN.md`, room, language: 'zh' as const },
]);

it.each(pages)('$page', ({ page, room, language }) => {
  const wanted = keyPage(
    plugins.filter((plugin) => roomOf(plugin) === room),
    language,
  );
  const path = join(root, page);
  if (process.env['SYNCLINE_WRITE_KEYS'] === '1') writeFileSync(path, wanted);
  expect(readFileSync(path, 'utf8'), `${page} is old: write it anew`).toBe(wanted);
});
