// A lock between processes: a file that names its holder. A holder that died does not hold it any more.
import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, readProcess, type ProcessRecord } from './process-record.ts';

export interface LockWait {
  readonly signal?: AbortSignal;
  /** called once, when somebody else holds the lock */
  readonly onWait?: (holderPid: number) => void;
}

const pollMs = 100;

/** Runs the work while holding the lock. The work may throw; aborting ends the wait only. */
export async function withFileLock<T>(path: string, wait: LockWait, work: () => Promise<T>): Promise<T> {
  await takeLock(path, wait);
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

async function takeLock(path: string, wait: LockWait): Promise<void> {
  let told = false;
  while (!createLock(path)) {
    wait.signal?.throwIfAborted();
    const holder = readHolder(path);
    if (holder !== undefined && !isAlive(holder)) {
      removeStale(path);
      continue;
    }
    if (!told && holder !== undefined) wait.onWait?.(holder.pid);
    told = true;
    await sleep(pollMs);
  }
}

// Written aside and linked, so that a lock is never seen without its holder's name.
function createLock(path: string): boolean {
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify(readProcess(process.pid)));
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

// Moved aside first: if another process was quicker and holds a lock of its own by now, it gets it back.
function removeStale(path: string): void {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
    const holder = readHolder(aside);
    if (holder !== undefined && isAlive(holder)) linkSync(aside, path);
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function readHolder(path: string): ProcessRecord | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessRecord;
  } catch {
    return undefined;
  }
}
