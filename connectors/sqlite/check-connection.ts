// Whether an SQLite file, or one that is still to be made, may be written: nothing is tried.
import { constants, existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Finding } from '../../src/core/connector/check-steps.ts';
import { SyncError } from '../../src/core/errors.ts';
import { resolveDatabaseFile, type SqliteSinkConfig } from './config.ts';

/** Of the folder, too: a log of what is written stands beside the file. Throws TARGET_DENIED. */
export async function checkRights(root: string, { file }: SqliteSinkConfig): Promise<Finding<null>> {
  const path = await resolveDatabaseFile(root, file);
  const isThere = existsSync(path);
  for (const place of isThere ? [path, dirname(path)] : [await nearestFolder(path)])
    if (!(await isWritable(place)))
      throw new SyncError('TARGET_DENIED', {
        message: `${file}: ${place === path ? 'the file' : 'its folder'} may not be written by the user of this process; change its owner or mode`,
      });
  return { detail: isThere ? 'the file may be written' : `the first run will make ${file}`, value: null };
}

/** Missing folders are made by the first run. */
async function nearestFolder(path: string): Promise<string> {
  const folder = dirname(path);
  const isThere = await access(folder).then(
    () => true,
    () => false,
  );
  return isThere || folder === path ? folder : nearestFolder(folder);
}

function isWritable(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}
