// Data intervals of a job: which fires were done, late or run again, and which nobody did.
import { Type, type Static } from '@sinclair/typebox';
import type { FastifyPluginAsync } from 'fastify';
import { SyncError } from '../../core/errors.ts';
import type { Interval } from '../../core/planning/interval.ts';
import { judgeIntervals } from '../../core/planning/judge-intervals.ts';
import { defaultMisfireGraceMs } from '../../core/schedule.ts';
import type { ApiParts } from '../api-parts.ts';
import { requireCalendars } from '../checks/check-calendars.ts';
import { requireJob } from '../job-lookup.ts';
import { IdParams, RunAnswer, type Id } from '../schemas.ts';
import { intervalFields, IntervalQuery } from '../schemas/interval-schemas.ts';
import { showRuns } from '../show-run.ts';

const IntervalsAnswer = Type.Object({
  intervals: Type.Array(
    Type.Object({
      ...intervalFields,
      run: Type.Union([RunAnswer, Type.Null()], { description: 'Its newest attempt; null: missed.' }),
    }),
    { description: 'Newest first. The next page: to = the from of the last one.' },
  ),
});

/** Rows that one answer looks at: attempts are bounded, so this is rarely reached. */
const maxRows = 5_000;

export function intervalRoutes(parts: ApiParts): FastifyPluginAsync {
  return async (server) => {
    server.get(
      '/jobs/:id/intervals',
      {
        schema: {
          operationId: 'listIntervals',
          params: IdParams,
          querystring: IntervalQuery,
          response: { 200: IntervalsAnswer },
        },
      },
      async (request) => {
        const { id, createdAt, spec } = await requireJob(parts, (request.params as Id).id);
        const query = request.query as Static<typeof IntervalQuery>;
        const now = await parts.jobs.databaseNow();
        const to = Math.min(now, readInstant('to', query.to) ?? now);
        const from = readInstant('from', query.from) ?? createdAt;
        const range = { from, to, limit: query.limit };
        const { schedule } = spec;
        const calendars = await requireCalendars(parts, schedule?.calendars ?? []);
        const fires = schedule === null ? [] : parts.schedules.intervals({ ...schedule, calendars }, range);
        const oldest = fires.length < query.limit ? from : (fires.at(-1)?.to ?? from);
        const rows = await parts.runs.listPlanned({ jobId: id, from: oldest, to, limit: maxRows });
        return show(
          parts,
          judgeIntervals(fires, rows).filter(({ to: end }) => end > from),
          schedule?.misfireGraceMs,
        );
      },
    );
    await Promise.resolve();
  };
}

async function show(
  parts: ApiParts,
  intervals: ReturnType<typeof judgeIntervals>,
  graceMs = defaultMisfireGraceMs,
): Promise<object> {
  const shown = await showRuns(
    parts,
    intervals.flatMap(({ run }) => run ?? []),
  );
  const byId = new Map(shown.map((run) => [run.id, run]));
  return {
    intervals: intervals.map((interval) => ({
      ...interval,
      late: (interval.lateMs ?? 0) > graceMs,
      run: interval.run === null ? null : (byId.get(interval.run.id) ?? null),
    })),
  };
}

/** Throws BAD_INPUT: the pattern lets 31 February through. */
function readInstant(field: keyof Interval, text: string | undefined): number | null {
  if (text === undefined) return null;
  const at = Date.parse(text);
  if (!Number.isNaN(at)) return at;
  const message = `${JSON.stringify(text)} is no instant; write one as 2027-01-31T02:00:00Z`;
  throw new SyncError('BAD_INPUT', { message, field });
}
