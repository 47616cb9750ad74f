// Runs a program to its end (initdb, mvn, format …) and shows its last lines when it fails.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly input?: string;
  readonly signal?: AbortSignal;
  readonly onLine?: (line: string) => void;
}

const keptLines = 25;

/** Resolves on exit code 0. Throws with the last lines of output otherwise, or when aborted. */
export async function runCommand(command: Command): Promise<void> {
  const tail: string[] = [];
  const keep = (line: string) => {
    tail.push(line);
    if (tail.length > keptLines) tail.shift();
    command.onLine?.(line);
  };
  const outcome = await new Promise<string>((resolve, reject) => {
    const child = spawn(command.program, command.args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
      ...(command.signal === undefined ? {} : { signal: command.signal }),
    });
    createInterface({ input: child.stdout }).on('line', keep);
    createInterface({ input: child.stderr }).on('line', keep);
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(String(code ?? signal)));
    child.stdin.on('error', () => undefined);
    child.stdin.end(command.input ?? '');
  });
  if (outcome !== '0') throw new Error(`${command.program} ended with ${outcome}:\n${tail.join('\n')}`);
}
