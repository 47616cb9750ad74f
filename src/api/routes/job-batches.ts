// Acts on several jobs at once: first a preview of what is hit, then the act, held to it.
import type { Static } from '@sinclair/typebox';
import type { FastifyPluginAsync } from 'fastify';
import type { ApiParts } from '../api-parts.ts';
import { runBatch } from '../batch/run-batch.ts';
import { effectOf, selectJobs } from '../batch/select-jobs.ts';
import { readIdempotencyKey } from '../request/idempotency-key.ts';
import { BatchAnswer, BatchBody, BatchPreviewAnswer, BatchPreviewBody } from '../schemas/batch-schemas.ts';

const unchanged = { en: 'stays as it is', zh: '保持不变' };

const schemas = {
  preview: {
    operationId: 'previewJobBatch',
    body: BatchPreviewBody,
    response: { 200: BatchPreviewAnswer },
  },
  act: { operationId: 'runJobBatch', body: BatchBody, response: { 200: BatchAnswer } },
} as const;

export function jobBatchRoutes(parts: ApiParts): FastifyPluginAsync {
  return async (server) => {
    server.post('/job-batches/preview', { schema: schemas.preview }, async (request) => {
      const { act, select } = request.body as Static<typeof BatchPreviewBody>;
      const { jobs, digest } = await selectJobs(parts, act, select);
      const now = parts.clock.now();
      const shown = jobs.map((job) => {
        const effect = effectOf(act, job, now);
        const { id, name, version } = job;
        return { id, name, version, effect: effect ?? unchanged, changes: effect !== null };
      });
      return { jobs: shown, digest };
    });

    server.post('/job-batches', { schema: schemas.act }, async (request) =>
      runBatch(parts, request.body as BatchBody, readIdempotencyKey(request.headers['idempotency-key'])),
    );
    await Promise.resolve();
  };
}
