// CPU time and peak memory of a process, from /proc.
import { readFileSync } from 'node:fs';

const TICK_MS = 10;

/** User and system time of all threads so far, ms. */
export function cpuMsOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Largest resident size so far, MB. */
export function peakMemoryMbOf(pid: number): number {
  const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? 0) / 1_000;
}
