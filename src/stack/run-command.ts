// Runs a program to its end (initdb, mvn, format …) and shows its last lines when it fails, and its errors where these are not among
// them: some programs follow an error with pages of advice.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { killGroup } from './launch-process.ts';
import { recordExecArgs } from './record-exec.ts';

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** the process is on record there while it runs; used again by the next one */
  readonly pidFile: string;
  readonly input?: string;
  readonly signal: AbortSignal;
  readonly onLine?: (line: string) => void;
}

const keptLines = 25;
const keptErrors = 10;
const isError = (line: string): boolean => /\b(ERROR|FATAL)\b/.test(line);

/** Resolves on exit code 0. Throws with the last lines of output otherwise, or when aborted. */
export async function runCommand(command: Command): Promise<void> {
  const tail: string[] = [];
  const errors: string[] = [];
  const keep = (line: string) => {
    tail.push(line);
    const gone = tail.length > keptLines ? tail.shift() : undefined;
    if (gone !== undefined && isError(gone) && errors.length < keptErrors) errors.push(gone);
    command.onLine?.(line);
  };
  command.signal.throwIfAborted();
  const outcome = await new Promise<string>((resolve, reject) => {
    const child = spawn('/bin/sh', recordExecArgs(command.pidFile, command.program, command.args), {
      cwd: command.cwd,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    // Some of them are scripts: their children go with them.
    const kill = () => killGroup(child.pid);
    command.signal.addEventListener('abort', kill);
    createInterface({ input: child.stdout }).on('line', keep);
    createInterface({ input: child.stderr }).on('line', keep);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      command.signal.removeEventListener('abort', kill);
      resolve(String(code ?? signal));
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(command.input ?? '');
  });
  command.signal.throwIfAborted();
  if (outcome === '0') return;
  const lines = errors.length === 0 ? tail : [...errors, '…', ...tail];
  throw new Error(`${command.program} ended with ${outcome}:\n${lines.join('\n')}`);
}
