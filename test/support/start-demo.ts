// The demo as a user starts it, in a folder of the test's own, and what is left of it.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { findFreePort } from '../../src/stack/free-port.ts';

export interface DemoProcess {
  /** All lines so far. */
  readonly lines: readonly string[];
  /** Resolves with the first line that matches, past or to come; fails when the demo ends without one. */
  sees(pattern: RegExp): Promise<string>;
  /** What Ctrl-C sends. */
  interrupt(): void;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
}

export async function startDemo(
  dir: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<DemoProcess> {
  const ports = {
    SYNCLINE_API_PORT: String(await findFreePort()),
    SYNCLINE_WORKER_PORT: String(await findFreePort()),
  };
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/demo/demo.ts', ...args], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], SYNCLINE_DEMO_DIR: dir, ...ports, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const watchers = new Set<(line: string | null) => void>();
  const tell = (line: string | null): void => {
    if (line !== null) lines.push(line);
    for (const watcher of watchers) watcher(line);
  };
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', tell);
  const ended = new Promise<number | null>((resolve) =>
    child.once('close', (code) => {
      tell(null);
      resolve(code);
    }),
  );
  return {
    lines,
    ended,
    interrupt: () => void child.kill('SIGINT'),
    sees: (pattern) =>
      new Promise((resolve, reject) => {
        const watch = (line: string | null): void => {
          if (line !== null && !pattern.test(line)) return;
          watchers.delete(watch);
          if (line !== null) resolve(line);
          else reject(new Error(`the demo ended without ${String(pattern)}:\n${lines.join('\n')}`));
        };
        const seen = lines.find((line) => pattern.test(line));
        if (seen !== undefined) resolve(seen);
        else watchers.add(watch);
      }),
  };
}

/** Commands of all processes that work in the folder or have it on their command line. */
export function processesIn(dir: string): readonly string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const isIn = readlinkSync(`/proc/${pid}/cwd`).startsWith(dir) || command.includes(dir);
        return isIn ? [command] : [];
      } catch {
        // It ended while we looked.
        return [];
      }
    });
}
