// Acts on a job: pause, resume, trigger.
import type { Static } from '@sinclair/typebox';
import type { FastifyPluginAsync } from 'fastify';
import type { ApiParts } from '../api-parts.ts';
import { emptyBodyIsDefault } from '../request/empty-body.ts';
import { readIdempotencyKey } from '../request/idempotency-key.ts';
import { pauseJob, resumeJob } from '../batch/pause-job.ts';
import { triggerJob } from '../batch/trigger-job.ts';
import { answerJob } from '../job-lookup.ts';
import { IdParams, JobAnswer, PauseBody, RunAnswer, TriggerBody } from '../schemas.ts';
import { showRun } from '../show-run.ts';
import type { Id } from '../schemas.ts';

const schemas = {
  pause: { operationId: 'pauseJob', params: IdParams, body: PauseBody, response: { 200: JobAnswer } },
  resume: { operationId: 'resumeJob', params: IdParams, response: { 200: JobAnswer } },
  trigger: {
    operationId: 'triggerJob',
    params: IdParams,
    body: TriggerBody,
    response: { 200: RunAnswer, 202: RunAnswer },
  },
} as const;

export function jobActRoutes(parts: ApiParts): FastifyPluginAsync {
  return async (server) => {
    server.post(
      '/jobs/:id/pause',
      { schema: schemas.pause, preValidation: emptyBodyIsDefault },
      async (request, reply) => {
        const { id } = request.params as Id;
        return answerJob(reply, await pauseJob(parts, id, request.body as PauseBody), parts);
      },
    );

    server.post('/jobs/:id/resume', { schema: schemas.resume }, async (request, reply) => {
      const { id } = request.params as Id;
      return answerJob(reply, await resumeJob(parts, id), parts);
    });

    server.post(
      '/jobs/:id/runs',
      { schema: schemas.trigger, preValidation: emptyBodyIsDefault },
      async (request, reply) => {
        const {
          mode = null,
          parameters = {},
          cluster = null,
          executor = null,
        } = request.body as Static<typeof TriggerBody>;
        const idempotencyKey = readIdempotencyKey(request.headers['idempotency-key']);
        const { id } = request.params as Id;
        const { run, created } = await triggerJob(parts, id, {
          mode,
          parameters,
          cluster,
          executor,
          idempotencyKey,
        });
        return reply
          .code(created ? 202 : 200)
          .header('location', `/api/v1/runs/${run.id}`)
          .send(await showRun(parts, run));
      },
    );
    await Promise.resolve();
  };
}
