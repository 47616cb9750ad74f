// The HTTP side of the worker: Fastify routes for the resources, with the manners of the original's server (status, headers
// and bodies for unknown paths, methods, media types; HEAD and OPTIONS; never a stack trace).
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { fastify } from 'fastify';
import type { Clock } from '../../core/clock.ts';
import { SyncError, toShape } from '../../core/errors.ts';
import { ERROR_HEADER, packErrorHeader } from '../../core/network/error-header.ts';
import { within } from '../../core/waiting/within.ts';
import { HttpError, plainError } from './http-error.ts';
import { findForeign } from '../../core/network/refuse-foreign.ts';
import type { Handle, Method, Resource, RestAnswer, RestRequest } from './resource.ts';

export interface RestServerOptions {
  readonly resources: readonly Resource[];
  /** It listens on loopback and is to be named so. */
  readonly loopbackOnly: boolean;
  readonly clock: Clock;
}

const BODY_LIMIT_BYTES = 1_048_576;
const LONGEST_PARAM = 10_000;
const REQUEST_TIMEOUT_MS = 90_000;

const everyMethod: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

export function createRestServer({ resources, loopbackOnly, clock }: RestServerOptions): FastifyInstance {
  const app = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    logger: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: LONGEST_PARAM },
    frameworkErrors: (error, _request, reply) => {
      sendError(reply, error);
    },
  });
  app.addHook('onRequest', (request, _reply, done) => {
    const { method, host, headers } = request;
    const foreign = findForeign({ method, host, origin: headers.origin }, loopbackOnly);
    done(foreign === null ? undefined : new HttpError(403, foreign));
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body);
  });
  app.setErrorHandler((error, request, reply) => {
    sendError(reply, mediaTypeError(error, request));
  });
  app.setNotFoundHandler((_request, reply) => {
    sendError(reply, plainError(404));
  });
  for (const resource of resources) addResource(app, resource, clock);
  return app;
}

function addResource(app: FastifyInstance, { path, methods }: Resource, clock: Clock): void {
  for (const method of everyMethod) {
    const handle = methods[method];
    if (handle === undefined)
      app.route({
        method,
        url: path,
        exposeHeadRoute: method === 'GET',
        // Before the body is looked at: a wrong method is said first.
        onRequest: (_request, reply) => {
          sendError(reply, plainError(405));
          return Promise.resolve();
        },
        handler: () => undefined,
      });
    else
      app.route({
        method,
        url: path,
        handler: (request, reply) => answer(handle, { request, reply, clock }),
      });
  }
  const allowed = allowedMethods(methods);
  app.route({
    method: 'OPTIONS',
    url: path,
    handler: (_request, reply) =>
      reply.header('content-type', 'text/plain').header('allow', allowed.join(',')).send(allowed.join(', ')),
  });
}

/** In the order of the original. */
function allowedMethods(methods: Resource['methods']): readonly string[] {
  const order = ['HEAD', 'DELETE', 'POST', 'GET', 'OPTIONS', 'PUT', 'PATCH'];
  return order.filter(
    (name) =>
      name === 'OPTIONS' ||
      (name === 'HEAD' ? methods.GET !== undefined : methods[name as Method] !== undefined),
  );
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly clock: Clock;
}

async function answer(handle: Handle, { request, reply, clock }: Exchange): Promise<FastifyReply> {
  if (!accepts(request.headers.accept)) throw plainError(406);
  const onLimit = (): RestAnswer => ({
    status: 500,
    body: { error_code: 500, message: 'Request timed out' },
  });
  const answered = Promise.resolve(handle(readRequest(request)));
  const done = await within({ clock, ms: REQUEST_TIMEOUT_MS, onLimit }, answered);
  return send(reply, done);
}

function readRequest(request: FastifyRequest): RestRequest {
  const query = Object.entries(request.query as Record<string, string | string[]>);
  return {
    params: request.params as Record<string, string>,
    query: new Map(query.map(([name, value]) => [name, Array.isArray(value) ? value : [value]])),
    text: typeof request.body === 'string' ? request.body : '',
    host: request.host,
    header: (name) => {
      const value = request.headers[name];
      return typeof value === 'string' ? value : null;
    },
  };
}

function accepts(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true;
  return accept.split(',').some((range) => {
    const [type = '', ...params] = range.split(';').map((part) => part.trim().toLowerCase());
    const refused = params.some((each) => /^q=0(\.0*)?$/.test(each));
    return !refused && ['*/*', 'application/*', 'application/json'].includes(type);
  });
}

function send(reply: FastifyReply, { status, body, headers }: RestAnswer): FastifyReply {
  reply.code(status).headers(headers ?? {});
  if (body === undefined) return reply.send();
  // A buffer, because to a string Fastify would add a charset.
  return reply.header('content-type', 'application/json').send(Buffer.from(JSON.stringify(body)));
}

function mediaTypeError(error: unknown, request: FastifyRequest): unknown {
  if (!isCoded(error, 'FST_ERR_CTP_INVALID_MEDIA_TYPE')) return error;
  return plainError(415, request.headers['content-type'] !== undefined);
}

function sendError(reply: FastifyReply, error: unknown): void {
  const { status, message, bare } = toHttpError(error);
  const body = Buffer.from(JSON.stringify({ error_code: status, message }));
  if (!bare) {
    if (error instanceof SyncError && status === 500)
      reply.header(ERROR_HEADER, packErrorHeader(toShape(error)));
    reply.code(status).header('content-type', 'application/json').send(body);
    return;
  }
  reply.hijack();
  reply.raw.writeHead(status, { 'content-length': body.length });
  reply.raw.end(body);
}

function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof SyncError) return new HttpError(statusOf(error), error.message);
  if (isCoded(error, 'FST_ERR_CTP_BODY_TOO_LARGE')) return plainError(413, false);
  if (hasStatus(error) && error.statusCode >= 400 && error.statusCode < 500)
    return new HttpError(error.statusCode, error.message);
  return new HttpError(500, error instanceof Error ? error.message : String(error));
}

function statusOf({ code }: SyncError): number {
  switch (code) {
    case 'BAD_INPUT':
      return 400;
    case 'NOT_FOUND':
      return 404;
    case 'CONFLICT':
      return 409;
    default:
      return 500;
  }
}

function isCoded(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function hasStatus(error: unknown): error is Error & { statusCode: number } {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number';
}
