// The check of a job: what its next run would meet, before it runs.
import type { Static } from '@sinclair/typebox';
import type { FastifyPluginAsync } from 'fastify';
import type { JobSpec } from '../../core/job.ts';
import type { ApiParts } from '../api-parts.ts';
import { checkJob } from '../check-job.ts';
import { readStored, requireHead, requireJob } from '../job-lookup.ts';
import { CheckAnswer, CheckQuery, IdParams, JobBody } from '../schemas.ts';
import { keepSecrets } from '../secret-values.ts';

export function connectionRoutes(parts: ApiParts): FastifyPluginAsync {
  return async (server) => {
    server.post(
      '/jobs/check',
      {
        schema: {
          operationId: 'checkConnections',
          querystring: CheckQuery,
          body: JobBody,
          response: { 200: CheckAnswer },
        },
      },
      async (request) => {
        const { job: id } = request.query as Static<typeof CheckQuery>;
        const body = request.body as JobSpec;
        if (id === undefined)
          return checkJob({ id: null, spec: keepSecrets(body, null, parts), version: 1 }, parts);
        const { version } = await requireHead(parts, id);
        const spec = keepSecrets(body, await readStored(parts, id), parts);
        return checkJob({ id, spec, version: version + 1 }, parts);
      },
    );
    server.post(
      '/jobs/:id/check',
      { schema: { operationId: 'checkJob', params: IdParams, response: { 200: CheckAnswer } } },
      async (request) => {
        const { id, spec, version } = await requireJob(parts, (request.params as Static<typeof IdParams>).id);
        return checkJob({ id, spec, version }, parts);
      },
    );
    await Promise.resolve();
  };
}
