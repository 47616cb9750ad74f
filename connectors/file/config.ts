// Configuration of the file connectors, and the one rule about paths: nothing outside the worker's folder for files is reached.
import { lstat, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import type {
  ConfigDef,
  ConfigKey,
  ConfigProblem,
  ConnectorConfig,
} from '../../src/core/connector/config-def.ts';
import { SyncError } from '../../src/core/errors.ts';

export const DEFAULT_BATCH = 2_000;

const plain = { importance: 'HIGH', group: '', width: 'NONE' } as const;

function fileKey(documentation: string): ConfigKey {
  return { ...plain, name: 'file', type: 'STRING', defaultValue: null, displayName: 'file', documentation };
}

export const fileSourceKeys: ConfigDef = [
  fileKey(
    "File to read, below the worker's folder for files (file.root). Required: a worker has no standard input.",
  ),
  {
    ...plain,
    name: 'topic',
    type: 'STRING',
    displayName: 'topic',
    documentation: 'Topic the lines go to.',
  },
  {
    ...plain,
    name: 'batch.size',
    type: 'INT',
    defaultValue: String(DEFAULT_BATCH),
    importance: 'LOW',
    displayName: 'batch.size',
    documentation: 'How many lines are given to the log before the source waits for it.',
  },
];

export const fileSinkKeys: ConfigDef = [
  fileKey(
    "File to append to, below the worker's folder for files (file.root). Required: a worker has no standard output.",
  ),
];

/** Without I/O; links are looked for when the file is opened. */
export function findFileProblems(root: string, config: ConnectorConfig): readonly ConfigProblem[] {
  const value = config.file ?? null;
  const complaint = complainOf(root, value ?? '');
  return complaint === null
    ? []
    : [
        {
          key: 'file',
          value,
          message: `Invalid value ${value ?? 'null'} for configuration file: ${complaint}`,
        },
      ];
}

/**
 * The real path of the configured file: below the root, no part of it a link, and if it is there a regular file.
 * Throws BAD_INPUT naming `file`.
 */
export async function resolveFile(root: string, config: ConnectorConfig): Promise<string> {
  const file = config.file ?? '';
  const complaint = complainOf(root, file);
  if (complaint !== null) throw badFile(file, complaint);
  const parts = relative(resolve(root), resolve(root, file)).split(sep);
  let path = await realRoot(root);
  for (const [index, part] of parts.entries()) {
    path = join(path, part);
    const found = await lstat(path).catch(() => null);
    if (found === null) continue;
    if (found.isSymbolicLink()) throw badFile(file, 'it leads through a symbolic link');
    const last = index === parts.length - 1;
    if (last ? !found.isFile() : !found.isDirectory())
      throw badFile(file, last ? 'it is not a regular file' : 'a part of its path is not a folder');
  }
  return path;
}

async function realRoot(root: string): Promise<string> {
  try {
    return await realpath(root);
  } catch (cause) {
    throw new SyncError('BAD_INPUT', { message: 'the folder for files is not there', cause, field: 'file' });
  }
}

function complainOf(root: string, file: string): string | null {
  if (file.trim() === '') return 'name the file';
  if (file.includes('\0')) return 'it holds a NUL';
  const below = relative(resolve(root), resolve(root, file));
  if (below === '' || below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below))
    return "it lies outside the worker's folder for files";
  return null;
}

function badFile(file: string, complaint: string): SyncError {
  return new SyncError('BAD_INPUT', { message: `opening file ${file}: ${complaint}`, field: 'file' });
}
