// A source and a sink connector as the executor sees them; the sink's ledger is a memory target's.
import type { SinkPlugin, SourcePlugin } from '../../src/core/connector/contract.ts';
import type { TargetLedger } from '../../src/core/ledger/ledger.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { ConfigDef, ConnectorConfig } from '../../src/core/connector/config-def.ts';
import { everySink } from '../../src/core/connector/every-sink.ts';
import { everySource } from '../../src/core/connector/every-source.ts';
import type { MemoryTarget } from './memory-target.ts';
import { numberPositions } from './number-positions.ts';

export interface FakeSinkPlugin extends SinkPlugin {
  /** While true opening and asking the ledger throws TARGET_UNREACHABLE. */
  away: boolean;
  /** Replaces single answers of the ledger. */
  answers: Partial<TargetLedger>;
  /** Ledgers opened and not closed. */
  open: number;
}

const secretDef: ConfigDef = [
  {
    name: 'connection.password',
    type: 'PASSWORD',
    importance: 'HIGH',
    documentation: { en: '', zh: '' },
    group: 'Connection',
    displayName: 'Password',
    width: 'MEDIUM',
  },
];

const shared = {
  version: '1',
  validate: () => [],
  testConnection: () => Promise.resolve([]),
  hosts: ({ host }: ConnectorConfig) => (host === undefined ? [] : [host]),
};

export function createFakeSource(): SourcePlugin {
  return {
    ...shared,
    type: 'source',
    configDef: [...secretDef, ...everySource.def],
    every: everySource,
    className: 'test.FakeSource',
    aliases: ['FakeSource'],
    identity: (config) => `table ${config.table ?? ''}`,
    content: () => '',
    positions: () => numberPositions,
    topicOf: (config) => `data_${config.table ?? ''}`,
    openTask: () => Promise.reject(new Error('an executor opens no task')),
  };
}

export function createFakeSink(target: MemoryTarget): FakeSinkPlugin {
  const plugin: FakeSinkPlugin = {
    ...shared,
    type: 'sink',
    configDef: [...secretDef, ...everySink().def],
    every: everySink(),
    className: 'test.FakeSink',
    aliases: ['FakeSink'],
    identity: (config: ConnectorConfig) => `target ${config.topics ?? ''}`,
    content: () => '',
    away: false,
    answers: {},
    open: 0,
    openLedger: async () => {
      await Promise.resolve();
      if (plugin.away) throw unreachable();
      plugin.open += 1;
      return switchable(plugin, target.openLedger());
    },
    openStore: () => Promise.reject(new Error('an executor opens no store')),
  };
  return plugin;
}

function switchable(plugin: FakeSinkPlugin, ledger: TargetLedger): TargetLedger {
  return new Proxy(ledger, {
    get: (inner, key) => {
      if (key === 'close') return () => Promise.resolve(void (plugin.open -= 1));
      if (plugin.away) return () => Promise.reject(unreachable());
      return (Reflect.get(plugin.answers, key) ?? Reflect.get(inner, key)) as unknown;
    },
  });
}

function unreachable(): SyncError {
  return new SyncError('TARGET_UNREACHABLE', { message: 'connecting to the target: connection refused' });
}
