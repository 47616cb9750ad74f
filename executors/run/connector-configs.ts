// What the two connectors of a run are told: the user's keys, and over them those that carry the run.
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import { KEY } from '../../src/core/connector/keys.ts';
import type { JobSpec } from '../../src/core/job.ts';
import type { Position } from '../../src/core/position.ts';
import type { Run } from '../../src/core/run.ts';
import type { Wiring } from './wire-job.ts';

const KEY_CONVERTER = 'key.converter';

export interface RunFacts {
  readonly run: Run;
  readonly spec: JobSpec;
  readonly wiring: Wiring;
  /** null: the sink keeps no ledger. */
  readonly epoch: number | null;
  readonly base: Position | null;
  readonly deletesFrom: Position | null;
  readonly brokers: string | null;
  readonly logIncarnation: string;
  /** In partition order. */
  readonly startOffsets: readonly number[];
}

export function sourceConfig(facts: RunFacts): ConnectorConfig {
  return {
    ...facts.wiring.source.config,
    ...runKeys(facts),
    [KEY.connectorName]: facts.wiring.source.name,
    // A sink that isn't ours knows no control records: the last data record tells it the end.
    ...(facts.wiring.plugins.sink === null ? { [KEY.endMarker]: 'record' } : {}),
  };
}

export function sinkConfig(facts: RunFacts): ConnectorConfig {
  const { sink, topic, plugins } = facts.wiring;
  return {
    // Keys are text; a cluster's own default is often JSON, which a text is not.
    ...(plugins.sink === null ? { [KEY_CONVERTER]: 'org.apache.kafka.connect.storage.StringConverter' } : {}),
    ...sink.config,
    // One that isn't ours gets no key that it may have a meaning of its own for.
    ...(plugins.sink === null
      ? { 'tasks.max': sink.config['tasks.max'] ?? '1', ...identityKeys(facts) }
      : { ...runKeys(facts), [KEY.dirtyLimit]: String(facts.spec.policy.dirtyLimit) }),
    [KEY.connectorName]: sink.name,
    [KEY.topics]: topic,
    [KEY.startOffsets]: JSON.stringify(facts.startOffsets),
  };
}

function runKeys(facts: RunFacts): ConnectorConfig {
  const { run, spec, wiring } = facts;
  return {
    'tasks.max': '1',
    ...identityKeys(facts),
    [KEY.epoch]: String(facts.epoch ?? 0),
    [KEY.base]: facts.base ?? '',
    [KEY.deletesFrom]: facts.deletesFrom ?? '',
    [KEY.mode]: run.mode,
    [KEY.lagMs]: String(spec.policy.lagMs),
    [KEY.topic]: wiring.topic,
    [KEY.logIncarnation]: facts.logIncarnation,
    [KEY.valueFormat]: valueFormat(facts),
  };
}

/** By which a connector is known as this run's, and speaks of it. */
function identityKeys({ run, brokers }: RunFacts): ConnectorConfig {
  return {
    [KEY.taskId]: run.id,
    [KEY.job]: run.jobId,
    ...(brokers === null ? {} : { [KEY.brokers]: brokers }),
  };
}

/** Said on either side it holds for both: they must agree. */
function valueFormat({ spec, wiring }: RunFacts): string {
  const said = spec.source.config[KEY.valueFormat] ?? spec.sink.config[KEY.valueFormat];
  // The only converter that a source takes writes JSON.
  const converted = spec.source.config['value.converter'] !== undefined;
  return said ?? (converted || wiring.plugins.sink === null ? 'json' : 'row');
}
