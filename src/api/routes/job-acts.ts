// Acts on a job: pause, resume, trigger.
import type { Static } from '@sinclair/typebox';
import type { FastifyPluginAsync } from 'fastify';
import { SyncError } from '../../core/errors.ts';
import type { Run } from '../../core/run.ts';
import type { ApiParts } from '../api-parts.ts';
import { emptyBodyIsDefault } from '../empty-body.ts';
import { answerJob, auditedAs, auditOf, requireJob } from '../job-lookup.ts';
import { IdParams, JobAnswer, RunAnswer, TriggerBody } from '../schemas.ts';
import { showRun } from '../show-run.ts';
import type { Id } from '../schemas.ts';

const schemas = {
  pause: { operationId: 'pauseJob', params: IdParams, response: { 200: JobAnswer } },
  resume: { operationId: 'resumeJob', params: IdParams, response: { 200: JobAnswer } },
  trigger: {
    operationId: 'triggerJob',
    params: IdParams,
    body: TriggerBody,
    response: { 200: RunAnswer, 202: RunAnswer },
  },
} as const;

export function jobActRoutes(parts: ApiParts): FastifyPluginAsync {
  const { jobs } = parts;
  return async (server) => {
    for (const [act, paused] of [
      ['pause', true],
      ['resume', false],
    ] as const)
      server.post(`/jobs/:id/${act}`, { schema: schemas[act] }, async (request, reply) => {
        const { id } = request.params as Id;
        const { settle } = parts.schedules;
        const job = await jobs.setPaused({ id, paused, settle }, auditedAs(`job.${act}`));
        return answerJob(reply, job, parts);
      });

    server.post(
      '/jobs/:id/runs',
      { schema: schemas.trigger, preValidation: emptyBodyIsDefault },
      async (request, reply) => {
        const job = await requireJob(parts, (request.params as Id).id);
        const { mode } = request.body as Static<typeof TriggerBody>;
        const idempotencyKey = readIdempotencyKey(request.headers['idempotency-key']);
        const { run, created } = await parts.jobActs.trigger(job, {
          mode: mode ?? null,
          idempotencyKey,
          audit: (made) => auditOf('job.trigger', { id: job.id, name: job.spec.name }, made.id),
        });
        if (!created) await refuseOtherRequest(parts, run, mode ?? null);
        return reply
          .code(created ? 202 : 200)
          .header('location', `/api/v1/runs/${run.id}`)
          .send(showRun(run));
      },
    );
    await Promise.resolve();
  };
}

function readIdempotencyKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  if (typeof header === 'string' && header.length >= 1 && header.length <= 128) return header;
  throw new SyncError('BAD_INPUT', {
    message: 'reading Idempotency-Key: it must have 1 to 128 characters',
    field: 'Idempotency-Key',
  });
}

/** One key stands for one request: what would have run then decides, though the job may have changed since. */
async function refuseOtherRequest({ jobs }: ApiParts, run: Run, mode: Run['mode'] | null): Promise<void> {
  const asked = mode ?? (await jobs.readVersion(run.jobId, run.jobVersion))?.mode ?? run.mode;
  if (asked === run.mode) return;
  throw new SyncError('CONFLICT', {
    message: `reading Idempotency-Key: it was used for run ${run.id} in mode ${run.mode}, and now asks for mode ${asked}; send another key`,
    field: 'Idempotency-Key',
  });
}
