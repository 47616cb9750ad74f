// Follows the runs of a job through the admin API, shows each as a line, and waits for what the caller wants to see.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from '../core/run.ts';
import { isTerminal } from '../core/run.ts';
import { noCounts } from '../core/status.ts';
import type { AdminClient } from './admin-client.ts';
import { isProved, runLine, stageOf } from './show/run-line.ts';
import type { Terminal } from './show/terminal.ts';
import type { DemoTexts } from './show/texts.ts';

const pollMs = 250;

export interface RunWatch {
  /** All runs so far, oldest first. */
  readonly runs: readonly Run[];
  /** Resolves once `isEnough` says so of all runs; throws after `limitMs`, and when a run ended unproved and `strict`. */
  until(wanted: {
    isEnough: (runs: readonly Run[]) => boolean;
    limitMs: number;
    strict: boolean;
  }): Promise<void>;
  /** Shows runs that have work or were asked for, until the signal. */
  forever(): Promise<void>;
}

export function watchRuns(parts: {
  admin: AdminClient;
  jobId: string;
  terminal: Terminal;
  texts: DemoTexts;
  signal: AbortSignal;
}): RunWatch {
  const { admin, jobId, terminal, texts, signal } = parts;
  let runs: readonly Run[] = [];
  const ended = new Set<string>();

  const look = async (showIdle: boolean): Promise<void> => {
    runs = await admin.listRuns(jobId);
    for (const [index, run] of runs.entries()) {
      if (ended.has(run.id)) continue;
      const line = runLine(run, index + 1, texts, Date.now());
      const over = isTerminal(run.state);
      if (over) ended.add(run.id);
      if (over && (showIdle || !isIdle(run))) terminal.finish(run.id, line);
      else if (showIdle) terminal.update(run.id, line);
    }
  };

  return {
    get runs() {
      return runs;
    },
    until: async ({ isEnough, limitMs, strict }) => {
      const deadline = performance.now() + limitMs;
      for (;;) {
        await look(true);
        const unproved = runs.find(isUnproved);
        if (strict && unproved !== undefined) throw new UnprovedRun(unproved, texts);
        if (isEnough(runs)) return;
        if (performance.now() > deadline) throw new Error(texts.noRuns(limitMs / 1000));
        await sleep(pollMs, undefined, { signal });
      }
    },
    forever: async () => {
      try {
        for (;;) {
          await look(false);
          await sleep(pollMs, undefined, { signal });
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
  };
}

/** A run that ended in another way than it should. */
export class UnprovedRun extends Error {
  constructor(run: Run, texts: DemoTexts) {
    const doubts = run.report?.notProved.map(texts.say).join(' · ') ?? '';
    super(`run ${run.id} ended as ${stageOf(run)}: ${run.reason?.message ?? doubts}`);
    this.name = 'UnprovedRun';
  }
}

/** A fire that was skipped because the run before it was still going is as it should be. */
export function isUnproved(run: Run): boolean {
  return isTerminal(run.state) && run.state !== 'skipped' && !isProved(run);
}

/** A fire of the schedule for which nothing was there to be done, and nothing went wrong. */
function isIdle(run: Run): boolean {
  if (run.trigger.kind !== 'schedule') return false;
  const { read, removed } = run.report?.counts ?? noCounts;
  return run.state === 'skipped' || (isProved(run) && (read ?? 0) + (removed ?? 0) === 0);
}
