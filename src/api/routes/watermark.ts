// The watermark of a job, kept in its target: read, and the audited reset.
import type { Static } from '@sinclair/typebox';
import type { FastifyPluginAsync } from 'fastify';
import { SyncError } from '../../core/errors.ts';
import type { JobSpec } from '../../core/job.ts';
import { findPlugin } from '../../core/connector/plugin-registry.ts';
import type { ApiParts } from '../api-parts.ts';
import { IdParams, WatermarkAnswer, WatermarkBody } from '../schemas.ts';
import { problemOfText } from '../plain-text.ts';
import { auditJob, requireJob } from '../job-lookup.ts';

type Id = Static<typeof IdParams>;

export function watermarkRoutes(parts: ApiParts): FastifyPluginAsync {
  const read = async (id: string): Promise<Static<typeof WatermarkAnswer>> => {
    const job = await requireJob(parts, id);
    return (await parts.jobActs.readWatermark(job.spec, job.id)) ?? { watermark: null, epoch: 0 };
  };
  return async (server) => {
    server.get(
      '/jobs/:id/watermark',
      { schema: { operationId: 'readWatermark', params: IdParams, response: { 200: WatermarkAnswer } } },
      (request) => read((request.params as Id).id),
    );

    server.put(
      '/jobs/:id/watermark',
      {
        schema: {
          operationId: 'resetWatermark',
          params: IdParams,
          body: WatermarkBody,
          response: { 200: WatermarkAnswer },
        },
      },
      async (request) => {
        const job = await requireJob(parts, (request.params as Id).id);
        const { watermark, reason, confirm } = request.body as Static<typeof WatermarkBody>;
        const hidden = problemOfText(reason);
        if (hidden !== null)
          throw new SyncError('BAD_INPUT', { message: `reading reason: it ${hidden}`, field: 'reason' });
        if (confirm !== job.spec.name) {
          throw new SyncError('BAD_INPUT', {
            message: `reading confirm: '${confirm}' is not the job's name`,
            field: 'confirm',
          });
        }
        await refuseFuture(job.spec, watermark, parts);
        const before = await read(job.id);
        await auditJob(
          parts,
          'watermark.reset',
          job,
          `${String(before.watermark)} → ${String(watermark)}: ${reason}`,
        );
        await parts.jobActs.resetWatermark(job.spec, job.id, watermark);
        return read(job.id);
      },
    );
    await Promise.resolve();
  };
}

/** Clocks differ a little; more than this is no clock's matter. */
const TOLERANCE_MS = 60_000;

/** A position that the source has not reached would let runs read nothing and call it proved. */
async function refuseFuture(spec: JobSpec, watermark: number | null, parts: ApiParts): Promise<void> {
  const plugin = findPlugin(parts.plugins, spec.source.connector);
  const isTime = plugin?.type !== 'source' || (plugin.hasTimePositions?.(spec.source.config) ?? true);
  if (watermark === null || !isTime) return;
  const now = await parts.jobs.databaseNow();
  if (watermark <= now + TOLERANCE_MS) return;
  throw new SyncError('BAD_INPUT', {
    message: `reading watermark: ${watermark} is ${new Date(watermark).toISOString()}, which is still to come (it is ${new Date(now).toISOString()}): runs would read nothing until then; write a time in milliseconds since 1970 that has passed`,
    field: 'watermark',
  });
}
