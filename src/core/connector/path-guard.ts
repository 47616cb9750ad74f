// The one rule about paths that a user typed: nothing outside the worker's folder for files is reached, by no name and through no link.
import { lstat, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { SyncError } from '../errors.ts';

/** What is wrong with the name of a file below the root, without I/O; null: nothing. */
export function pathProblem(root: string, file: string): string | null {
  if (file.trim() === '') return 'name the file';
  if (file.includes('\0')) return 'it holds a NUL';
  const below = relative(resolve(root), resolve(root, file));
  if (below === '' || below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below))
    return "it lies outside the worker's folder for files";
  return null;
}

/**
 * The file's real path: below the root, no part of it a link, and if it is there a regular file. `field` is the key that names it,
 * `opening` what is being done, for messages. Throws BAD_INPUT.
 */
export async function resolveBelow(
  root: string,
  file: string,
  { field, opening }: { readonly field: string; readonly opening: string },
): Promise<string> {
  const refuse = (problem: string): SyncError =>
    new SyncError('BAD_INPUT', { message: `${opening}: ${problem}`, field });
  const problem = pathProblem(root, file);
  if (problem !== null) throw refuse(problem);
  const parts = relative(resolve(root), resolve(root, file)).split(sep);
  let path = await realRoot(root, field);
  for (const [index, part] of parts.entries()) {
    path = join(path, part);
    const found = await lstat(path).catch(() => null);
    if (found === null) continue;
    if (found.isSymbolicLink()) throw refuse('it leads through a symbolic link');
    const last = index === parts.length - 1;
    if (last ? !found.isFile() : !found.isDirectory())
      throw refuse(last ? 'it is not a regular file' : 'a part of its path is not a folder');
  }
  return path;
}

async function realRoot(root: string, field: string): Promise<string> {
  try {
    return await realpath(root);
  } catch (cause) {
    throw new SyncError('BAD_INPUT', { message: 'the folder for files is not there', cause, field });
  }
}
