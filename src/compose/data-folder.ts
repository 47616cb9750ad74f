// The folders of what this process keeps on disk and of what connectors may reach: made, tried, and the first taken for its roles.
import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../config.ts';
import { SyncError } from '../core/errors.ts';
import { lockRoles } from '../store/role-lock.ts';

type Place = 'dataDir' | 'fileRoot';

const { R_OK, W_OK, X_OK } = constants;
/** What connectors only read from may be read-only. */
const places = {
  dataDir: { name: 'data folder', rights: R_OK | W_OK | X_OK },
  fileRoot: { name: 'folder for files', rights: R_OK | X_OK },
} as const;

/** Returns what gives it up. Throws DATA_DIR_UNUSABLE, DATA_DIR_IN_USE. */
export function openDataFolder(config: Pick<Config, Place | 'roles'>): () => void {
  makeFolder('dataDir', config.dataDir);
  makeFolder('fileRoot', config.fileRoot);
  return lockRoles(config.dataDir, config.roles);
}

function makeFolder(field: Place, path: string): void {
  const { name, rights } = places[field];
  try {
    makeFolders(path);
    if (!statSync(path).isDirectory()) throw new Error('it is not a folder');
    accessSync(path, rights);
  } catch (cause) {
    throw new SyncError('DATA_DIR_UNUSABLE', {
      message: `opening the ${name} ${path}: ${whyNot(cause as NodeJS.ErrnoException)}`,
      field,
      cause,
    });
  }
}

/** Not mkdir's own recursion: it never ends where a folder that is there takes no new one, as /proc. */
export function makeFolders(path: string): void {
  if (existsSync(path)) return;
  makeFolders(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

export function whyNot(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'EEXIST':
    case 'ENOTDIR':
      return 'it, or a part of its path, is a file and not a folder';
    case 'EACCES':
    case 'EPERM':
      return 'this user may not write there';
    case 'EROFS':
      return 'its file system is read-only';
    case 'ENOSPC':
      return 'its disk is full';
    default:
      return error.message;
  }
}
