// The worker's notes of each connector: plans and positions that tasks must find again after a restart, and that `…/offsets` shows and
// sets. A folder per connector, a file per note, so that a small note costs a small write however large another one is.
import { createHash } from 'node:crypto';
import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SyncError } from '../../core/errors.ts';
import { createMutex } from '../../core/waiting/mutex.ts';
import { toDiskError } from './disk-error.ts';
import { isMissing, readFileIfAny, saveFile, syncFolder } from './save-file.ts';

/** All methods throw DISK_FULL, DATA_DIR_UNUSABLE where the disk may not be written to, and PLAN_LOST where it refuses otherwise. */
export interface OffsetStore {
  read(connector: string, key: string): Promise<string | null>;
  /** Durable when it resolves; null removes the note. */
  write(connector: string, key: string, value: string | null): Promise<void>;
  /**
   * Adds a line to the note. It survives the death of the process, but perhaps not of the machine, which may also leave a part of it:
   * for what can be found out again at some cost.
   */
  append(connector: string, key: string, line: string): Promise<void>;
  /** Empties the note, durable or not: for lines that tell by themselves whether they still hold. */
  clear(connector: string, key: string): Promise<void>;
  /** Forgets the connector. */
  remove(connector: string): Promise<void>;
}

export function createOffsetStore(folder: string): OffsetStore {
  const turns = createMutex();
  const act = <T>(connector: string, doing: string, work: (path: string) => Promise<T>): Promise<T> =>
    turns(connector, async () => {
      try {
        return await work(folderOf(folder, connector));
      } catch (cause) {
        throw toDiskError(cause, {
          doing: `${doing} of connector ${connector}`,
          folder,
          fallback: 'PLAN_LOST',
        });
      }
    });
  return {
    read: (connector, key) =>
      act(connector, `reading note ${key}`, (path) => readFileIfAny(fileOf(path, key))),
    write: (connector, key, value) =>
      act(connector, `writing note ${key}`, async (path) => {
        if (value !== null) return inFolder(path, () => saveFile(fileOf(path, key), value));
        await rm(fileOf(path, key), { force: true });
        await inFolder(path, () => syncFolder(path));
      }),
    append: (connector, key, line) =>
      act(connector, `writing note ${key}`, (path) =>
        // On a line of its own, whatever a crash left of the one before.
        inFolder(path, () => appendFile(fileOf(path, key), `\n${line}\n`, { mode: 0o600 })),
      ),
    clear: (connector, key) =>
      act(connector, `writing note ${key}`, (path) =>
        inFolder(path, () => writeFile(fileOf(path, key), '', { mode: 0o600 })),
      ),
    remove: (connector) =>
      act(connector, 'removing the notes', (path) => rm(path, { recursive: true, force: true })),
  };
}

/** The folder is made where it is missing: nearly always it is there, and asking costs more than trying. */
async function inFolder(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isMissing(error)) throw error;
    await mkdir(path, { recursive: true, mode: 0o700 });
    await work();
  }
}

// A connector's name may hold anything, a file's name not.
function folderOf(folder: string, connector: string): string {
  return join(folder, createHash('sha256').update(connector).digest('hex').slice(0, 40));
}

function fileOf(folder: string, key: string): string {
  if (!/^[a-z-]{1,40}$/.test(key))
    throw new SyncError('INTERNAL', { message: `naming the file of note '${key}'` });
  return join(folder, key);
}
