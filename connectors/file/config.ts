// Configuration of the file connectors, and the one rule about paths: nothing outside the worker's folder for files is reached.
import { lstat, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { ValueOf } from '../../src/core/connector/config.ts';
import { complain, config, parsed, text, wholeFrom } from '../../src/core/connector/config.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { Text } from '../../src/core/text.ts';

const plain = { importance: 'HIGH', width: 'NONE' } as const;

function fileKey(root: string, doc: Text) {
  const missing = 'Invalid value null for configuration file: name the file';
  return parsed('file', { ...plain, default: null, missing, doc }, (file) => {
    const complaint = complainOf(root, file);
    return complaint === null ? file : complain(complaint);
  });
}

export type FileSourceConfig = ValueOf<ReturnType<typeof fileSourceConfig>>;

/** Without I/O; links are looked for when the file is opened. */
export function fileSourceConfig(root: string) {
  return config({
    file: fileKey(root, {
      en: "File to read, below the worker's folder for files (file.root). Required: a worker has no standard input.",
      zh: '要读取的文件,位于 worker 的文件目录(file.root)之下。必填:worker 没有标准输入。',
    }),
    topic: text('topic', { ...plain, doc: { en: 'Topic the lines go to.', zh: '各行发往的 topic。' } }),
    batchRows: parsed(
      'batch.size',
      {
        ...plain,
        type: 'INT',
        default: '2000',
        importance: 'LOW',
        doc: {
          en: 'How many lines are given to the log before the source waits for it.',
          zh: '源等待日志之前最多交付的行数。',
        },
      },
      wholeFrom(1),
    ),
  });
}

export function fileSinkConfig(root: string) {
  return config({
    file: fileKey(root, {
      en: "File to append to, below the worker's folder for files (file.root). Required: a worker has no standard output.",
      zh: '要追加写入的文件,位于 worker 的文件目录(file.root)之下。必填:worker 没有标准输出。',
    }),
  });
}

/**
 * The real path of the configured file: below the root, no part of it a link, and if it is there a regular file.
 * Throws BAD_INPUT naming `file`.
 */
export async function resolveFile(root: string, file: string): Promise<string> {
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
