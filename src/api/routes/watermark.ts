// The watermark of a job, kept in its target: read, and the audited reset.
import type { Static } from '@sinclair/typebox';
import type { FastifyPluginAsync } from 'fastify';
import { SyncError } from '../../core/errors.ts';
import type { ApiParts } from '../api-parts.ts';
import { IdParams, WatermarkAnswer, WatermarkBody } from '../schemas.ts';
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
        if (confirm !== job.spec.name) {
          throw new SyncError('BAD_INPUT', {
            message: `reading confirm: '${confirm}' is not the job's name`,
            field: 'confirm',
          });
        }
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
