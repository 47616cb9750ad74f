// Configuration of the file connectors.
import type { ValueOf } from '../../src/core/connector/config.ts';
import { complain, config, parsed, text, wholeFrom } from '../../src/core/connector/config.ts';
import { pathProblem, resolveBelow } from '../../src/core/connector/path-guard.ts';
import type { Text } from '../../src/core/text.ts';

const plain = { importance: 'HIGH', width: 'NONE' } as const;

function fileKey(root: string, doc: Text) {
  const missing = 'Invalid value null for configuration file: name the file';
  return parsed('file', { ...plain, default: null, missing, doc }, (file) => {
    const complaint = pathProblem(root, file);
    return complaint === null ? file : complain(complaint);
  });
}

export type FileSourceConfig = ValueOf<ReturnType<typeof fileSourceConfig>>;

/** Without I/O; links are looked for when the file is opened. */
export function fileSourceConfig(root: string) {
  return config({
    file: fileKey(root, {
      en: "File to read, below the worker's folder for files (file.root). Required: a worker has no standard input.",
      zh: '要读取的文件，位于工作节点的文件目录（file.root）之下。必填：工作节点没有标准输入。',
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
      zh: '要追加写入的文件，位于工作节点的文件目录（file.root）之下。必填：工作节点没有标准输出。',
    }),
  });
}

/** The real path of the configured file. Throws BAD_INPUT naming `file`. */
export function resolveFile(root: string, file: string): Promise<string> {
  return resolveBelow(root, file, { field: 'file', opening: `opening file ${file}` });
}
