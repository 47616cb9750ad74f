// Removes what a job left outside Syncline's database: its connectors, and its rows in the target's ledger.
import { toSyncError, type SyncError } from '../src/core/errors.ts';
import type { Job } from '../src/core/job.ts';
import { requireReachable } from '../src/core/network/check-hosts.ts';
import type { ExecutorParts } from './executor-parts.ts';
import { wireJob, type Wiring } from './run/wire-job.ts';

/** What could not be removed, and why. */
export interface Leftover {
  readonly what: 'connectors' | 'ledger';
  readonly error: SyncError;
}

/** Called before the job itself is deleted; each is tried whatever becomes of the other, and repeating it is harmless. */
export async function removeJobResources(
  parts: Pick<ExecutorParts, 'clusters' | 'plugins' | 'refuse'>,
  job: Job,
): Promise<readonly Leftover[]> {
  const left: Leftover[] = [];
  const attempt = async (what: Leftover['what'], work: (wiring: Wiring) => Promise<void>): Promise<void> => {
    try {
      await work(await wireJob(parts, job.id, job.spec));
    } catch (error) {
      left.push({ what, error: toSyncError(error) });
    }
  };
  await attempt('connectors', removeConnectors);
  await attempt('ledger', async (wiring) => {
    await requireReachable(parts, job.spec.sink, 'sink.config');
    await removeLedgerRows(job.id, wiring);
  });
  return left;
}

/** A cluster that is away keeps no connector of another one. */
async function removeConnectors({ source, sink }: Wiring): Promise<void> {
  const removals = await Promise.allSettled([source, sink].map(({ cluster, name }) => cluster.remove(name)));
  for (const removal of removals) if (removal.status === 'rejected') throw removal.reason;
}

async function removeLedgerRows(jobId: string, { plugins, sink }: Wiring): Promise<void> {
  if (plugins.sink === null) return;
  const ledger = await plugins.sink.openLedger(sink.config);
  try {
    await ledger.remove(jobId);
  } finally {
    await ledger.close();
  }
}
