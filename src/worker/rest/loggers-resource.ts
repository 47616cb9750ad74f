// /admin/loggers: levels by logger name, as Connect has them. The worker logs through one logger, so only `root` changes what
// is written; other names are remembered, as Connect remembers loggers that nobody uses.
import type { Clock } from '../../core/clock.ts';
import { HttpError, nullPointer } from './http-error.ts';
import { readConfigBody } from './request-bodies.ts';
import type { Resource, RestAnswer, RestRequest } from './resource.ts';
import { ok, param } from './resource.ts';

export interface LoggersContext {
  readonly clock: Clock;
  readonly rootLevel: LogLevel;
  readonly setRootLevel: (level: LogLevel) => void;
}

const levels = ['ALL', 'TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL', 'OFF'] as const;

export type LogLevel = (typeof levels)[number];

interface Logger {
  readonly level: LogLevel;
  readonly last_modified: number | null;
}

const ROOT = 'root';

export function loggersResources(context: LoggersContext): readonly Resource[] {
  const loggers = new Map<string, Logger>([[ROOT, { level: context.rootLevel, last_modified: null }]]);
  return [
    {
      path: '/admin/loggers',
      methods: { GET: () => ok(Object.fromEntries([...loggers].sort(([a], [b]) => (a < b ? -1 : 1)))) },
    },
    {
      path: '/admin/loggers/:logger',
      methods: {
        GET: (request) => {
          const name = param(request, 'logger');
          const logger = loggers.get(name);
          if (logger === undefined) throw new HttpError(404, `Logger ${name} not found.`);
          return ok(logger);
        },
        PUT: (request) => setLevel(loggers, context, request),
      },
    },
  ];
}

function setLevel(loggers: Map<string, Logger>, context: LoggersContext, request: RestRequest): RestAnswer {
  const name = param(request, 'logger');
  const level = readLevel(request.text);
  const changed: string[] = [];
  for (const each of new Set([...loggers.keys(), name])) {
    const covered = each === name || each.startsWith(`${name}.`);
    if (!covered || loggers.get(each)?.level === level) continue;
    loggers.set(each, { level, last_modified: context.clock.now() });
    changed.push(each);
  }
  if (changed.includes(ROOT)) context.setRootLevel(level);
  return request.query.get('scope')?.[0] === 'cluster' ? { status: 204 } : ok(changed.sort());
}

function readLevel(text: string): LogLevel {
  const { config: body } = readConfigBody(text);
  if (body === null) throw nullPointer('java.util.Map.get(Object)', 'levelMap');
  const wanted = body.level ?? null;
  if (wanted === null) throw new HttpError(400, "Desired 'level' parameter was not specified in request.");
  const level = levels.find((each) => each === wanted.toUpperCase());
  if (level === undefined) throw new HttpError(404, `invalid log level '${wanted}'.`);
  return level;
}
