// Starts a service that outlives its launcher, and waits until it answers.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, parseProcessRecord, type ProcessRecord } from './process-record.ts';
import { recordExecArgs } from './record-exec.ts';

export interface Launch {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly pidFile: string;
  readonly signal: AbortSignal;
  /** true when the service gave an answer of its own protocol */
  readonly isReady: () => Promise<boolean>;
}

const readyLimitMs = 180_000;
const pollMs = 75;
const shownLogLines = 25;

/** Returns when the service answers. Throws with its last log lines when it dies or stays silent. */
export async function launchProcess(launch: Launch): Promise<void> {
  rmSync(launch.pidFile, { force: true });
  const log = openSync(launch.logFile, 'w');
  const child = spawn('/bin/sh', recordExecArgs(launch.pidFile, launch.program, launch.args), {
    cwd: launch.cwd,
    env: { ...process.env, ...launch.env },
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let ended: string | undefined;
  child.once('exit', (code, signal) => (ended = `ended with ${String(code ?? signal)}`));
  child.once('error', (error) => (ended = error.message));
  child.unref();
  const deadline = performance.now() + readyLimitMs;
  while (!(existsSync(launch.pidFile) && (await launch.isReady()))) {
    // It may not be on record yet, and then nobody else could stop it.
    if (launch.signal.aborted && ended === undefined) killGroup(child.pid);
    launch.signal.throwIfAborted();
    if (performance.now() > deadline) ended ??= `gave no answer in ${readyLimitMs / 1000} s`;
    if (ended !== undefined)
      throw new Error(`${launch.program} ${ended}; its last lines:\n${logTail(launch.logFile)}`);
    await sleep(pollMs);
  }
}

/** A process that was started detached, and its children. */
export function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself a moment ago.
  }
}

/** The process that a pid file speaks of, when it still runs. */
export function readPidFile(pidFile: string): ProcessRecord | undefined {
  if (!existsSync(pidFile)) return undefined;
  const record = parseProcessRecord(readFileSync(pidFile, 'utf8'));
  return record !== undefined && isAlive(record) ? record : undefined;
}

function logTail(logFile: string): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-shownLogLines).join('\n');
}
