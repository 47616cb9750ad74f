// What is shown of a program that failed: its last lines, and above them the lines that say what went wrong.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommand } from '../../src/stack/run-command.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'syncline-run-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const run = (script: string): Promise<void> =>
  runCommand({
    program: '/bin/sh',
    args: ['-c', script],
    cwd,
    pidFile: join(cwd, 'pid'),
    signal: new AbortController().signal,
  });

test('an error that pages of advice follow is not lost', async () => {
  const script =
    'echo installing; echo "ERROR: 1051  Unknown table"; for n in $(seq 60); do echo advice $n; done; exit 1';
  const failure = run(script);
  await expect(failure).rejects.toThrow(/ended with 1:\nERROR: 1051 {2}Unknown table\n…\nadvice 36\n/);
  await expect(failure).rejects.not.toThrow(/installing/);
});

test('an error among the last lines is shown once', async () => {
  const message = await run('echo one; echo "[ERROR] two"; exit 3').catch((error: unknown) => String(error));
  expect(message).toMatch(/ended with 3:\none\n\[ERROR\] two$/);
});
