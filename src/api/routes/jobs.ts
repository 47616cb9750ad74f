// Jobs: create, list, read, update, delete, validate.
import type { Static } from '@sinclair/typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyPluginAsync } from 'fastify';
import { SyncError } from '../../core/errors.ts';
import type { Job, JobSpec } from '../../core/job.ts';
import { activeStates } from '../../core/run.ts';
import type { ApiParts } from '../api-parts.ts';
import { findProblems, requireSound } from '../job-checks.ts';
import { answerJob, auditJob, requireJob, showJob } from '../job-lookup.ts';
import { IdParams, JobAnswer, JobBody, PageQuery, ProblemsAnswer } from '../schemas.ts';
import type { Id } from '../schemas.ts';
import { keepSecrets } from '../secret-values.ts';

const schemas = {
  create: { operationId: 'createJob', body: JobBody, response: { 201: JobAnswer } },
  list: {
    operationId: 'listJobs',
    querystring: PageQuery,
    response: { 200: Type.Object({ jobs: Type.Array(JobAnswer) }) },
  },
  read: { operationId: 'readJob', params: IdParams, response: { 200: JobAnswer } },
  update: { operationId: 'updateJob', params: IdParams, body: JobBody, response: { 200: JobAnswer } },
  remove: { operationId: 'deleteJob', params: IdParams },
  validate: { operationId: 'validateJob', body: JobBody, response: { 200: ProblemsAnswer } },
} as const;

export function jobRoutes(parts: ApiParts): FastifyPluginAsync {
  const { jobs } = parts;

  return async (server) => {
    server.post('/jobs', { schema: schemas.create }, async (request, reply) => {
      const spec = keepSecrets(request.body as JobSpec, null, parts.plugins);
      await requireSound(spec, parts);
      const job = await jobs.create(spec, (now) => parts.schedules.firstFire(spec.schedule, now));
      await auditJob(parts, 'job.create', job);
      return reply
        .code(201)
        .header('location', `/api/v1/jobs/${job.id}`)
        .send(answerJob(reply, job, parts));
    });

    server.get('/jobs', { schema: schemas.list }, async (request) => {
      const { limit, before } = request.query as Static<typeof PageQuery>;
      const page = await jobs.list({ limit, before: before ?? null });
      return { jobs: page.map((job) => showJob(job, parts)) };
    });

    server.get('/jobs/:id', { schema: schemas.read }, async (request, reply) =>
      answerJob(reply, await requireJob(parts, (request.params as Id).id), parts),
    );

    server.put('/jobs/:id', { schema: schemas.update }, async (request, reply) => {
      const stored = await requireJob(parts, (request.params as Id).id);
      const version = readVersion(request.headers['if-match']);
      const spec = keepSecrets(request.body as JobSpec, stored.spec, parts.plugins);
      await requireSound(spec, parts);
      const { settle } = parts.schedules;
      const job = await jobs.update({ id: stored.id, version, spec, settle });
      await auditJob(parts, 'job.update', job, `version ${version} → ${job.version}`);
      return answerJob(reply, job, parts);
    });

    server.delete('/jobs/:id', { schema: schemas.remove }, async (request, reply) => {
      const job = await requireJob(parts, (request.params as Id).id);
      await requireIdle(job, parts);
      // No new fire from here on; what a run by hand in between makes is removed by the next try.
      await jobs.setPaused({ id: job.id, paused: true, settle: parts.schedules.settle });
      await parts.jobActs.removeResources(job);
      await jobs.remove(job.id);
      await auditJob(parts, 'job.delete', job);
      return reply.code(204).send();
    });

    server.post('/jobs/validate', { schema: schemas.validate }, async (request) => {
      const problems = await findProblems(request.body as JobSpec, parts);
      return { ok: problems.length === 0, problems };
    });
    await Promise.resolve();
  };
}

/** Throws CONFLICT while a run of the job is going. */
async function requireIdle(job: Job, parts: ApiParts): Promise<void> {
  for (const state of activeStates) {
    const [run] = await parts.runs.list({ jobId: job.id, state, limit: 1, before: null });
    if (run === undefined) continue;
    throw new SyncError('CONFLICT', {
      message: `deleting job ${job.spec.name}: run ${run.id} is ${state}; cancel it first`,
    });
  }
}

function readVersion(header: string | undefined): number {
  const version = /^"?(\d+)"?$/.exec(header ?? '')?.[1];
  if (version !== undefined) return Number(version);
  throw new SyncError('BAD_INPUT', {
    message: `reading If-Match: '${header ?? ''}' is not the version of the job that you read (its ETag)`,
    field: 'If-Match',
  });
}
