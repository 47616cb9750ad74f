// One act on several jobs, one after another: what fails with one keeps the others from nothing, and is told beside it.
import type { Static } from '@sinclair/typebox';
import { SyncError, toSyncError } from '../../core/errors.ts';
import type { JobHead } from '../../core/job.ts';
import type { ApiParts } from '../api-parts.ts';
import { deleteJob } from '../delete-job.ts';
import type { BatchAnswer, BatchBody } from '../schemas/batch-schemas.ts';
import { pauseJob, resumeJob } from './pause-job.ts';
import { selectJobs } from './select-jobs.ts';
import { triggerJob } from './trigger-job.ts';

type Hit = Static<typeof BatchAnswer>['jobs'][number];

/** Throws CONFLICT where what is hit is not what was shown, BAD_INPUT where a field has no effect. */
export async function runBatch(
  parts: ApiParts,
  body: BatchBody,
  idempotencyKey: string | null,
): Promise<Static<typeof BatchAnswer>> {
  refuseIdle(body);
  const { jobs, digest } = await selectJobs(parts, body.act, body.select);
  if (digest !== body.digest)
    throw new SyncError('CONFLICT', {
      message: `the choice now hits other jobs, or other versions of them, than the preview ${body.digest} showed: look at it again`,
      field: 'digest',
    });
  const hits: Hit[] = [];
  for (const job of jobs) {
    const { id, name, version } = job;
    try {
      hits.push({ id, name, version, ok: true, ...(await actOn(parts, job, { body, idempotencyKey })) });
    } catch (error) {
      const { code, message, field } = toSyncError(error);
      if (code === 'DATABASE_UNREACHABLE') throw error;
      const told = { code, message, ...(field === undefined ? {} : { field }) };
      hits.push({ id, name, version, ok: false, error: told });
    }
  }
  return { done: hits.filter(({ ok }) => ok).length, jobs: hits };
}

interface Asked {
  readonly body: BatchBody;
  readonly idempotencyKey: string | null;
}

async function actOn(
  parts: ApiParts,
  head: JobHead,
  { body, idempotencyKey }: Asked,
): Promise<{ readonly runId?: string }> {
  const { id, version } = head;
  switch (body.act) {
    case 'pause':
      await pauseJob(parts, id, body);
      return {};
    case 'resume':
      await resumeJob(parts, id);
      return {};
    case 'trigger': {
      const { mode = null, parameters = {} } = body;
      const { run } = await triggerJob(parts, id, {
        mode,
        parameters,
        cluster: null,
        executor: null,
        idempotencyKey,
      });
      return { runId: run.id };
    }
    case 'delete':
      await deleteJob(parts, head, { version, force: body.force ?? false });
      return {};
  }
}

const fieldsOf: Readonly<Record<BatchBody['act'], readonly string[]>> = {
  pause: ['reason', 'until'],
  resume: [],
  trigger: ['mode', 'parameters'],
  delete: ['force'],
};

function refuseIdle(body: BatchBody): void {
  for (const field of ['reason', 'until', 'mode', 'parameters', 'force'] as const) {
    if (body[field] === undefined || fieldsOf[body.act].includes(field)) continue;
    const message = `${JSON.stringify(body[field])} has no effect with the act ${body.act}: remove it`;
    throw new SyncError('BAD_INPUT', { message, field });
  }
}
