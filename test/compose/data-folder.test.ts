// The folders that a process needs are there before its first connector asks for one.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openDataFolder } from '../../src/compose/data-folder.ts';

const root = mkdtempSync(join(tmpdir(), 'syncline-folders-'));
afterAll(() => rmSync(root, { recursive: true }));

it('the folder for files is made at start, beside the data or anywhere else', () => {
  const dataDir = join(root, 'data');
  for (const fileRoot of [join(dataDir, 'files'), join(root, 'else', 'where')]) {
    const close = openDataFolder({ dataDir, fileRoot, roles: ['worker'] });
    expect(existsSync(fileRoot)).toBe(true);
    close();
  }
});

it('one that cannot be made is named', () => {
  writeFileSync(join(root, 'file'), '');
  const config = {
    dataDir: join(root, 'other'),
    fileRoot: join(root, 'file', 'files'),
    roles: ['worker'] as const,
  };
  expect(() => openDataFolder(config)).toThrow(
    expect.objectContaining({
      code: 'DATA_DIR_UNUSABLE',
      field: 'fileRoot',
      message: expect.stringContaining('folder for files') as string,
    }),
  );
});
