// The only place where an error becomes an HTTP answer: RFC 9457 problem+json with the error's code, field and hint.
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { FastifySchemaValidationError } from 'fastify/types/schema.js';
import type { ErrorCode } from '../core/errors.ts';
import type { Emit } from '../core/events.ts';
import { SyncError } from '../core/errors.ts';

const statusOf: Partial<Record<ErrorCode, number>> = {
  BAD_INPUT: 400,
  CONFLICT: 409,
  CONNECT_UNREACHABLE: 502,
  DATABASE_UNREACHABLE: 503,
  FENCED: 409,
  HBASE_FAILED: 502,
  HBASE_LOGIN: 502,
  HBASE_UNREACHABLE: 502,
  JOB_UNREADABLE: 409,
  MAPPING_INVALID: 400,
  NOT_FOUND: 404,
  NOT_YET: 400,
  QUEUE_UNREACHABLE: 503,
  SOURCE_DENIED: 502,
  SOURCE_FAILED: 502,
  SOURCE_LOGIN: 502,
  SOURCE_UNREACHABLE: 502,
  TARGET_DENIED: 502,
  TARGET_LOGIN: 502,
  TARGET_UNREACHABLE: 502,
  UNAUTHORIZED: 401,
};

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly field?: string;
  readonly hint?: { readonly en: string; readonly zh: string };
}

export function problemOf(error: SyncError): Problem {
  const status = statusOf[error.code] ?? 500;
  return {
    type: `urn:syncline:error:${error.code}`,
    title: error.code,
    status,
    code: error.code,
    detail: error.message,
    ...(error.field === undefined ? {} : { field: error.field }),
    hint: error.hint,
  };
}

/** Fastify's error handler: our errors by the table, Fastify's own (schema, media type, size) as bad input, the rest as 500. */
export function answerError(emit: Emit) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const problem = problemFor(error);
    // What went wrong inside is for the log, not for the caller.
    if (problem.status === 500)
      emit({
        type: 'request.failed',
        request: `${request.method} ${request.url.split('?')[0] ?? ''}`,
        error,
      });
    if (problem.status === 401) void reply.header('www-authenticate', 'Bearer');
    return reply.code(problem.status).type('application/problem+json').send(problem);
  };
}

function problemFor(error: unknown): Problem {
  if (error instanceof SyncError) return problemOf(error);
  const own = error as Partial<FastifyError> & { instancePath?: string };
  const status = own.statusCode ?? 500;
  if (status >= 500) {
    return problemOf(new SyncError('INTERNAL', { message: 'answering the request: an internal error' }));
  }
  const first = own.validation?.[0];
  const field = first === undefined ? undefined : fieldOf(first.instancePath, first.params);
  const problem = problemOf(
    new SyncError('BAD_INPUT', {
      message: `reading the request: ${first === undefined ? (own.message ?? 'it is not valid') : wordsOf(first, field)}`,
      ...(field === undefined ? {} : { field }),
    }),
  );
  return { ...problem, status };
}

/** ajv names no allowed word, and counts entries from 0. */
function wordsOf({ keyword, message, params }: FastifySchemaValidationError, field = ''): string {
  const allowed: unknown = params['allowedValues'];
  const where = field === '' ? 'it' : field;
  if (keyword === 'enum' && Array.isArray(allowed)) return `${where} must be one of ${allowed.join(', ')}`;
  if (keyword === 'additionalProperties') return `${where} is no field that is known here`;
  if (keyword === 'required') return `${where} is missing`;
  return `${where} ${message ?? 'is not valid'}`;
}

/** `/spec/name` → `spec.name`; a missing or unknown property is named too. */
function fieldOf(path: string, params: Readonly<Record<string, unknown>>): string {
  const parts = path.split('/').filter((part) => part !== '');
  const extra = params['missingProperty'] ?? params['additionalProperty'];
  return [...parts, ...(typeof extra === 'string' ? [extra] : [])].join('.');
}
