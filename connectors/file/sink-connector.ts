// The file sink, the small example of a sink connector: rows become lines at the end of a file, each exactly once per run.
import { constants } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { runCheckSteps } from '../../src/core/connector/check-steps.ts';
import type { SinkPlugin } from '../../src/core/connector/contract.ts';
import { defineSink } from '../../src/core/connector/define.ts';
import { refuseWay } from '../../src/core/deletes.ts';
import { fileSinkConfig, resolveFile } from './config.ts';
import { foreseeLines, openFileSinkStore } from './sink-task.ts';
import { checkFile } from './source-connector.ts';
import { openFileTargetLedger } from './target-ledger.ts';

const writable = { mode: constants.W_OK, missing: { ok: true, detail: 'the first run makes the file' } };

/** `root`: the only folder in which files can be written. */
export function createFileSink(root: string): SinkPlugin {
  return defineSink({
    className: 'org.apache.kafka.connect.file.FileStreamSinkConnector',
    aliases: ['io.syncline.file.FileSinkConnector'],
    version: '0.1.0',
    config: fileSinkConfig(root),
    testConnection: async ({ file }, _signal, rows) => {
      const steps = await checkFile(root, file, writable);
      if (rows === undefined || !steps.every(({ ok }) => ok)) return steps;
      const foreseen = await runCheckSteps(async (step) => {
        await step('rows', async () => foreseeLines(await resolveFile(root, file), rows));
      });
      return [...steps, ...foreseen];
    },
    refuseDeletes: (_, way) => refuseWay('a file', way),
    identity: ({ file }) => JSON.stringify({ kind: 'file', file }),
    openLedger: async ({ file }) => openFileTargetLedger(await resolveFile(root, file)),
    openStore: async ({ file }) => {
      const path = await resolveFile(root, file);
      await mkdir(dirname(path), { recursive: true });
      return openFileSinkStore(path);
    },
  });
}
