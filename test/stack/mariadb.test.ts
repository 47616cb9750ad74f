// A server that starts removes what older ones left in its folder of temporary files; in a folder of several servers that is the
// others' tables, in mid use. Seen with installations side by side, of which a third failed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { mariadb } from '../../src/stack/services/mariadb.ts';
import { defaultSettings } from '../../src/stack/stack-service.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'syncline-maria-'));
  for (const tool of mariadb.tools) writeFileSync(join(folder, tool), '', { mode: 0o755 });
  vi.stubEnv('PATH', `${folder}:${process.env['PATH'] ?? ''}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test('installation and server keep their temporary files in the folder of their own stack', async () => {
  const calls: (readonly string[])[] = [];
  await mariadb.start({
    folder,
    kept: undefined,
    logFile: join(folder, 'log'),
    jarDir: '',
    settings: defaultSettings,
    endpoints: {},
    signal: new AbortController().signal,
    progress: () => undefined,
    run: (_, args) => Promise.resolve(void calls.push(args)),
    launch: ({ args }) => Promise.resolve(void calls.push(args)),
  });
  expect(calls).toHaveLength(2);
  for (const args of calls) expect(args).toContain(`--tmpdir=${join(folder, 'tmp')}`);
});
