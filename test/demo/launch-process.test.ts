// Starting processes that outlive their launcher.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { launchProcess, readPidFile } from '../../src/stack/launch-process.ts';
import { stopProcess } from '../../src/stack/process-record.ts';
import { waitUntil } from '../support/wait-until.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'syncline-launch-'));
});
afterEach(async () => {
  const left = readPidFile(join(home, 'pid'));
  if (left !== undefined) await stopProcess(left, 'SIGKILL', 1_000);
  rmSync(home, { recursive: true });
});

function launch(script: string, isReady: () => Promise<boolean>, signal = new AbortController().signal) {
  return launchProcess({
    program: '/bin/sh',
    args: ['-c', script],
    cwd: home,
    logFile: join(home, 'log'),
    pidFile: join(home, 'pid'),
    signal,
    isReady,
  });
}

test('the pid file is written by the process itself and names it', async () => {
  const isReady = () => Promise.resolve(existsSync(join(home, 'up')));
  await launch('echo $$ >own; echo >up; while :; do sleep 0.05; done', isReady);
  const record = readPidFile(join(home, 'pid'));
  expect(record?.pid).toBe(Number(readFileSync(join(home, 'own'), 'utf8')));
});

test('a process that dies before it is ready is reported with its last words', async () => {
  await expect(launch('echo "no port left" >&2; exit 7', () => Promise.resolve(false))).rejects.toThrow(
    /ended with 7; its last lines:\nno port left/,
  );
  expect(readPidFile(join(home, 'pid'))).toBeUndefined();
});

test('an aborted wait ends with the reason of the abort and ends the process', async () => {
  const abort = new AbortController();
  const waiting = launch(
    'while :; do sleep 0.05; done',
    () => {
      abort.abort(new Error('no longer wanted'));
      return Promise.resolve(false);
    },
    abort.signal,
  );
  await expect(waiting).rejects.toThrow('no longer wanted');
  await waitUntil('the process is gone', () => readPidFile(join(home, 'pid')) === undefined);
});
