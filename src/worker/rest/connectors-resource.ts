// /connectors: define, change, read, steer connectors and their tasks.
import { ERROR_HEADER, packErrorHeader } from '../../core/network/error-header.ts';
import { SyncError } from '../../core/errors.ts';
import type { Emit } from '../../core/events.ts';
import type { SentConfig } from '../../core/connector/config-def.ts';
import type { PluginRegistry } from '../../core/connector/plugin-registry.ts';
import type { Herder } from '../control/herder.ts';
import { readRepaired } from './article-repair.ts';
import { connectorInfo, connectorStatus, taskStatus } from './connector-answers.ts';
import { HttpError, nullPointer, plainError } from './http-error.ts';
import { readConfigBody, readCreateBody } from './request-bodies.ts';
import type { Handle, Resource, RestAnswer, RestRequest } from './resource.ts';
import { flag, ok, param } from './resource.ts';

export interface ConnectorsContext {
  readonly registry: PluginRegistry;
  readonly herder: Herder;
  /** host:port that this worker is known by. */
  readonly workerId: () => string;
  readonly emit: Emit;
}

export function connectorsResources(context: ConnectorsContext): readonly Resource[] {
  const { herder } = context;
  const at = '/connectors/:connector';
  return [
    { path: '/connectors', methods: { GET: list(context), POST: create(context) } },
    {
      path: at,
      methods: {
        GET: (request) => ok(connectorInfo(herder.info(nameOf(request)))),
        DELETE: async (request) => {
          await herder.remove(nameOf(request));
          return { status: 204 };
        },
      },
    },
    {
      path: `${at}/config`,
      methods: {
        GET: (request) => ok(herder.info(nameOf(request)).config),
        PUT: putConfig(context),
        PATCH: patchConfig(context),
      },
    },
    {
      path: `${at}/status`,
      methods: {
        GET: (request) => {
          const status = herder.status(nameOf(request));
          const failure = status.task?.failure ?? status.connector.failure;
          return {
            ...ok(connectorStatus(status, context.workerId())),
            ...(failure === null ? {} : { headers: { [ERROR_HEADER]: packErrorHeader(failure.error) } }),
          };
        },
      },
    },
    { path: `${at}/pause`, methods: { PUT: target(context, 'PAUSED', 202) } },
    { path: `${at}/resume`, methods: { PUT: target(context, 'STARTED', 202) } },
    { path: `${at}/stop`, methods: { PUT: target(context, 'STOPPED', 204) } },
    { path: `${at}/restart`, methods: { POST: restart(context) } },
    { path: `${at}/topics`, methods: { GET: topics(context) } },
    { path: `${at}/topics/reset`, methods: { PUT: resetTopics(context) } },
    ...taskResources(context),
  ];
}

function taskResources({ herder, workerId }: ConnectorsContext): readonly Resource[] {
  const at = '/connectors/:connector/tasks';
  return [
    { path: at, methods: { GET: (request) => ok(tasks(herder, nameOf(request))), POST: internal } },
    { path: '/connectors/:connector/fence', methods: { PUT: internal } },
    {
      path: `${at}/:task/status`,
      methods: {
        GET: (request) => {
          const name = nameOf(request);
          const id = taskOf(request);
          const missing = new SyncError('NOT_FOUND', { message: `No status found for task ${name}-${id}` });
          if (!herder.names().includes(name)) throw missing;
          const status = herder.status(name);
          if (id !== 0 || status.task === null) throw missing;
          return ok(taskStatus(status, status.task, workerId()));
        },
      },
    },
    {
      path: `${at}/:task/restart`,
      methods: {
        POST: (request) => {
          herder.restartTask(nameOf(request), taskOf(request));
          return { status: 204 };
        },
      },
    },
  ];
}

function nameOf(request: RestRequest): string {
  return param(request, 'connector');
}

function taskOf(request: RestRequest): number {
  const text = param(request, 'task');
  const id = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isInteger(id) || Math.abs(id) > 0x7fffffff) throw plainError(404, false);
  return id;
}

