// Schedules: what an expression means, in words and in fires, from the same code that the scheduler uses.
import type { Static } from '@sinclair/typebox';
import type { FastifyPluginAsync } from 'fastify';
import { SyncError } from '../../core/errors.ts';
import type { ApiParts } from '../api-parts.ts';
import { requireCalendars } from '../checks/check-calendars.ts';
import { PreviewAnswer, PreviewBody } from '../schemas/schedule-schemas.ts';

export function scheduleRoutes(parts: ApiParts): FastifyPluginAsync {
  return async (server) => {
    server.post(
      '/schedules/preview',
      { schema: { operationId: 'previewSchedule', body: PreviewBody, response: { 200: PreviewAnswer } } },
      async (request) => {
        const { count, previous, calendars = [], ...when } = request.body as Static<typeof PreviewBody>;
        const now = await parts.jobs.databaseNow();
        return asOfBody(async () => {
          const named = await requireCalendars(parts, calendars);
          return parts.schedules.preview({ ...when, calendars: named }, { now, count, previous });
        });
      },
    );
    await Promise.resolve();
  };
}

/** Errors name the field of a job (`schedule.cron`); here the body is the schedule itself. */
async function asOfBody<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SyncError) || error.field?.startsWith('schedule.') !== true) throw error;
    const { code, message, retriable } = error;
    throw new SyncError(code, {
      message,
      retriable,
      field: error.field.slice('schedule.'.length),
      cause: error,
    });
  }
}
