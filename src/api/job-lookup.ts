// What several job routes share: finding a job, showing it without its secrets, noting an act on it.
import type { Static } from '@sinclair/typebox';
import type { FastifyReply } from 'fastify';
import { findPlugin } from '../core/connector/plugin-registry.ts';
import { SyncError, toSyncError } from '../core/errors.ts';
import { placesOf } from '../core/planning/limit.ts';
import { hostsOf } from '../core/network/check-hosts.ts';
import type { AuditEntry, AuditOf } from '../core/ports/audit.ts';
import type { Job, JobHead, JobSpec } from '../core/job.ts';
import type { ApiParts } from './api-parts.ts';
import type { JobAnswer, JobBody } from './schemas.ts';
import { maskSpec } from './secret-values.ts';

/** Throws NOT_FOUND. */
export async function requireJob(parts: ApiParts, id: string): Promise<Job> {
  const job = await parts.jobs.read(id);
  if (job !== null) return job;
  throw new SyncError('NOT_FOUND', { message: `reading job ${id}: there is none`, field: 'id' });
}

/** Of a job that can't be opened, too. Throws NOT_FOUND. */
export async function requireHead(parts: ApiParts, id: string): Promise<JobHead> {
  const head = await parts.jobs.readHead(id);
  if (head !== null) return head;
  throw new SyncError('NOT_FOUND', { message: `reading job ${id}: there is none`, field: 'id' });
}

/** null: what is stored can't be opened, so nothing of it can be kept. */
export async function readStored({ jobs }: ApiParts, id: string): Promise<JobSpec | null> {
  try {
    return (await jobs.read(id))?.spec ?? null;
  } catch (error) {
    if (toSyncError(error).code === 'JOB_UNREADABLE') return null;
    throw error;
  }
}

export function showJob(job: Job, parts: ApiParts): Static<typeof JobAnswer> {
  const { id, version, deleting, nextFireAt, createdAt, updatedAt, pauseReason } = job;
  const pausedUntil = (job.pausedUntil ?? 0) > parts.clock.now() ? job.pausedUntil : null;
  const paused = job.paused || pausedUntil !== null;
  const spec = maskSpec(job.spec, parts) as JobBody;
  return {
    id,
    version,
    paused,
    pausedUntil,
    pauseReason: paused ? pauseReason : null,
    deleting,
    nextFireAt,
    createdAt,
    updatedAt,
    places: [
      ...placesOf(job.spec, ({ connector, config }) => hostsOf(findPlugin(parts.plugins, connector), config)),
    ],
    spec,
  };
}

/** Shows the job with its version as ETag, for the next If-Match. */
export function answerJob(reply: FastifyReply, job: Job, parts: ApiParts): Static<typeof JobAnswer> {
  void reply.header('etag', `"${job.version}"`);
  return showJob(job, parts);
}

/** Goes with the act on the job, into its transaction. */
export function auditOf(action: string, { id, name }: { id: string; name: string }, detail = ''): AuditEntry {
  return { actor: 'admin', action, object: `job ${id} (${name})`, detail };
}

export const auditedAs =
  (action: string): AuditOf<Job> =>
  ({ id, spec }) =>
    auditOf(action, { id, name: spec.name });
