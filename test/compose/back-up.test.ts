// A backup names the folder that it can't use, at once and in words.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { backUp } from '../../src/compose/back-up.ts';
import { readConfig } from '../../src/config.ts';

const root = mkdtempSync(join(tmpdir(), 'syncline-back-up-'));
afterAll(() => rmSync(root, { recursive: true }));

it('a folder that is not empty, is a file, or takes no new folder is refused', () => {
  writeFileSync(join(root, 'file'), '');
  const config = readConfig({ SYNCLINE_DATA_DIR: join(root, 'data') });
  for (const [folder, why] of [
    [root, 'it is not empty'],
    [join(root, 'file'), 'is a file and not a folder'],
    ['/proc/new/folder', '/proc/new'],
  ] as const)
    expect(() => backUp(config, folder)).toThrow(
      expect.objectContaining({
        code: 'BAD_INPUT',
        field: 'to',
        message: expect.stringContaining(why) as string,
      }),
    );
});
