// Removes what a job left outside Syncline's database: its connectors, and its rows in the target's ledger.
import { toSyncError, type SyncError } from '../src/core/errors.ts';
import type { Job } from '../src/core/job.ts';
import type { ExecutorParts } from './executor-parts.ts';
import { wireJob, type Wiring } from './run/wire-job.ts';

/** What could not be removed, and why. */
export interface Leftover {
  readonly what: 'connectors' | 'ledger';
  readonly error: SyncError;
}

/** Called before the job itself is deleted; each is tried whatever becomes of the other, and repeating it is harmless. */
export async function removeJobResources(
  parts: Pick<ExecutorParts, 'clusters' | 'plugins'>,
  job: Job,
): Promise<readonly Leftover[]> {
  const left: Leftover[] = [];
  const attempt = async (what: Leftover['what'], work: (wiring: Wiring) => Promise<void>): Promise<void> => {
    try {
      await work(wireJob(parts, job.id, job.spec));
    } catch (error) {
      left.push({ what, error: toSyncError(error) });
    }
  };
  await attempt('connectors', async ({ cluster, names }) => {
    await cluster.remove(names.source);
    await cluster.remove(names.sink);
  });
  await attempt('ledger', ({ sink, sinkConfig }) => removeLedgerRows(job.id, { sink, sinkConfig }));
  return left;
}

async function removeLedgerRows(
  jobId: string,
  { sink, sinkConfig }: Pick<Wiring, 'sink' | 'sinkConfig'>,
): Promise<void> {
  if (sink === null) return;
  const ledger = await sink.openLedger(sinkConfig);
  try {
    await ledger.remove(jobId);
  } finally {
    await ledger.close();
  }
}
