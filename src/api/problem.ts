// The only place where an error becomes an HTTP answer: RFC 9457 problem+json with the error's code, field and hint.
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { FastifySchemaValidationError } from 'fastify/types/schema.js';
import type { ErrorCode } from '../core/errors.ts';
import type { Emit } from '../core/events.ts';
import { SyncError } from '../core/errors.ts';

const statusOf: Partial<Record<ErrorCode, number>> = {
  BAD_INPUT: 400,
  CONFLICT: 409,
  CONNECTOR_GONE: 502,
  CONNECT_REJECTED: 502,
  CONNECT_UNREACHABLE: 502,
  DATABASE_FAILED: 503,
  DATABASE_UNREACHABLE: 503,
  DIGEST_CHANGED: 409,
  DISK_FULL: 503,
  FENCED: 409,
  JOB_UNREADABLE: 409,
  KAFKA_FAILED: 502,
  KAFKA_UNREACHABLE: 502,
  MAPPING_INVALID: 400,
  NOT_FOUND: 404,
  NOT_YET: 400,
  PATH_UNKNOWN: 404,
  QUEUE_UNREACHABLE: 503,
  SOURCE_DENIED: 502,
  SOURCE_FAILED: 502,
  SOURCE_LOGIN: 502,
  SOURCE_SCHEMA: 502,
  SOURCE_UNREACHABLE: 502,
  STEP_FAILED: 502,
  TABLE_TAKEN: 409,
  TARGET_CHANGED: 409,
  TARGET_DENIED: 502,
  TARGET_FAILED: 502,
  TARGET_FULL: 502,
  TARGET_LOGIN: 502,
  TARGET_SCHEMA: 502,
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

/** What ajv tells with `verbose`: the value, and the schema that it does not fit. */
type Told = FastifySchemaValidationError & {
  readonly data?: unknown;
  readonly parentSchema?: Readonly<Record<string, unknown>>;
};

/** ajv names neither the value nor what is right, and counts entries from 0. */
function wordsOf(told: Told, field = ''): string {
  const { keyword, message, params, data, parentSchema = {} } = told;
  const where = field === '' ? 'it' : field;
  if (keyword === 'additionalProperties') return `${where} is no field that is known here`;
  if (keyword === 'required') return sayMissing(told, where);
  const value = showValue(data, field);
  const is = value === null ? where : `${where} is ${value}:`;
  const allowed: unknown = params['allowedValues'];
  if (keyword === 'enum' && Array.isArray(allowed)) {
    const refused = parentSchema['x-refused'] as Readonly<Record<string, string>> | undefined;
    const why = typeof data === 'string' ? refused?.[data] : undefined;
    return `${is}${value === null ? '' : ' it'} must be one of ${allowed.join(', ')}${why === undefined ? '' : `; ${why}`}`;
  }
  const example = exampleOf(parentSchema);
  return `${is}${value === null ? '' : ' it'} ${message?.replace(/\b1 (character|item)s\b/, '1 $1').replace('1 properties', '1 property') ?? 'is not valid'}${example === null ? '' : `; right is for example ${example}`}`;
}

/** ajv tells of the first that is missing. */
function sayMissing({ data, params, parentSchema = {} }: Told, where: string): string {
  const { required } = parentSchema;
  if (typeof data !== 'object' || data === null || !Array.isArray(required)) return `${where} is missing`;
  const before = where.slice(0, where.length - String(params['missingProperty']).length);
  const missing = required.map(String).filter((name) => !Object.hasOwn(data, name));
  return missing.length > 1
    ? `${missing.map((name) => before + name).join(', ')} are missing`
    : `${where} is missing`;
}

/** Values of configurations and addresses may be secret, and long ones hide the rest. */
function showValue(data: unknown, field: string): string | null {
  if (data !== null && !['string', 'number', 'boolean'].includes(typeof data)) return null;
  if (/config|webhook|token|confirm/i.test(field)) return null;
  const shown = JSON.stringify(data);
  return shown.length > 80 ? null : shown;
}

function exampleOf({ examples, default: usual }: Readonly<Record<string, unknown>>): string | null {
  const example: unknown = Array.isArray(examples) ? examples[0] : usual;
  return example === undefined || example === null ? null : JSON.stringify(example);
}

/** `/spec/name` → `spec.name`; a missing or unknown property is named too. */
function fieldOf(path: string, params: Readonly<Record<string, unknown>>): string {
  const parts = path.split('/').filter((part) => part !== '');
  const extra = params['missingProperty'] ?? params['additionalProperty'];
  return [...parts, ...(typeof extra === 'string' ? [extra] : [])].join('.');
}
