// Acts on a run: cancel, retry.
import type { Static } from '@sinclair/typebox';
import type { FastifyPluginAsync } from 'fastify';
import { SyncError } from '../../core/errors.ts';
import type { AuditEntry } from '../../core/ports/audit.ts';
import { isTerminal, type Run } from '../../core/run.ts';
import type { ApiParts } from '../api-parts.ts';
import { emptyBodyIsDefault } from '../request/empty-body.ts';
import { IdParams, RetryBody, RunAnswer } from '../schemas.ts';
import { showRun } from '../show-run.ts';
import type { Id } from '../schemas.ts';
import { requireRun } from './runs.ts';

const schemas = {
  cancel: { operationId: 'cancelRun', params: IdParams, response: { 202: RunAnswer } },
  retry: { operationId: 'retryRun', params: IdParams, body: RetryBody, response: { 202: RunAnswer } },
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
      const after = await parts.jobActs.cancel(run.id, ({ id }) => auditOf('run.cancel', id));
      return reply.code(202).send(await showRun(parts, after ?? run));
    });

    server.post(
      '/runs/:id/retry',
      { schema: schemas.retry, preValidation: emptyBodyIsDefault },
      async (request, reply) => {
        const { id } = await requireRun(parts, (request.params as Id).id);
        const { version, mode } = request.body as Static<typeof RetryBody>;
        const asked = { id, version, mode: mode ?? null };
        const { run, created } = await parts.jobActs.retry(asked, (made) =>
          auditOf('run.retry', id, made.id),
        );
        if (!created) throw inTheWay(id, run);
        return reply
          .code(202)
          .header('location', `/api/v1/runs/${run.id}`)
          .send(await showRun(parts, run));
      },
    );
    await Promise.resolve();
  };
}

function auditOf(action: string, runId: string, detail = ''): AuditEntry {
  return { actor: 'admin', action, object: `run ${runId}`, detail };
}

function inTheWay(id: string, { id: other, state, attempt }: Run): SyncError {
  const which = other === id ? 'it' : `run ${other}, attempt ${attempt} of the same instant,`;
  const what = isTerminal(state)
    ? `has already ${state}; trigger the job for another run`
    : `is already ${state}`;
  return new SyncError('CONFLICT', { message: `retrying run ${id}: ${which} ${what}` });
}
