// Where the statements of a step run: the connection of one of the job's sides, or the step's own.
import type { ConnectorConfig } from '../connector/config-def.ts';
import type { JobSpec } from '../job.ts';
import type { SqlStep } from './job-steps.ts';

/** Of a side the keys of its connection alone; without `connection.url` where it has none. */
export function connectionOfStep(
  { connection }: SqlStep,
  spec: Pick<JobSpec, 'source' | 'sink'>,
): ConnectorConfig {
  if (typeof connection !== 'string') return connection;
  const keys = ['connection.url', 'connection.user', 'connection.password', 'connection.tls.ca'];
  const { config } = spec[connection];
  return Object.fromEntries(
    keys.flatMap((key) => (config[key] === undefined ? [] : [[key, config[key]] as const])),
  );
}
