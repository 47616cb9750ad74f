// Knowing a process again.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import {
  isAlive,
  killProcess,
  parseProcessRecord,
  readProcess,
  stopProcess,
} from '../../src/stack/process-record.ts';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

async function startShell(script: string) {
  const child = spawn('/bin/sh', ['-c', `${script}; echo ready; while :; do sleep 0.05; done`], {
    detached: true,
  });
  children.push(child);
  await once(child.stdout, 'data');
  const record = readProcess(child.pid ?? 0);
  if (record === undefined) throw new Error('the child does not run');
  return { child, record };
}

test('a running process is alive by its record, and not by one with another start time or boot', async () => {
  const { record } = await startShell(':');
  expect(isAlive(record)).toBe(true);
  expect(isAlive({ ...record, startTicks: record.startTicks - 1 })).toBe(false);
  expect(isAlive({ ...record, bootId: 'another boot' })).toBe(false);
});

test('a process whose pid was given to another one is not signalled', async () => {
  const { record } = await startShell(':');
  await stopProcess({ ...record, startTicks: record.startTicks - 1 }, 'SIGKILL', 1_000);
  expect(isAlive(record)).toBe(true);
});

test('a process that ignores the polite signal is killed after the limit', async () => {
  const { child, record } = await startShell("trap '' TERM");
  const exit = once(child, 'exit');
  await stopProcess(record, 'SIGTERM', 100);
  expect(isAlive(record)).toBe(false);
  expect(await exit).toEqual([null, 'SIGKILL']);
});

test('a kill takes the children of the process along', async () => {
  const { child, record } = await startShell('sleep 60 & echo $! >&2');
  const [pid] = (await once(child.stderr, 'data')) as [Buffer];
  const grandchild = readProcess(Number(pid.toString()));
  expect(grandchild !== undefined && isAlive(grandchild)).toBe(true);
  await killProcess(record);
  await expect.poll(() => grandchild !== undefined && isAlive(grandchild)).toBe(false);
});

test('a program name with blanks and parentheses does not shift the fields', () => {
  const fields = Array.from({ length: 20 }, (_, index) => String(100 + index)).join(' ');
  expect(parseProcessRecord(`boot\n42 (a) b (c)) ${fields}`)).toEqual({
    bootId: 'boot',
    pid: 42,
    startTicks: 119,
  });
  expect(parseProcessRecord('boot\n')).toBeUndefined();
  expect(parseProcessRecord('')).toBeUndefined();
});
