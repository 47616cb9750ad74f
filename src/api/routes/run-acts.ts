// Acts on a run: cancel, retry.
import type { FastifyPluginAsync } from 'fastify';
import { SyncError } from '../../core/errors.ts';
import { isTerminal } from '../../core/run.ts';
import type { ApiParts } from '../api-parts.ts';
import { requireJob } from '../job-lookup.ts';
import { IdParams, RunAnswer } from '../schemas.ts';
import { showRun } from '../show-run.ts';
import type { Id } from '../schemas.ts';
import { requireRun } from './runs.ts';

const schemas = {
  cancel: { operationId: 'cancelRun', params: IdParams, response: { 202: RunAnswer } },
  retry: { operationId: 'retryRun', params: IdParams, response: { 202: RunAnswer } },
} as const;

export function runActRoutes(parts: ApiParts): FastifyPluginAsync {
  return async (server) => {
    server.post('/runs/:id/cancel', { schema: schemas.cancel }, async (request, reply) => {
      const run = await requireRun(parts, (request.params as Id).id);
      if (isTerminal(run.state)) {
        throw new SyncError('CONFLICT', {
          message: `cancelling run ${run.id}: it already ended as ${run.state}`,
        });
      }
      const after = await parts.jobActs.cancel(run.id);
      await parts.jobs.addAudit({
        actor: 'admin',
        action: 'run.cancel',
        object: `run ${run.id}`,
        detail: '',
      });
      return reply.code(202).send(showRun(after ?? run));
    });

    server.post('/runs/:id/retry', { schema: schemas.retry }, async (request, reply) => {
      const run = await requireRun(parts, (request.params as Id).id);
      if (!isTerminal(run.state)) {
        throw new SyncError('CONFLICT', { message: `retrying run ${run.id}: it is still ${run.state}` });
      }
      await requireJob(parts, run.jobId);
      const next = await parts.jobActs.retry(run);
      await parts.jobs.addAudit({
        actor: 'admin',
        action: 'run.retry',
        object: `run ${run.id}`,
        detail: next.id,
      });
      return reply.code(202).header('location', `/api/v1/runs/${next.id}`).send(showRun(next));
    });
    await Promise.resolve();
  };
}
