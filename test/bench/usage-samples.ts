// Memory and CPU of a process over time: what a long run has to keep flat.
import { readFileSync } from 'node:fs';
import { cpuMsOf } from './process-usage.ts';

export interface UsageSample {
  /** Since the first sample, s. */
  readonly atS: number;
  /** Resident, MB. */
  readonly memoryMb: number;
  /** CPU since the sample before, in percent of one core. */
  readonly cpuPercent: number;
}

/** Samples until `stop`, which gives them all. */
export function sampleUsage(pid: number, everyMs: number): { stop(): readonly UsageSample[] } {
  const samples: UsageSample[] = [];
  const startedAt = performance.now();
  let last = { at: startedAt, cpuMs: cpuMsOf(pid) };
  const timer = setInterval(() => {
    const now = { at: performance.now(), cpuMs: cpuMsOf(pid) };
    samples.push({
      atS: Math.round((now.at - startedAt) / 1_000),
      memoryMb: Math.round(residentMbOf(pid)),
      cpuPercent: Math.round(((now.cpuMs - last.cpuMs) / (now.at - last.at)) * 100),
    });
    last = now;
  }, everyMs);
  return {
    stop: () => {
      clearInterval(timer);
      return samples;
    },
  };
}

/** The mean of each tenth of the time, a line for the reader. */
export function describeUsage(samples: readonly UsageSample[]): string {
  const size = Math.max(1, Math.ceil(samples.length / 10));
  const tenths = Array.from({ length: Math.ceil(samples.length / size) }, (_, i) =>
    samples.slice(i * size, (i + 1) * size),
  );
  const shown = tenths.map(
    (part) => `${mean(part.map((each) => each.memoryMb))} MB ${mean(part.map((each) => each.cpuPercent))} %`,
  );
  return shown.join(' · ');
}

/** How much more the last third needs than the middle one; 1: flat. The first third warms up. */
export function growth(samples: readonly UsageSample[], of: 'memoryMb' | 'cpuPercent'): number {
  const third = Math.floor(samples.length / 3);
  const middle = mean(samples.slice(third, 2 * third).map((each) => each[of]));
  return mean(samples.slice(2 * third).map((each) => each[of])) / Math.max(1, middle);
}

function mean(values: readonly number[]): number {
  return Math.round(values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length));
}

function residentMbOf(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? 0) / 1_000;
}
