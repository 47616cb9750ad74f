// How a process starts: from a backup; and what stops it is said in a code, words and hints in two languages, never as a stack.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildStale } from '../../src/build-stale.js';
import { startSyncline } from '../support/start-syncline.ts';

const root = resolve(import.meta.dirname, '../..');
let folder = '';

beforeAll(() => buildStale());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'syncline-start-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a start', { timeout: 120_000 }, () => {
  it.each(['api', 'worker'])('names the %s port that is taken, and how to choose another', async (server) => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((ready) => other.once('listening', ready));
    const { port } = other.address() as AddressInfo;
    const free = server === 'api' ? '--worker-port' : '--api-port';
    const { code, stdout, stderr } = await start([
      ...['--data-dir', folder, `--${server}-port`, String(port), free, '0'],
    ]);
    other.close();
    expect(stdout).not.toContain('syncline_');
    expect(stderr.includes('connect worker stopped')).toBe(server === 'api');
    expect(code).toBe(1);
    expect(stderr).toContain(`PORT_UNUSABLE: opening the port of the`);
    expect(stderr).toContain(`127.0.0.1:${port} is in use by another program`);
    expect(stderr).toContain('--api-port');
    expect(stderr).toContain('请停止占用该端口的程序');
    expect(stderr).not.toMatch(/\n *at /);
  });

  it('names a data folder that is a file', async () => {
    const path = join(folder, 'file');
    await writeFile(path, '');
    const { code, stderr } = await start(['--data-dir', path]);
    expect(code).toBe(1);
    expect(stderr).toContain(`DATA_DIR_UNUSABLE: opening the data folder ${path}`);
    expect(stderr).not.toMatch(/\n *at /);
  });

  it('names a data folder that no user may write to', async () => {
    const { code, stderr } = await start(['--data-dir', '/sys/syncline']);
    expect(code).toBe(1);
    expect(stderr).toContain('DATA_DIR_UNUSABLE: opening the data folder /sys/syncline');
    expect(stderr).not.toMatch(/\n *at /);
  });

  it('names a place where nobody can make a folder', async () => {
    const { code, stderr } = await start(['--data-dir', '/proc/syncline']);
    expect(code).toBe(1);
    expect(stderr).toContain('DATA_DIR_UNUSABLE: opening the data folder /proc/syncline');
  });

  it('names the process that has the data folder, which a killed one has no more', async () => {
    const first = await startSyncline({ dataDir: folder });
    try {
      const { code, stderr } = await start(['--data-dir', folder, '--api-port', '0', '--worker-port', '0']);
      expect(code).toBe(1);
      expect(stderr).toContain(`process ${first.process.pid ?? 0} has it in the data folder ${folder}`);
    } finally {
      await first.kill();
    }
    const second = await startSyncline({ dataDir: folder });
    expect(await second.stop()).toBe(0);
  });

  it('is started from a backup that was made while it ran', async () => {
    const first = await startSyncline({ dataDir: folder });
    const copy = join(folder, 'copy');
    const made = await run([join(root, 'dist/src/main.js'), 'backup', '--data-dir', folder, '--to', copy]);
    expect(made).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('syncline.db') as string,
    });
    const again = await run([join(root, 'dist/src/main.js'), 'backup', '--data-dir', folder, '--to', copy]);
    expect(again.stderr).toContain(`BAD_INPUT: backing up to ${copy}: it is not empty`);
    await first.stop();
    const second = await startSyncline({ dataDir: copy });
    expect((await second.api('GET', '/api/v1/jobs')).status).toBe(200);
    expect(await second.stop()).toBe(0);
  });

  it('gives help wherever it is asked for', async () => {
    for (const args of [['--help'], ['start', '--help'], ['start', '-h']]) {
      const { code, stdout, stderr } = await run([join(root, 'dist/src/main.js'), ...args]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain('usage: syncline start');
    }
  });

  it('says which Node.js it needs before anything is loaded', async () => {
    const older = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'18.20.1'}})`;
    const { code, stderr } = await run(['--import', older, 'src/build-stale.js', 'main', '--help']);
    expect(code).toBe(1);
    expect(stderr).toContain('Syncline needs Node.js 20.19 or newer');
    expect(stderr).toContain('Syncline 需要 Node.js 20.19');
  });
});

function start(args: readonly string[]): ReturnType<typeof run> {
  return run([join(root, 'dist/src/main.js'), 'start', ...args]);
}

async function run(
  args: readonly string[],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((ended) => child.once('close', ended));
  return { code, stdout, stderr };
}
