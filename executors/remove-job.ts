// Removes what a job left outside Syncline's database: its connectors, and its rows in the target's ledger.
import type { Job } from '../src/core/job.ts';
import type { ExecutorParts } from './executor-parts.ts';
import { wireJob } from './wire-job.ts';

/**
 * Called before the job itself is deleted; repeating it is harmless. Throws CONNECT_UNREACHABLE, TARGET_UNREACHABLE and the
 * like when something could not be removed, BAD_INPUT or NOT_FOUND when the job names what this process doesn't know.
 */
export async function removeJobResources(
  parts: Pick<ExecutorParts, 'clusters' | 'plugins'>,
  job: Job,
): Promise<void> {
  const wiring = wireJob(parts, job.id, job.spec);
  await wiring.cluster.remove(wiring.names.source);
  await wiring.cluster.remove(wiring.names.sink);
  if (wiring.sink === null) return;
  const ledger = await wiring.sink.openLedger(wiring.sinkConfig);
  try {
    await ledger.remove(job.id);
  } finally {
    await ledger.close();
  }
}
