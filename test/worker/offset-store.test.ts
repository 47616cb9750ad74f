// The worker's notes on the disk.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createOffsetStore } from '../../src/worker/control/offset-store.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'notes-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('gives back what was written, to another process too, and each connector its own', async () => {
  const notes = createOffsetStore(folder);
  await notes.write('a/b', 'plan', 'of a');
  await notes.write('a b', 'plan', 'of b');
  await notes.write('a b', 'last-to', '7');
  await notes.write('a b', 'last-to', null);
  const later = createOffsetStore(folder);
  expect(await later.read('a/b', 'plan')).toBe('of a');
  expect(await later.read('a b', 'plan')).toBe('of b');
  expect(await later.read('a b', 'last-to')).toBeNull();
  expect(await later.read('c', 'plan')).toBeNull();
});

it('adds lines, in the order in which they were given, each on its own also behind half a one', async () => {
  const notes = createOffsetStore(folder);
  await notes.write('a', 'ended', '{"half');
  await Promise.all(['1', '2', '3'].map((line) => notes.append('a', 'ended', line)));
  const lines = (await notes.read('a', 'ended'))?.split('\n').filter((line) => line !== '');
  expect(lines).toEqual(['{"half', '1', '2', '3']);
});

it('forgets a connector whole, and only that one', async () => {
  const notes = createOffsetStore(folder);
  await notes.write('a', 'plan', 'x');
  await notes.append('a', 'ended', 'x');
  await notes.write('b', 'plan', 'x');
  await notes.remove('a');
  await notes.remove('never there');
  expect(await readdir(folder)).toHaveLength(1);
  expect(await notes.read('a', 'plan')).toBeNull();
});

it('says which note of which connector it could not read', async () => {
  const notes = createOffsetStore(join(folder, 'x'));
  await notes.write('a', 'plan', 'x');
  await rm(join(folder, 'x'), { recursive: true });
  const { writeFile } = await import('node:fs/promises');
  await writeFile(join(folder, 'x'), 'a file in its place');
  await expect(notes.read('a', 'plan')).rejects.toMatchObject({
    code: 'PLAN_LOST',
    message: 'reading note plan of connector a',
  });
});

it.skipIf(!existsSync('/dev/full'))(
  'says in a code of its own that the disk is full, and where',
  async () => {
    const notes = createOffsetStore(folder);
    await notes.write('a', 'plan', 'as it was');
    const [of = ''] = await readdir(folder);
    await mkdir(join(folder, of), { recursive: true });
    await symlink('/dev/full', join(folder, of, 'plan.tmp'));
    await symlink('/dev/full', join(folder, of, 'ended'));
    const full = {
      code: 'DISK_FULL',
      retriable: true,
      place: folder,
      message: expect.stringContaining(
        `of connector a: the disk of ${folder}, or the quota there, is full`,
      ) as string,
    };
    await expect(notes.write('a', 'plan', 'x')).rejects.toMatchObject(full);
    await expect(notes.append('a', 'ended', 'x')).rejects.toMatchObject(full);
    expect(await notes.read('a', 'plan')).toBe('as it was');
  },
);
