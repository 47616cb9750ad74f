// How an author writes a connector: with its own configuration, typed. The worker and the executor have flat text; it is read here,
// together with what the worker needs of every source and sink, and nowhere else.
import type { TargetLedger } from '../ledger/ledger.ts';
import type { Positions } from '../position.ts';
import type { SharedSlots } from './shared-slots.ts';
import type { SinkStore } from './sink-store.ts';
import type { Config } from './config.ts';
import { joined, readOrThrow } from './config.ts';
import type { ConfigProblem, ConnectorConfig } from './config-def.ts';
import type { CheckStep, SinkPlugin, SourcePlugin, SourceTask } from './contract.ts';
import type { EverySink } from './every-sink.ts';
import { everySink } from './every-sink.ts';
import type { EverySource } from './every-source.ts';
import { everySource } from './every-source.ts';

/** As the fields of Plugin (contract.ts), but for the typed configuration. */
interface Definition<C, Every> {
  readonly className: string;
  readonly aliases: readonly string[];
  readonly version: string;
  readonly config: Config<C>;
  testConnection(config: C & Every, signal: AbortSignal): Promise<readonly CheckStep[]>;
  identity(config: C & Every): string;
  content?(config: C & Every): string;
  /** From what is written so far: also asked of a configuration that is not complete. May throw BAD_INPUT. */
  hosts?(flat: ConnectorConfig): readonly string[];
}

export interface SourceDefinition<C>
  extends Definition<C, EverySource>, Pick<SourcePlugin, 'openLook' | 'fullOnly' | 'singleTask'> {
  positions?(config: C): Positions;
  topicOf(config: C): string;
  openTask(config: C & EverySource, signal: AbortSignal, slots: SharedSlots): Promise<SourceTask>;
}

export interface SinkDefinition<C> extends Definition<C, EverySink> {
  /** Rows of one transaction, where the sink writes best with other ones than most. */
  readonly batchRows?: number;
  readsTimestamps?(config: C): boolean;
  openLedger(config: C & EverySink): Promise<TargetLedger>;
  openStore(config: C & EverySink, signal: AbortSignal): Promise<SinkStore>;
}

export function defineSource<C>(source: SourceDefinition<C>): SourcePlugin {
  const full = joined(source.config, everySource);
  return {
    ...common(source, full),
    type: 'source',
    every: everySource,
    ...(source.fullOnly === undefined ? {} : { fullOnly: source.fullOnly }),
    ...(source.positions && { positions: positionsOf(source.positions.bind(source), full) }),
    singleTask: source.singleTask ?? false,
    topicOf: (flat) => source.topicOf(readOrThrow(full, flat)),
    ...(source.openLook === undefined ? {} : { openLook: source.openLook.bind(source) }),
    openTask: async (flat, signal, slots) => source.openTask(readOrThrow(full, flat), signal, slots),
  };
}

function positionsOf<C>(
  positions: (config: C) => Positions,
  full: Config<C & EverySource>,
): (flat: ConnectorConfig) => Positions {
  return (flat) => positions(readOrThrow(full, flat));
}

export function defineSink<C>(sink: SinkDefinition<C>): SinkPlugin {
  const every = everySink(sink.batchRows);
  const full = joined(sink.config, every);
  return {
    ...common(sink, full),
    type: 'sink',
    every,
    readsTimestamps: (flat) => sink.readsTimestamps?.(readOrThrow(full, flat)) ?? false,
    openLedger: async (flat) => sink.openLedger(readOrThrow(full, flat)),
    openStore: async (flat, signal) => sink.openStore(readOrThrow(full, flat), signal),
  };
}

function common<C, Every>(definition: Definition<C, Every>, full: Config<C & Every>) {
  const { className, aliases, version } = definition;
  return {
    className,
    aliases,
    version,
    configDef: full.def,
    validate: (flat: ConnectorConfig) => {
      const reading = full.read(flat);
      return 'problems' in reading ? reading.problems : [];
    },
    identity: (flat: ConnectorConfig) => definition.identity(readOrThrow(full, flat)),
    hosts: (flat: ConnectorConfig) => definition.hosts?.(flat) ?? [],
    content: (flat: ConnectorConfig) => definition.content?.(readOrThrow(full, flat)) ?? '',
    testConnection: async (flat: ConnectorConfig, signal: AbortSignal) => {
      const reading = full.read(flat);
      return 'problems' in reading
        ? [wrongStep(reading.problems)]
        : definition.testConnection(reading.value, signal);
    },
  };
}

function wrongStep(problems: readonly ConfigProblem[]): CheckStep {
  const detail = problems.map(({ key, message }) => `${key}: ${message}`).join(' · ');
  return { name: 'configuration', ok: false, detail, tookMs: 0 };
}
