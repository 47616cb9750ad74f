// A Connect cluster over its REST API: Syncline's own worker and real Kafka Connect alike.
// A write that met a busy worker, or whose outcome is unknown, is repeated only after the state was read again.
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import { MASK, showValue } from '../../src/core/secrets/secrets.ts';
import type { Clock } from '../../src/core/clock.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { ConnectCluster, ConnectorStatus } from '../../src/core/ports/connect-cluster.ts';
import type { ConnectAddress, ConnectAnswer, ConnectRequest } from './connect-request.ts';
import { parseConnectUrl, sendConnectRequest } from './connect-request.ts';
import { readConfigMap, readConnectorStatus, readSinkOffsets, readValidation } from './connect-answers.ts';

/** Header of our worker's `GET /`: id of its process. */
const INCARNATION_HEADER = 'x-syncline-incarnation';

export interface ConnectClientOptions {
  readonly name: string;
  readonly url: string;
  readonly clock: Clock;
  /** How long one call may take in all, retries included. */
  readonly deadlineMs: number;
}

/**
 * All methods throw CONNECT_UNREACHABLE or CONNECT_REJECTED, the latter retriable when the cluster stayed busy; what needs the connector
 * CONNECTOR_GONE; putConfig also FENCED, when the connector holds a newer run of the job.
 */
export function createConnectClient(options: ConnectClientOptions): ConnectCluster {
  const link: Link = { ...options, address: parseConnectUrl(options.url) };
  const readConfig = async (name: string): Promise<ConnectorConfig | null> => {
    const answer = await ask(link, { method: 'GET', path: pathOf(name, '/config') });
    return answer.kind === 'missing' ? null : readConfigMap(answer.body);
  };
  const readStatus = async (name: string): Promise<ConnectorStatus | null> => {
    const answer = await ask(link, { method: 'GET', path: pathOf(name, '/status') });
    return answer.kind === 'missing' ? null : readConnectorStatus(answer);
  };
  return {
    name: options.name,
    readConfig,
    readStatus,
    readIncarnation: async () => {
      const answer = await ask(link, { method: 'GET', path: '/' });
      return answer.kind === 'missing' ? null : answer.header(INCARNATION_HEADER);
    },
    putConfig: (name, config, exists) => putConfig({ link, readConfig }, { name, config, exists }),
    resume: (name) =>
      write(link, {
        request: { method: 'PUT', path: pathOf(name, '/resume') },
        isDone: async () => !['STOPPED', 'PAUSED'].includes((await readStatus(name))?.state ?? 'STOPPED'),
        ifMissing: 'throw',
      }),
    stop: (name) =>
      write(link, {
        request: { method: 'PUT', path: pathOf(name, '/stop') },
        isDone: async () => ((await readStatus(name))?.state ?? 'STOPPED') === 'STOPPED',
        ifMissing: 'done',
      }),
    remove: (name) =>
      write(link, {
        request: { method: 'DELETE', path: pathOf(name, '') },
        isDone: async () => (await readConfig(name)) === null,
        ifMissing: 'done',
      }),
    readOffsets: async (name, topic) => {
      const answer = await ask(link, { method: 'GET', path: pathOf(name, '/offsets') });
      return answer.kind === 'missing' ? null : readSinkOffsets(answer.body, topic);
    },
    setOffsets: (name, topic, offsets) =>
      write(link, {
        request: { method: 'PATCH', path: pathOf(name, '/offsets'), body: sinkOffsets(topic, offsets) },
        // Said again it does the same.
        isDone: () => Promise.resolve(false),
        ifMissing: 'throw',
      }),
    validate: (connectorClass, config) => validate(link, connectorClass, config),
    ping: async () => {
      await ask(link, { method: 'GET', path: '/' });
    },
  };
}

interface Link extends ConnectClientOptions {
  readonly address: ConnectAddress;
}

type Settled = Extract<ConnectAnswer, { kind: 'ok' | 'missing' }>;

const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 1_000;

function pathOf(connector: string, rest: string): string {
  return `/connectors/${encodeURIComponent(connector)}${rest}`;
}

/** A request that changes nothing: repeated as long as the deadline lets it. */
async function ask(link: Link, request: ConnectRequest): Promise<Settled> {
  return exchange(link, request, () => Promise.resolve(null));
}

interface Write {
  readonly request: ConnectRequest;
  /** Reads the state: has the write happened after all? */
  readonly isDone: () => Promise<boolean>;
  readonly ifMissing: 'done' | 'throw';
}

