// Runs: list, read, report, log lines.
import type { Static } from '@sinclair/typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyPluginAsync } from 'fastify';
import { SyncError } from '../../core/errors.ts';
import type { Run } from '../../core/run.ts';
import type { ApiParts } from '../api-parts.ts';
import { showRun, showRuns } from '../show-run.ts';
import { IdParams, LogAnswer, LogQuery, ReportAnswer, RunAnswer, RunListQuery } from '../schemas.ts';
import type { Id } from '../schemas.ts';

const schemas = {
  list: {
    operationId: 'listRuns',
    querystring: RunListQuery,
    response: { 200: Type.Object({ runs: Type.Array(RunAnswer) }) },
  },
  read: { operationId: 'readRun', params: IdParams, response: { 200: RunAnswer } },
  report: { operationId: 'readRunReport', params: IdParams, response: { 200: ReportAnswer } },
  log: {
    operationId: 'readRunLog',
    params: IdParams,
    querystring: LogQuery,
    response: { 200: LogAnswer },
  },
} as const;

export function runRoutes(parts: ApiParts): FastifyPluginAsync {
  const { runs } = parts;
  return async (server) => {
    server.get('/runs', { schema: schemas.list }, async (request) => {
      const { limit, before, jobId, state } = request.query as Static<typeof RunListQuery>;
      const filter = { jobId: jobId ?? null, state: state ?? null, limit, before: before ?? null };
      return { runs: await showRuns(parts, await runs.list(filter)) };
    });

    server.get('/runs/:id', { schema: schemas.read }, async (request) =>
      showRun(parts, await requireRun(parts, (request.params as Id).id)),
    );

    server.get('/runs/:id/report', { schema: schemas.report }, async (request) => {
      const run = await showRun(parts, await requireRun(parts, (request.params as Id).id));
      const { id, state, interval, reason, report } = run;
      return { runId: id, state, interval, reason, report };
    });

    server.get('/runs/:id/log', { schema: schemas.log }, async (request) => {
      const { id } = await requireRun(parts, (request.params as Id).id);
      const { after, limit } = request.query as Static<typeof LogQuery>;
      return { lines: await runs.readLog(id, after, limit) };
    });
    await Promise.resolve();
  };
}

/** Throws NOT_FOUND. */
export async function requireRun(parts: ApiParts, id: string): Promise<Run> {
  const run = await parts.runs.read(id);
  if (run !== null) return run;
  throw new SyncError('NOT_FOUND', { message: `reading run ${id}: there is none`, field: 'id' });
}
