// The defined connectors on the disk, one JSON file each. Configurations hold passwords: they are sealed, whole, under the
// installation's key, and the files are readable by the owner only.
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConnectorConfig } from '../../core/connector/config-def.ts';
import { SyncError } from '../../core/errors.ts';
import type { Sealer } from '../../core/secrets/seal.ts';
import type { TargetState } from './connector-state.ts';
import { toDiskError } from './disk-error.ts';
import { readFileIfAny, saveFile, syncFolder } from './save-file.ts';

export interface StoredConnector {
  readonly name: string;
  readonly config: ConnectorConfig;
  readonly target: TargetState;
  readonly generation: number;
  /** Topics its tasks were started on since the last reset. */
  readonly topics: readonly string[];
}

/** Calls for one connector must not overlap. Both that change something throw DISK_FULL, DATA_DIR_UNUSABLE. */
export interface ConnectorStore {
  /** Throws INTERNAL naming the file that can't be read, SECRET_KEY_WRONG for one of another key. */
  load(): Promise<readonly StoredConnector[]>;
  save(connector: StoredConnector): Promise<void>;
  remove(name: string): Promise<void>;
}

/** As it lies on the disk. */
interface SealedConnector extends Omit<StoredConnector, 'config'> {
  readonly config: string;
}

export function createConnectorStore(folder: string, sealer: Sealer): ConnectorStore {
  const pathOf = (name: string): string =>
    join(folder, `${createHash('sha256').update(name).digest('hex').slice(0, 40)}.json`);
  const change = async (doing: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (cause) {
      throw toDiskError(cause, { doing, folder, fallback: 'INTERNAL' });
    }
  };
  return {
    load: async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
      return Promise.all(files.map((file) => loadConnector(join(folder, file), sealer)));
    },
    save: (connector) =>
      change(`keeping connector ${connector.name}`, () =>
        saveFile(pathOf(connector.name), JSON.stringify(sealConnector(connector, sealer))),
      ),
    remove: (name) =>
      change(`removing connector ${name}`, async () => {
        await rm(pathOf(name), { force: true });
        await syncFolder(folder);
      }),
  };
}

function sealConnector(connector: StoredConnector, sealer: Sealer): SealedConnector {
  return { ...connector, config: sealer.seal(placeOf(connector.name), JSON.stringify(connector.config)) };
}

async function loadConnector(path: string, sealer: Sealer): Promise<StoredConnector> {
  const sealed = await readSealed(path);
  const config = JSON.parse(sealer.open(placeOf(sealed.name), sealed.config)) as ConnectorConfig;
  return { ...sealed, config };
}

async function readSealed(path: string): Promise<SealedConnector> {
  try {
    return JSON.parse((await readFileIfAny(path)) ?? '') as SealedConnector;
  } catch (cause) {
    throw new SyncError('INTERNAL', { message: `reading the connector in ${path}`, cause });
  }
}

function placeOf(name: string): string {
  return `connector ${name}`;
}
