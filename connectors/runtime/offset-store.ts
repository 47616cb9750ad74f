// The worker's notes of each connector, one small JSON file per connector: plans and positions that tasks must find again
// after a restart, and that `…/offsets` shows and sets. They outlive the connector's deletion, as Connect's offsets do.
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SyncError } from '../../src/core/errors.ts';
import { createMutex } from '../../src/core/waiting/mutex.ts';
import { readFileIfAny, saveFile } from './save-file.ts';

/** All methods throw PLAN_LOST when the connector's file is there and can't be read. */
export interface OffsetStore {
  read(connector: string, key: string): Promise<string | null>;
  /** Durable when it resolves; null removes the note. */
  write(connector: string, key: string, value: string | null): Promise<void>;
}

export function createOffsetStore(folder: string): OffsetStore {
  const known = new Map<string, ReadonlyMap<string, string>>();
  const one = createMutex();

  const load = async (connector: string): Promise<ReadonlyMap<string, string>> => {
    const cached = known.get(connector);
    if (cached !== undefined) return cached;
    const notes = parseNotes(connector, await readFileIfAny(pathOf(folder, connector)));
    known.set(connector, notes);
    return notes;
  };
  return {
    read: (connector, key) => one(connector, async () => (await load(connector)).get(key) ?? null),
    write: (connector, key, value) =>
      one(connector, async () => {
        const notes = new Map(await load(connector));
        if (value === null) notes.delete(key);
        else notes.set(key, value);
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const text = JSON.stringify({ connector, notes: Object.fromEntries(notes) });
        await saveFile(pathOf(folder, connector), text);
        known.set(connector, notes);
      }),
  };
}

// A connector's name may hold anything, a file's name not.
function pathOf(folder: string, connector: string): string {
  return join(folder, `${createHash('sha256').update(connector).digest('hex').slice(0, 40)}.json`);
}

function parseNotes(connector: string, text: string | null): ReadonlyMap<string, string> {
  if (text === null) return new Map();
  try {
    const { notes } = JSON.parse(text) as { notes: Record<string, string> };
    return new Map(Object.entries(notes));
  } catch (cause) {
    throw new SyncError('PLAN_LOST', { message: `reading the notes of connector ${connector}`, cause });
  }
}
