// Which process is ours: boot id, pid and start time together. A pid alone is used again by the kernel, so
// nothing is signalled before all three were compared with what runs now.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessRecord {
  readonly bootId: string;
  readonly pid: number;
  /** clock ticks since boot: field 22 of /proc/<pid>/stat */
  readonly startTicks: number;
}

const bootIdFile = '/proc/sys/kernel/random/boot_id';
const statePosition = 0;
const startTicksPosition = 19;
const pollMs = 20;
const killLimitMs = 10_000;

/** Returns the record of a process that runs now, or undefined. A zombie counts as gone. */
export function readProcess(pid: number): ProcessRecord | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  const bootId = readText(bootIdFile);
  if (stat === undefined || bootId === undefined) return undefined;
  const state = statFields(stat)[statePosition];
  return state === 'Z' || state === 'X' ? undefined : parseProcessRecord(`${bootId.trim()}\n${stat}`);
}

/** Reads what a launched process wrote of itself: the boot id on one line, its own stat line on the next. */
export function parseProcessRecord(text: string): ProcessRecord | undefined {
  const [bootId, stat] = text.split('\n');
  if (bootId === undefined || stat === undefined) return undefined;
  const pid = Number.parseInt(stat, 10);
  const startTicks = Number(statFields(stat)[startTicksPosition]);
  return Number.isSafeInteger(pid) && Number.isSafeInteger(startTicks)
    ? { bootId, pid, startTicks }
    : undefined;
}

export function isAlive(record: ProcessRecord): boolean {
  const now = readProcess(record.pid);
  return now !== undefined && now.bootId === record.bootId && now.startTicks === record.startTicks;
}

/** Signals politely, and after the limit kills. Returns when the process is gone. */
export async function stopProcess(
  record: ProcessRecord,
  signal: NodeJS.Signals,
  limitMs: number,
): Promise<void> {
  if (!signalProcess(record, record.pid, signal)) return;
  if (!(await waitGone(record, limitMs))) await killProcess(record);
}

/** For a process that leads a group, as all launched ones do: kills it and its children. */
export async function killProcess(record: ProcessRecord): Promise<void> {
  if (signalProcess(record, -record.pid, 'SIGKILL')) await waitGone(record, killLimitMs);
}

function signalProcess(record: ProcessRecord, target: number, signal: NodeJS.Signals): boolean {
  if (!isAlive(record)) return false;
  try {
    return process.kill(target, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

async function waitGone(record: ProcessRecord, limitMs: number): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  while (isAlive(record)) {
    if (performance.now() > deadline) return false;
    await sleep(pollMs);
  }
  return true;
}

// The second field is the program's name in parentheses and may hold blanks and parentheses itself.
function statFields(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
