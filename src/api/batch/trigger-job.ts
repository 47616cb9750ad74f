// Triggering a job: of one, or of each of a batch.
import type { Run } from '../../core/run.ts';
import type { ApiParts } from '../api-parts.ts';
import { auditOf, requireJob } from '../job-lookup.ts';
import { refuseOtherRequest } from '../request/idempotency-key.ts';

/** `created`: false where the key was used for this run before. Throws NOT_FOUND, CONFLICT. */
export async function triggerJob(
  parts: ApiParts,
  id: string,
  { mode, idempotencyKey }: { readonly mode: Run['mode'] | null; readonly idempotencyKey: string | null },
): Promise<{ readonly run: Run; readonly created: boolean }> {
  const job = await requireJob(parts, id);
  const triggered = await parts.jobActs.trigger(job, {
    mode,
    idempotencyKey,
    audit: (made) => auditOf('job.trigger', { id, name: job.spec.name }, made.id),
  });
  if (!triggered.created) await refuseOtherRequest(parts, triggered.run, mode);
  return triggered;
}
