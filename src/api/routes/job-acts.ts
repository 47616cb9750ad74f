// Acts on a job: pause, resume, trigger.
import type { Static } from '@sinclair/typebox';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { SyncError } from '../../core/errors.ts';
import type { ApiParts } from '../api-parts.ts';
import { answerJob, auditJob, requireJob } from '../job-lookup.ts';
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
        const job = await jobs.setPaused({ id, paused, settle: parts.schedules.settle });
        await auditJob(parts, `job.${act}`, job);
        return answerJob(reply, job, parts);
      });

    server.post(
      '/jobs/:id/runs',
      { schema: schemas.trigger, preValidation: emptyBodyIsDefault },
      async (request, reply) => {
        const job = await requireJob(parts, (request.params as Id).id);
        const { mode } = request.body as Static<typeof TriggerBody>;
        const idempotencyKey = readIdempotencyKey(request.headers['idempotency-key']);
        const { run, created } = await parts.jobActs.trigger(job, { mode: mode ?? null, idempotencyKey });
        if (created) await auditJob(parts, 'job.trigger', job, run.id);
        return reply
          .code(created ? 202 : 200)
          .header('location', `/api/v1/runs/${run.id}`)
          .send(showRun(run));
      },
    );
    await Promise.resolve();
  };
}

/** A trigger needs no body. */
function emptyBodyIsDefault(request: FastifyRequest, _reply: FastifyReply, done: () => void): void {
  request.body ??= {};
  done();
}

function readIdempotencyKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  if (typeof header === 'string' && header.length >= 1 && header.length <= 128) return header;
  throw new SyncError('BAD_INPUT', {
    message: 'reading Idempotency-Key: it must have 1 to 128 characters',
    field: 'Idempotency-Key',
  });
}
