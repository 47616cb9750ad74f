// The defined connectors on the disk, one JSON file each (mode 0600: configurations hold passwords).
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { TargetState } from './connector-state.ts';
import { readFileIfAny, saveFile, syncFolder } from './save-file.ts';

export interface StoredConnector {
  readonly name: string;
  readonly config: ConnectorConfig;
  readonly target: TargetState;
  readonly generation: number;
  /** Topics its tasks were started on since the last reset. */
  readonly topics: readonly string[];
}

/** Calls for one connector must not overlap. */
export interface ConnectorStore {
  /** Throws INTERNAL naming the file that can't be read. */
  load(): Promise<readonly StoredConnector[]>;
  save(connector: StoredConnector): Promise<void>;
  remove(name: string): Promise<void>;
}

export function createConnectorStore(folder: string): ConnectorStore {
  const pathOf = (name: string): string =>
    join(folder, `${createHash('sha256').update(name).digest('hex').slice(0, 40)}.json`);
  return {
    load: async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
      return Promise.all(files.map((file) => loadConnector(join(folder, file))));
    },
    save: (connector) => saveFile(pathOf(connector.name), JSON.stringify(connector)),
    remove: async (name) => {
      await rm(pathOf(name), { force: true });
      await syncFolder(folder);
    },
  };
}

async function loadConnector(path: string): Promise<StoredConnector> {
  try {
    return JSON.parse((await readFileIfAny(path)) ?? '') as StoredConnector;
  } catch (cause) {
    throw new SyncError('INTERNAL', { message: `reading the connector in ${path}`, cause });
  }
}
