// Pausing and resuming a job: of one, or of each of a batch.
import { SyncError } from '../../core/errors.ts';
import type { Job } from '../../core/job.ts';
import type { ApiParts } from '../api-parts.ts';
import { auditOf } from '../job-lookup.ts';
import { problemOfText } from '../plain-text.ts';
import type { PauseBody } from '../schemas.ts';

/** Throws NOT_FOUND, BAD_INPUT naming `until` or `reason`. */
export async function pauseJob(parts: ApiParts, id: string, { reason, until }: PauseBody): Promise<Job> {
  const problem = reason === undefined ? null : problemOfText(reason);
  if (problem !== null)
    throw new SyncError('BAD_INPUT', { message: `the reason ${problem}`, field: 'reason' });
  const end = until === undefined ? undefined : instantOf(until);
  const change = {
    id,
    paused: true,
    ...(end === undefined ? {} : { until: end }),
    ...(reason === undefined ? {} : { reason }),
    settle: parts.schedules.settle,
  };
  const detail = [until === undefined ? '' : `until ${until}`, reason ?? '']
    .filter((part) => part !== '')
    .join(': ');
  return parts.jobs.setPaused(change, (job) => auditOf('job.pause', { id, name: job.spec.name }, detail));
}

/** Throws NOT_FOUND. */
export function resumeJob({ jobs, schedules }: ApiParts, id: string): Promise<Job> {
  return jobs.setPaused({ id, paused: false, settle: schedules.settle }, (job) =>
    auditOf('job.resume', { id, name: job.spec.name }),
  );
}

function instantOf(text: string): number {
  const at = Date.parse(text);
  if (!Number.isNaN(at)) return at;
  const message = `${JSON.stringify(text)} is no instant; right is for example 2027-01-31T02:00:00+08:00`;
  throw new SyncError('BAD_INPUT', { message, field: 'until' });
}
