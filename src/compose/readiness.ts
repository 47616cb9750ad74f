// What /readyz asks. Required is what every request needs; a Connect cluster that is away, or a job that can't be read, is said
// and takes nobody out of service.
import { statfs } from 'node:fs/promises';
import type { ReadinessCheck } from '../api/api-parts.ts';
import type { Config } from '../config.ts';
import { SyncError } from '../core/errors.ts';
import type { ConnectCluster } from '../core/ports/connect-cluster.ts';
import type { Adapters } from './adapters.ts';

/** Below this the embedded database and the worker's notes are about to fail. */
const LOW_DISK_BYTES = 64_000_000;

export function readinessOf(
  { dataDir }: Pick<Config, 'dataDir'>,
  { store, queue, log }: Pick<Adapters, 'store' | 'queue' | 'log'>,
  clusters: ReadonlyMap<string, ConnectCluster>,
): ReadonlyMap<string, ReadinessCheck> {
  return new Map<string, ReadinessCheck>([
    ['database', { required: true, ask: together(() => store.jobs.ping()) }],
    ['queue', { required: true, ask: () => queue.ping() }],
    ['log', { required: true, ask: () => log.ping() }],
    ['disk', { required: true, ask: () => checkDisk(dataDir) }],
    ['jobs', { required: false, ask: () => checkJobs(store.jobs) }],
    ...[...clusters].map(
      ([name, cluster]) => [`connect ${name}`, { required: false, ask: () => cluster.ping() }] as const,
    ),
  ]);
}

/** Anybody may ask, without a token: who asks meanwhile gets the same answer, so that the database is written by one at a time. */
function together(ask: () => Promise<void>): () => Promise<void> {
  let asked: Promise<void> | null = null;
  return () => (asked ??= ask().finally(() => (asked = null)));
}

async function checkDisk(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= LOW_DISK_BYTES) return;
  const message = `looking at the disk of ${folder}: ${Math.floor(free / 1_000_000)} MB are free, ${LOW_DISK_BYTES / 1_000_000} MB are needed`;
  throw new SyncError('DATA_DIR_UNUSABLE', { message, field: 'dataDir' });
}

async function checkJobs(jobs: Adapters['store']['jobs']): Promise<void> {
  const [first, ...others] = await jobs.listUnreadable();
  if (first === undefined) return;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  const message = `job ${first.name} does not fire${more}: ${first.unreadable ?? ''}`;
  throw new SyncError('SECRET_KEY_WRONG', { message });
}
