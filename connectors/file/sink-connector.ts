// The file sink, the small example of a sink connector: rows become lines at the end of a file, each exactly once per run.
import { constants } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SinkPlugin } from '../../src/core/connector/contract.ts';
import { fileSinkKeys, findFileProblems, resolveFile } from './config.ts';
import { openFileSinkStore } from './sink-task.ts';
import { checkFile } from './source-connector.ts';
import { openFileTargetLedger } from './target-ledger.ts';

const writable = { mode: constants.W_OK, missing: { ok: true, detail: 'the first run makes the file' } };

/** `root`: the only folder in which files can be written. */
export function createFileSink(root: string): SinkPlugin {
  return {
    type: 'sink',
    className: 'org.apache.kafka.connect.file.FileStreamSinkConnector',
    aliases: ['io.syncline.file.FileSinkConnector'],
    version: '0.1.0',
    configDef: fileSinkKeys,
    validate: (config) => findFileProblems(root, config),
    testConnection: (config) => checkFile(root, config, writable),
    identity: (config) => JSON.stringify({ kind: 'file', file: config.file ?? '' }),
    openLedger: async (config) => openFileTargetLedger(await resolveFile(root, config)),
    openStore: async (config) => {
      const path = await resolveFile(root, config);
      await mkdir(dirname(path), { recursive: true });
      return openFileSinkStore(path);
    },
  };
}
