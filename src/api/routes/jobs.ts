// Jobs: create, list, read, update, delete, validate.
import type { Static } from '@sinclair/typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyPluginAsync } from 'fastify';
import type { JobSpec } from '../../core/job.ts';
import type { FirstFire } from '../../core/ports/jobs.ts';
import type { ApiParts } from '../api-parts.ts';
import { findProblems, requireSound } from '../job-checks.ts';
import { deleteJob } from '../delete-job.ts';
import {
  answerJob,
  auditedAs,
  auditOf,
  readStored,
  requireHead,
  requireJob,
  showJob,
} from '../job-lookup.ts';
import {
  DeletedAnswer,
  DeleteQuery,
  IdParams,
  JobAnswer,
  JobBody,
  JobHeadAnswer,
  JobListQuery,
  ProblemsAnswer,
  SavedJobAnswer,
} from '../schemas.ts';
import type { Id } from '../schemas.ts';
import { readVersion } from '../request/if-match.ts';
import { keepSecrets } from '../secret-values.ts';

const schemas = {
  create: { operationId: 'createJob', body: JobBody, response: { 201: SavedJobAnswer } },
  list: {
    operationId: 'listJobs',
    querystring: JobListQuery,
    response: { 200: Type.Object({ jobs: Type.Array(JobAnswer), unreadable: Type.Array(JobHeadAnswer) }) },
  },
  read: { operationId: 'readJob', params: IdParams, response: { 200: JobAnswer } },
  update: { operationId: 'updateJob', params: IdParams, body: JobBody, response: { 200: SavedJobAnswer } },
  remove: {
    operationId: 'deleteJob',
    params: IdParams,
    querystring: DeleteQuery,
    response: { 200: DeletedAnswer, 204: Type.Null() },
  },
  validate: { operationId: 'validateJob', body: JobBody, response: { 200: ProblemsAnswer } },
} as const;

export function jobRoutes(parts: ApiParts): FastifyPluginAsync {
  const { jobs } = parts;

  return async (server) => {
    server.post('/jobs', { schema: schemas.create }, async (request, reply) => {
      const spec = keepSecrets(request.body as JobSpec, null, parts);
      const notes = await requireSound(spec, parts);
      const firstFire: FirstFire = (now, calendars) =>
        parts.schedules.firstFire(spec.schedule, now, calendars);
      const job = await jobs.create(spec, firstFire, auditedAs('job.create'));
      return reply
        .code(201)
        .header('location', `/api/v1/jobs/${job.id}`)
        .send({ ...answerJob(reply, job, parts), notes });
    });

    server.get('/jobs', { schema: schemas.list }, async (request) => {
      const { limit, before, ...filter } = request.query as Static<typeof JobListQuery>;
      const { jobs: found, unreadable } = await jobs.list({ limit, before: before ?? null, ...filter });
      return { jobs: found.map((job) => showJob(job, parts)), unreadable };
    });

    server.get('/jobs/:id', { schema: schemas.read }, async (request, reply) =>
      answerJob(reply, await requireJob(parts, (request.params as Id).id), parts),
    );

    server.put('/jobs/:id', { schema: schemas.update }, async (request, reply) => {
      const { id } = await requireHead(parts, (request.params as Id).id);
      const version = readVersion(request.headers['if-match']);
      const spec = keepSecrets(request.body as JobSpec, await readStored(parts, id), parts);
      const notes = await requireSound(spec, parts, id);
      const { settle } = parts.schedules;
      const job = await jobs.update({ id, version, spec, settle }, (changed) =>
        auditOf('job.update', { id, name: spec.name }, `version ${version} → ${changed.version}`),
      );
      return { ...answerJob(reply, job, parts), notes };
    });

    server.delete('/jobs/:id', { schema: schemas.remove }, async (request, reply) => {
      const head = await requireHead(parts, (request.params as Id).id);
      const version = readVersion(request.headers['if-match']);
      const { force } = request.query as Static<typeof DeleteQuery>;
      const deleted = await deleteJob(parts, head, { version, force });
      return deleted.left.length === 0 ? reply.code(204).send() : reply.code(200).send(deleted);
    });

    server.post('/jobs/validate', { schema: schemas.validate }, async (request) => {
      const { problems, notes } = await findProblems(request.body as JobSpec, parts);
      return { ok: problems.length === 0, problems, notes };
    });
    await Promise.resolve();
  };
}
