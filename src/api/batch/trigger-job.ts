// Triggering a job: of one, or of each of a batch.
import type { Run } from '../../core/run.ts';
import type { ApiParts } from '../api-parts.ts';
import { auditOf, requireJob } from '../job-lookup.ts';
import { requirePlace } from '../checks/check-place.ts';
import { refuseOtherRequest } from '../request/idempotency-key.ts';
import { requireGiven } from '../templates.ts';

export interface TriggerRequest {
  readonly mode: Run['mode'] | null;
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  readonly cluster: string | null;
  readonly executor: string | null;
  readonly idempotencyKey: string | null;
}

/** `created`: false where the key was used for this run before. Throws NOT_FOUND, CONFLICT, BAD_INPUT naming a parameter. */
export async function triggerJob(
  parts: ApiParts,
  id: string,
  { mode, parameters: given, idempotencyKey, ...asked }: TriggerRequest,
): Promise<{ readonly run: Run; readonly created: boolean }> {
  const job = await requireJob(parts, id);
  const parameters = await requireGiven(parts, job.spec, given);
  const place = await requirePlace(parts, job.spec, asked);
  const triggered = await parts.jobActs.trigger(job, {
    mode,
    parameters,
    ...place,
    idempotencyKey,
    audit: (made) => auditOf('job.trigger', { id, name: job.spec.name }, made.id),
  });
  if (!triggered.created) await refuseOtherRequest(parts, triggered.run, { mode, parameters, ...place });
  return triggered;
}
