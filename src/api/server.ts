// The admin API: Fastify assembly. Routes live in routes/<resource>.ts, errors become HTTP in problem.ts.
import swagger from '@fastify/swagger';
import Fastify from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Service } from '../core/service.ts';
import { findForeign, isLoopback } from '../core/network/refuse-foreign.ts';
import { SyncError } from '../core/errors.ts';
import { toListenError } from '../core/network/listen-error.ts';
import type { ApiParts } from './api-parts.ts';
import { createAuth, settleToken } from './auth.ts';
import type { Auth } from './auth.ts';
import { readNumbers } from './request/query-numbers.ts';
import { answerError, problemOf } from './problem.ts';
import { auditRoutes } from './routes/audit.ts';
import { calendarRoutes } from './routes/calendars.ts';
import { connectionRoutes } from './routes/connections.ts';
import { docsRoutes } from './routes/docs.ts';
import { executorRoutes } from './routes/executors.ts';
import { healthRoutes } from './routes/health.ts';
import { jobActRoutes } from './routes/job-acts.ts';
import { jobBatchRoutes } from './routes/job-batches.ts';
import { jobRoutes } from './routes/jobs.ts';
import { intervalRoutes } from './routes/intervals.ts';
import { limitRoutes } from './routes/limits.ts';
import { lookingRoutes } from './routes/looking.ts';
import { runActRoutes } from './routes/run-acts.ts';
import { runRoutes } from './routes/runs.ts';
import { scheduleRoutes } from './routes/schedules.ts';
import { templateRoutes } from './routes/templates.ts';
import { watermarkRoutes } from './routes/watermark.ts';

const resources = [
  jobRoutes,
  jobActRoutes,
  jobBatchRoutes,
  limitRoutes,
  intervalRoutes,
  runRoutes,
  runActRoutes,
  scheduleRoutes,
  calendarRoutes,
  templateRoutes,
  executorRoutes,
  watermarkRoutes,
  connectionRoutes,
  lookingRoutes,
  auditRoutes,
];
const BODY_LIMIT_BYTES = 1_000_000;
const REQUEST_TIMEOUT_MS = 60_000;

export interface Api extends Service {
  /** Base URL once started. */
  readonly url: string;
  /** The assembled server with its token settled, for requests without a socket. */
  assemble(): Promise<FastifyInstance>;
}

export function createApi(parts: ApiParts): Api {
  let server: FastifyInstance | null = null;
  let stopping = false;
  let url = '';
  let token: Buffer | null = null;
  const make = (): Promise<FastifyInstance> =>
    assembleServer(
      parts,
      createAuth(parts, () => token),
      () => stopping,
    );
  return {
    name: 'api',
    get url() {
      return url;
    },
    assemble: async () => {
      token = await settleToken(parts);
      return make();
    },
    start: async () => {
      server = await make();
      url = await listen(server, parts);
      token = await settleToken(parts);
      parts.emit({ type: 'service.started', service: 'api', detail: url });
    },
    stop: async () => {
      stopping = true;
      await server?.close();
      server = null;
    },
  };
}

async function listen(server: FastifyInstance, { host, port }: ApiParts): Promise<string> {
  try {
    return await server.listen({ host, port });
  } catch (cause) {
    throw toListenError({ name: 'admin API', host, port, setting: 'apiPort' }, cause);
  }
}

async function assembleServer(
  parts: ApiParts,
  auth: Auth,
  isStopping: () => boolean,
): Promise<FastifyInstance> {
  const server = Fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    ajv: {
      customOptions: {
        removeAdditional: false,
        useDefaults: true,
        coerceTypes: false,
        verbose: true,
        keywords: ['x-refused'],
      },
    },
  });
  // Only JSON: other media types are refused before a body is read.
  server.removeContentTypeParser('text/plain');
  takeEmptyBodies(server);
  server.setErrorHandler(answerError(parts.emit));
  server.setNotFoundHandler(answerNoPath);
  server.addHook('onRequest', (_request, reply, done) => {
    void reply.header('x-content-type-options', 'nosniff').header('cache-control', 'no-store');
    done();
  });
  refuseForeignRequests(server, parts.host);
  server.addHook('preValidation', readNumbers);
  await server.register(swagger, {
    openapi: {
      info: { title: 'Syncline admin API', version: parts.version },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
  });
  await server.register(healthRoutes(parts, { auth, isStopping }));
  await server.register(docsRoutes(parts));
  await server.register(async (api) => {
    api.addHook('onRequest', async (request, reply) => {
      if (!auth.check(request.headers.authorization, request.ip).tooMany) return;
      const problem = problemOf(
        new SyncError('UNAUTHORIZED', { message: 'too many wrong tokens from this address: wait a minute' }),
      );
      await reply
        .code(429)
        .header('retry-after', '60')
        .type('application/problem+json')
        .send({ ...problem, status: 429 });
    });
    for (const routes of resources) {
      await api.register(routes(parts), { prefix: '/api/v1' });
    }
  });
  await server.ready();
  return server;
}

function answerNoPath({ method, url }: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = url.split('?')[0] ?? '';
  const missing = new SyncError('PATH_UNKNOWN', { message: `reading ${method} ${path}: no such path` });
  return reply.code(404).type('application/problem+json').send(problemOf(missing));
}

/** `content-type: application/json` with nothing behind it, as clients send it by habit, is no body. */
function takeEmptyBodies(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeContentTypeParser('application/json');
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = body as string;
    if (text === '') done(null, undefined);
    else
      void parse(request, text, (error, value) => {
        done(error !== null && isJson(text) ? forbiddenKey() : error, value);
      });
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What the parser refuses of a text that is JSON. */
function forbiddenKey(): SyncError {
  const message =
    'reading the request: a key __proto__, or constructor with prototype in it, is taken nowhere: remove it';
  return new SyncError('BAD_INPUT', { message });
}

/** A foreign name that was made to point here reaches nothing, while this server listens on loopback only. */
function refuseForeignRequests(server: FastifyInstance, listensOn: string): void {
  const loopbackOnly = isLoopback(listensOn);
  server.addHook('onRequest', (request, reply, done) => {
    const { method, host, headers } = request;
    const foreign = findForeign({ method, host, origin: headers.origin }, loopbackOnly);
    if (foreign === null) done();
    else {
      const problem = problemOf(new SyncError('BAD_INPUT', { message: foreign, field: 'Host' }));
      void reply
        .code(403)
        .type('application/problem+json')
        .send({ ...problem, status: 403 });
    }
  });
}
