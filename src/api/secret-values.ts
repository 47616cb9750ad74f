// Secrets in a job's specification: shown as `***`; `***` sent back keeps the stored one.
import type { ConnectorConfig } from '../core/connector/config-def.ts';
import { MASK, passwordKeys } from '../core/connector/config-def.ts';
import type { ConnectorPlugin } from '../core/connector/contract.ts';
import { SyncError } from '../core/errors.ts';
import type { ConnectorSpec, JobSpec } from '../core/job.ts';
import { findPlugin } from '../core/plugin-registry.ts';

const secretName = /password|secret|token/i;

export function maskSpec(spec: JobSpec, plugins: readonly ConnectorPlugin[]): JobSpec {
  return {
    ...spec,
    source: maskConnector(spec.source, plugins),
    sink: maskConnector(spec.sink, plugins),
    webhook: spec.webhook === null ? null : MASK,
  };
}

/** Puts the stored secrets where `***` stands. Throws BAD_INPUT when there is none to keep. */
export function keepSecrets(spec: JobSpec, stored: JobSpec | null): JobSpec {
  const webhook = spec.webhook === MASK ? (stored?.webhook ?? lacking('webhook')) : spec.webhook;
  return {
    ...spec,
    source: keepIn('source', spec.source, stored?.source ?? null),
    sink: keepIn('sink', spec.sink, stored?.sink ?? null),
    webhook,
  };
}

function isSecret(key: string, names: readonly string[]): boolean {
  return names.includes(key) || secretName.test(key);
}

function maskConnector(connector: ConnectorSpec, plugins: readonly ConnectorPlugin[]): ConnectorSpec {
  const names = passwordKeys(findPlugin(plugins, connector.connector)?.configDef ?? []);
  return {
    ...connector,
    config: mapValues(connector.config, (key, value) => (isSecret(key, names) ? MASK : value)),
  };
}

function keepIn(side: string, sent: ConnectorSpec, stored: ConnectorSpec | null): ConnectorSpec {
  const config = mapValues(sent.config, (key, value) =>
    value === MASK ? (stored?.config[key] ?? lacking(`${side}.config.${key}`)) : value,
  );
  return { ...sent, config };
}

function lacking(field: string): never {
  throw new SyncError('BAD_INPUT', {
    message: `reading ${field}: '${MASK}' keeps a stored secret, but none is stored`,
    field,
  });
}

function mapValues(config: ConnectorConfig, change: (key: string, value: string) => string): ConnectorConfig {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, change(key, value)]));
}