function list({ herder, workerId }: ConnectorsContext): Handle {
  return (request) => {
    const expand = request.query.get('expand');
    if (expand === undefined) return ok(herder.names());
    const expanded = herder.names().map((name) => [
      name,
      {
        ...(expand.includes('status') ? { status: connectorStatus(herder.status(name), workerId()) } : {}),
        ...(expand.includes('info') ? { info: connectorInfo(herder.info(name)) } : {}),
      },
    ]);
    return ok(Object.fromEntries(expanded));
  };
}

function create({ herder, registry, emit }: ConnectorsContext): Handle {
  return async (request) => {
    const { body, repairs } = readRepaired(request.text, readCreateBody, registry);
    const { name, config, target: wanted } = body;
    const info = await herder.create(name, withName(name, config), wanted);
    sayRepairs(emit, name, repairs);
    return created(request, name, connectorInfo(info));
  };
}

function putConfig({ herder, registry, emit }: ConnectorsContext): Handle {
  return async (request) => {
    const name = nameOf(request);
    const { body, repairs } = readRepaired(request.text, readConfigBody, registry);
    const answer = await herder.putConfig(name, withName(name, body.config));
    sayRepairs(emit, name, repairs);
    const info = connectorInfo(answer.info);
    return answer.created ? created(request, name, info) : ok(info);
  };
}

function sayRepairs(emit: Emit, connector: string, repairs: readonly string[]): void {
  if (repairs.length > 0) emit({ type: 'config.repaired', connector, repairs });
}

function patchConfig({ herder }: ConnectorsContext): Handle {
  return async (request) => {
    const { config: patch } = readConfigBody(request.text);
    if (patch === null) throw nullPointer('java.util.Map.forEach(java.util.function.BiConsumer)', 'patch');
    return ok(connectorInfo(await herder.patchConfig(nameOf(request), patch)));
  };
}

function created(request: RestRequest, name: string, body: unknown): RestAnswer {
  const location = `http://${request.host}/connectors/${encodeURIComponent(name)}`;
  return { status: 201, body, headers: { location } };
}

function withName(name: string, config: SentConfig | null): SentConfig {
  if (config === null) throw nullPointer('java.util.Map.get(Object)', 'connectorConfig');
  const given = Object.hasOwn(config, 'name') ? config.name : null;
  if (given === null || given === undefined) return { ...config, name };
  if (given !== name)
    throw new HttpError(
      400,
      `Connector name configuration (${given}) doesn't match connector name in the URL (${name})`,
    );
  return config;
}

function target(
  { herder }: ConnectorsContext,
  wanted: 'STARTED' | 'PAUSED' | 'STOPPED',
  status: number,
): Handle {
  return async (request) => {
    await herder.setTarget(nameOf(request), wanted);
    return { status };
  };
}

function restart({ herder, workerId }: ConnectorsContext): Handle {
  return (request) => {
    const includeTasks = flag(request, 'includeTasks', false);
    const onlyFailed = flag(request, 'onlyFailed', false);
    const status = herder.restart(nameOf(request), { includeTasks, onlyFailed });
    if (!includeTasks && !onlyFailed) return { status: 204 };
    return { status: 202, body: connectorStatus(status, workerId()) };
  };
}

function topics({ herder }: ConnectorsContext): Handle {
  return (request) => {
    const name = nameOf(request);
    return ok(Object.fromEntries([[name, { topics: herder.topics(name) }]]));
  };
}

function resetTopics({ herder }: ConnectorsContext): Handle {
  return async (request) => {
    await herder.resetTopics(nameOf(request));
    return { status: 202 };
  };
}

/** The class that a task of the connector would have in Connect. */
function tasks(herder: Herder, name: string): unknown {
  const info = herder.info(name);
  const className = herder.defined(name).plugin?.className ?? '';
  const config = { ...info.config, 'task.class': className.replace(/Connector$/, 'Task') };
  return info.tasks.map((task) => ({ id: { connector: name, task }, config }));
}

// Workers of one cluster talk to each other here, signed with a key of the cluster. A standalone worker has no such key, so
// no signature can be right.
function internal(request: RestRequest): never {
  const algorithm = request.header('x-connect-request-signature-algorithm');
  if (request.header('x-connect-authorization') === null || algorithm === null)
    throw new HttpError(400, 'Internal request missing required signature');
  if (algorithm !== 'HmacSHA256') throw new HttpError(400, `Algorithm ${algorithm} not available`);
  throw new HttpError(403, 'Internal request contained invalid signature.');
}
