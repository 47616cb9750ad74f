// Schedules: the next fires of a cron expression, from the same code that the scheduler uses.
import type { Static } from '@sinclair/typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyPluginAsync } from 'fastify';
import type { ApiParts } from '../api-parts.ts';
import { PreviewBody } from '../schemas.ts';

const PreviewAnswer = Type.Object({
  fires: Type.Array(Type.Object({ at: Type.Integer(), utc: Type.String() })),
});

export function scheduleRoutes(parts: ApiParts): FastifyPluginAsync {
  return async (server) => {
    server.post(
      '/schedules/preview',
      { schema: { operationId: 'previewSchedule', body: PreviewBody, response: { 200: PreviewAnswer } } },
      async (request) => {
        const { cron, timeZone, count } = request.body as Static<typeof PreviewBody>;
        const fires: { at: number; utc: string }[] = [];
        let at: number | null = await parts.jobs.databaseNow();
        while (fires.length < count) {
          at = parts.schedules.nextFire({ cron, timeZone }, at);
          if (at === null) break;
          fires.push({ at, utc: new Date(at).toISOString() });
        }
        return { fires };
      },
    );
    await Promise.resolve();
  };
}
