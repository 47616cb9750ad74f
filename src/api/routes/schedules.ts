// Schedules: what an expression means, in words and in fires, from the same code that the scheduler uses.
import type { Static } from '@sinclair/typebox';
import type { FastifyPluginAsync } from 'fastify';
import type { ApiParts } from '../api-parts.ts';
import { PreviewAnswer, PreviewBody } from '../schemas/schedule-schemas.ts';

export function scheduleRoutes(parts: ApiParts): FastifyPluginAsync {
  return async (server) => {
    server.post(
      '/schedules/preview',
      { schema: { operationId: 'previewSchedule', body: PreviewBody, response: { 200: PreviewAnswer } } },
      async (request) => {
        const { count, previous, ...when } = request.body as Static<typeof PreviewBody>;
        return parts.schedules.preview(when, { now: await parts.jobs.databaseNow(), count, previous });
      },
    );
    await Promise.resolve();
  };
}
