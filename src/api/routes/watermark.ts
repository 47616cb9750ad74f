// The watermark of a job, kept in its target: read, and the audited reset.
import type { Static } from '@sinclair/typebox';
import type { FastifyPluginAsync } from 'fastify';
import { SyncError, toSyncError } from '../../core/errors.ts';
import type { JobSpec } from '../../core/job.ts';
import { findPlugin } from '../../core/connector/plugin-registry.ts';
import { isPosition, readPositionOf } from '../../core/position.ts';
import type { Position } from '../../core/position.ts';
import type { ApiParts } from '../api-parts.ts';
import { IdParams, WatermarkAnswer, WatermarkBody } from '../schemas.ts';
import { problemOfText } from '../plain-text.ts';
import { auditOf, requireJob } from '../job-lookup.ts';

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
        const { watermark: said, reason, confirm } = request.body as Static<typeof WatermarkBody>;
        const hidden = problemOfText(reason);
        if (hidden !== null)
          throw new SyncError('BAD_INPUT', { message: `reading reason: it ${hidden}`, field: 'reason' });
        if (confirm !== job.spec.name) {
          throw new SyncError('BAD_INPUT', {
            message: `reading confirm: '${confirm}' is not the job's name`,
            field: 'confirm',
          });
        }
        const watermark = said === null ? null : await readPosition(parts, job.spec, said);
        const before = await read(job.id);
        // It lies in the target, so that no transaction holds both: said before it is done, and what became of it afterwards.
        const audit = (detail: string): Promise<void> =>
          parts.jobs.addAudit(auditOf('watermark.reset', { id: job.id, name: job.spec.name }, detail));
        const what = `${String(before.watermark)} → ${String(watermark)}`;
        await audit(`${what}: ${reason}`);
        try {
          await parts.jobActs.resetWatermark(job.spec, job.id, { watermark, epoch: before.epoch });
        } catch (error) {
          await audit(`${what}: not done: ${toSyncError(error).message}`);
          throw error;
        }
        await audit(`${what}: done`);
        return { watermark, epoch: before.epoch + 1 };
      },
    );
    await Promise.resolve();
  };
}

/** As the source writes it; one that it has not reached would let runs read nothing and call it proved. */
async function readPosition(parts: ApiParts, spec: JobSpec, said: string): Promise<Position> {
  const plugin = findPlugin(parts.plugins, spec.source.connector);
  const now = await parts.jobs.databaseNow();
  return readPositionOf('watermark', () => {
    if (plugin?.type === 'source' && plugin.positions === undefined)
      throw wrong(`this source has no positions (${plugin.fullOnly ?? 'it is read in full'}); write null`);
    const position =
      plugin?.type === 'source' ? plugin.positions?.(spec.source.config).read(said, now) : said.trim();
    if (position !== undefined && isPosition(position)) return position;
    throw wrong(`'${said}' is no position: write 1 to 255 printable characters`);
  });
}

function wrong(message: string): SyncError {
  return new SyncError('BAD_INPUT', { message });
}
