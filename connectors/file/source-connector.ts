// The file source, the small example of a source connector: every line of a text file becomes a row of one field, `line`.
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import type { CheckStep, SourcePlugin } from '../../src/core/connector/contract.ts';
import { defineSource } from '../../src/core/connector/define.ts';
import { SyncError } from '../../src/core/errors.ts';
import { fileSourceConfig, resolveFile } from './config.ts';
import { openFileSourceTask, schema } from './source-task.ts';

const readable = { mode: constants.R_OK, missing: { ok: false, detail: 'there is no such file' } };

/** `root`: the only folder whose files can be read. */
export function createFileSource(root: string): SourcePlugin {
  return defineSource({
    className: 'org.apache.kafka.connect.file.FileStreamSourceConnector',
    aliases: ['io.syncline.file.FileSourceConnector'],
    version: '0.1.0',
    config: fileSourceConfig(root),
    fullOnly: 'a file is always read whole',
    singleTask: true,
    testConnection: ({ file }) => checkFile(root, file, readable),
    schemaOf: () => Promise.resolve(schema),
    identity: ({ file }) => JSON.stringify({ kind: 'file', file }),
    content: () => '',
    open: async ({ config }) => openFileSourceTask(await resolveFile(root, config.file), config),
  });
}

/**
 * The connection test of both file connectors. `mode` is what must be allowed (node:fs constants), `missing` what it means
 * that the file is not there.
 */
export async function checkFile(
  root: string,
  file: string,
  { mode, missing }: { readonly mode: number; readonly missing: Pick<CheckStep, 'ok' | 'detail'> },
): Promise<readonly CheckStep[]> {
  const startedAt = performance.now();
  const found = await tryFile(root, file, mode);
  const answer = found === 'missing' ? missing : found;
  return [{ name: 'open file', ...answer, tookMs: Math.round(performance.now() - startedAt) }];
}

async function tryFile(
  root: string,
  file: string,
  mode: number,
): Promise<'missing' | Pick<CheckStep, 'ok' | 'detail'>> {
  try {
    await access(await resolveFile(root, file), mode);
    return { ok: true, detail: `${file} may be opened` };
  } catch (error) {
    if (error instanceof SyncError) return { ok: false, detail: error.message };
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'missing';
    return { ok: false, detail: `${file} may not be opened by this process` };
  }
}
