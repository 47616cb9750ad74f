// What a job's templates come to: of a saved job, and of a specification.
import { Type, type Static } from '@sinclair/typebox';
import type { FastifyPluginAsync } from 'fastify';
import type { JobSpec } from '../../core/job.ts';
import type { ApiParts } from '../api-parts.ts';
import { requireJob } from '../job-lookup.ts';
import { IdParams, JobBody, type Id } from '../schemas.ts';
import { TemplatePreviewAnswer, TemplatePreviewBody } from '../schemas/parameter-schemas.ts';
import { closed } from '../schemas/shapes.ts';
import { previewTemplates } from '../templates.ts';

const SpecBody = Type.Object({ ...TemplatePreviewBody.properties, spec: JobBody }, closed);

const schemas = {
  saved: {
    operationId: 'previewTemplates',
    params: IdParams,
    body: TemplatePreviewBody,
    response: { 200: TemplatePreviewAnswer },
  },
  spec: {
    operationId: 'previewTemplatesOf',
    body: SpecBody,
    response: { 200: TemplatePreviewAnswer },
  },
} as const;

export function templateRoutes(parts: ApiParts): FastifyPluginAsync {
  return async (server) => {
    server.post('/jobs/:id/templates/preview', { schema: schemas.saved }, async (request) => {
      const job = await requireJob(parts, (request.params as Id).id);
      return previewTemplates(parts, job, request.body as Static<typeof TemplatePreviewBody>);
    });

    server.post('/templates/preview', { schema: schemas.spec }, async (request) => {
      const { spec, ...asked } = request.body as Static<typeof SpecBody>;
      return previewTemplates(parts, { spec: spec as JobSpec, nextFireAt: null }, asked);
    });
    await Promise.resolve();
  };
}