async function write(link: Link, { request, isDone, ifMissing }: Write): Promise<void> {
  const done: Settled = { kind: 'ok', body: null, header: () => null };
  const answer = await exchange(link, request, async () => ((await isDone()) ? done : null));
  if (answer.kind === 'missing' && ifMissing === 'throw')
    throw new SyncError('CONNECTOR_GONE', {
      message: `asking Connect at ${link.address.url}: ${request.method} ${request.path}: ${answer.message}`,
    });
}

/** Repeats the request until it is settled; before each repetition `settled` may say that it need not be. */
async function exchange(
  link: Link,
  request: ConnectRequest,
  settled: (answer: ConnectAnswer) => Promise<Settled | null>,
): Promise<Settled> {
  const deadline = link.clock.monotonic() + link.deadlineMs;
  let backoffMs = FIRST_BACKOFF_MS;
  for (;;) {
    const answer = await sendConnectRequest(
      link.address,
      request,
      Math.max(1, deadline - link.clock.monotonic()),
    );
    if (answer.kind === 'ok' || answer.kind === 'missing') return answer;
    if (link.clock.monotonic() + backoffMs >= deadline) throw exhausted(link, request, answer);
    await link.clock.sleep(backoffMs);
    backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS);
    const found = await settled(answer);
    if (found !== null) return found;
  }
}

function exhausted(
  link: Link,
  request: ConnectRequest,
  answer: Extract<ConnectAnswer, { kind: 'busy' | 'unknown' }>,
): SyncError {
  const code = answer.kind === 'busy' ? 'CONNECT_REJECTED' : 'CONNECT_UNREACHABLE';
  return new SyncError(code, {
    message: `asking Connect at ${link.address.url}: ${request.method} ${request.path}: still so after ${link.deadlineMs} ms: ${answer.message}`,
    retriable: true,
  });
}

interface ConfigAccess {
  readonly link: Link;
  readonly readConfig: (name: string) => Promise<ConnectorConfig | null>;
}

interface Putting {
  readonly name: string;
  readonly config: ConnectorConfig;
  /** undefined: it is asked. */
  readonly exists: boolean | undefined;
}

/** A connector that isn't there is created STOPPED; one that is gets its configuration replaced, its state left as it is. */
async function putConfig(access: ConfigAccess, { name, config, exists }: Putting): Promise<void> {
  const { link, readConfig } = access;
  const full = { ...config, name };
  if (!(exists ?? (await readConfig(name)) !== null)) {
    const created = await exchange(
      link,
      { method: 'POST', path: '/connectors', body: { name, config: full, initial_state: 'STOPPED' } },
      async (answer) => {
        const isThere = answer.kind !== 'ok' && answer.kind !== 'missing' && answer.alreadyExists;
        if (!isThere && (await readConfig(name)) === null) return null;
        return { kind: 'missing', message: 'created meanwhile' };
      },
    );
    if (created.kind === 'ok') return;
  }
  await write(link, {
    request: { method: 'PUT', path: pathOf(name, '/config'), body: full },
    isDone: async () => holds(await readConfig(name), full),
    ifMissing: 'throw',
  });
}

/** True when the stored configuration is the wanted one; what is masked in it can't be compared and counts as equal. */
function holds(stored: ConnectorConfig | null, wanted: ConnectorConfig): boolean {
  if (stored === null || Object.keys(stored).length !== Object.keys(wanted).length) return false;
  return Object.entries(wanted).every(([key, value]) => {
    const shown = stored[key];
    return shown === value || shown === MASK || shown === showValue(key, value, null);
  });
}

function sinkOffsets(topic: string, offsets: readonly number[]): unknown {
  return {
    offsets: offsets.map((offset, partition) => ({
      partition: { kafka_topic: topic, kafka_partition: partition },
      offset: { kafka_offset: offset },
    })),
  };
}

async function validate(
  link: Link,
  connectorClass: string,
  config: ConnectorConfig,
): ReturnType<ConnectCluster['validate']> {
  const answer = await ask(link, {
    method: 'PUT',
    path: `/connector-plugins/${encodeURIComponent(connectorClass)}/config/validate`,
    body: { ...config, 'connector.class': connectorClass },
  });
  if (answer.kind === 'ok') return readValidation(answer.body);
  throw new SyncError('CONNECT_REJECTED', {
    message: `validating a ${connectorClass} at ${link.address.url}: ${answer.message}`,
  });
}
