// The answers of Connect's REST API, checked: another program's JSON is not trusted to have the right shape.
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import { ERROR_HEADER, readErrorHeader } from '../../src/core/network/error-header.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { CheckedKey, ConnectorStatus } from '../../src/core/ports/connect-cluster.ts';

/** Body of `GET /connectors/{name}/config`. Throws CONNECT_REJECTED. */
export function readConfigMap(body: unknown): ConnectorConfig {
  const config: Record<string, string> = {};
  for (const [key, value] of Object.entries(object(body, 'config')))
    if (typeof value === 'string') config[key] = value;
  return config;
}

interface SaidStatus {
  readonly body: unknown;
  readonly header: (name: string) => string | null;
}

/** `GET /connectors/{name}/status`. Throws CONNECT_REJECTED. */
export function readConnectorStatus({ body, header }: SaidStatus): ConnectorStatus {
  const root = object(body, 'status');
  const connector = object(root.connector, 'status');
  return {
    state: text(connector.state) ?? 'UNASSIGNED',
    trace: text(connector.trace),
    tasks: array(root.tasks).map((entry) => {
      const task = object(entry, 'status');
      return {
        id: typeof task.id === 'number' ? task.id : 0,
        state: text(task.state) ?? 'UNASSIGNED',
        trace: text(task.trace),
      };
    }),
    error: readErrorHeader(header(ERROR_HEADER)),
  };
}

/** Body of `GET /connectors/{name}/offsets` of a sink: the offsets of one topic, by partition. Throws CONNECT_REJECTED. */
export function readSinkOffsets(body: unknown, topic: string): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const entry of array(object(body, 'offsets').offsets)) {
    const { partition, offset } = object(entry, 'offsets');
    const of = object(partition, 'offsets');
    const at = Number(object(offset ?? {}, 'offsets').kafka_offset);
    if (of.kafka_topic === topic && Number.isInteger(at)) found.set(Number(of.kafka_partition), at);
  }
  return found;
}

/** Body of `PUT …/config/validate`: only the keys with errors, and those that nobody knows. Throws CONNECT_REJECTED. */
export function readValidation(body: unknown): readonly CheckedKey[] {
  return array(object(body, 'validation').configs)
    .map((entry) => {
      const { definition, value: given } = object(entry, 'validation');
      const value = object(given ?? {}, 'validation');
      return {
        key: text(value.name) ?? '',
        nearest: definition === null ? text(array(value.recommended_values)[0]) : null,
        errors: array(value.errors).filter((error): error is string => typeof error === 'string'),
      };
    })
    .filter(({ errors, nearest }) => errors.length > 0 || nearest !== null);
}

function object(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new SyncError('CONNECT_REJECTED', {
    message: `reading the ${what} that a Connect worker sent: not an object`,
  });
}

function array(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
