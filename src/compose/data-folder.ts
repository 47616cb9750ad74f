// The folder of everything this process keeps on disk: made, tried, and taken for its roles.
import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import type { Config } from '../config.ts';
import { SyncError } from '../core/errors.ts';
import { lockRoles } from '../store/role-lock.ts';

/** Returns what gives it up. Throws DATA_DIR_UNUSABLE, DATA_DIR_IN_USE. */
export function openDataFolder({ dataDir, roles }: Pick<Config, 'dataDir' | 'roles'>): () => void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    if (!statSync(dataDir).isDirectory()) throw new Error('it is not a folder');
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new SyncError('DATA_DIR_UNUSABLE', {
      message: `opening the data folder ${dataDir}: ${whyNot(cause as NodeJS.ErrnoException)}`,
      field: 'dataDir',
      cause,
    });
  }
  return lockRoles(dataDir, roles);
}

function whyNot(error: NodeJS.ErrnoException): string {
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
