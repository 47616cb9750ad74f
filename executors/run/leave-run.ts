// This process ends, the run goes on: its connectors live elsewhere or come back, its records lie in Kafka, its state in the
// target. Whoever takes it over next – another executor, or this one's next start – finds all of it there.
import { toSyncError } from '../../src/core/errors.ts';
import { within } from '../../src/core/waiting/within.ts';
import type { Reached, RunSession } from './run-session.ts';
import { liveReport, saveProgress } from './save-progress.ts';

/** Thrown out of a step that was let go of. */
export class LeftRun extends Error {
  constructor() {
    super('left to the next executor');
    this.name = 'LeftRun';
  }
}

/** Longer, and the lease ends by itself. */
const LIMIT_MS = 3_000;

export async function leaveRun(session: RunSession, reached: Reached): Promise<void> {
  const { executor, run, log, lease } = session;
  const { clock, owner, runs } = executor;
  lease.release();
  log.add('info', `left by ${owner}, which is shut down: the next executor goes on with it`);
  const leave = async (): Promise<void> => {
    await log.flush();
    if (reached.watched !== null)
      await saveProgress(session, liveReport(session, reached, clock.monotonic()));
    await runs.release({ id: run.id, owner });
  };
  try {
    await within({ clock, ms: LIMIT_MS, onLimit: () => undefined }, leave());
  } catch (error) {
    const message = `leaving the run: ${toSyncError(error).message}`;
    executor.emit({ type: 'run.note', jobId: run.jobId, runId: run.id, message });
  }
}
