// The few lines that a run leaves in its log: kept here until the store took them.
import type { Clock } from '../../src/core/clock.ts';
import type { LogLine, RunStore } from '../../src/core/ports/runs.ts';
import type { Scrub } from '../../src/core/secrets/scrub.ts';

export interface RunLog {
  add(level: LogLine['level'], message: string): void;
  /** Throws DATABASE_UNREACHABLE; the lines are kept for the next time. */
  flush(): Promise<void>;
}

export function createRunLog(options: {
  runs: Pick<RunStore, 'addLog'>;
  clock: Clock;
  runId: string;
  scrub: Scrub;
}): RunLog {
  let waiting: LogLine[] = [];
  let flushing: Promise<void> = Promise.resolve();
  const flushOnce = async (): Promise<void> => {
    if (waiting.length === 0) return;
    const lines = waiting;
    waiting = [];
    try {
      await options.runs.addLog(options.runId, lines);
    } catch (error) {
      waiting = [...lines, ...waiting];
      throw error;
    }
  };
  return {
    add: (level, message) =>
      void waiting.push({ at: options.clock.now(), level, message: options.scrub(message) }),
    flush: () => {
      flushing = flushing.catch(() => undefined).then(flushOnce);
      return flushing;
    },
  };
}
