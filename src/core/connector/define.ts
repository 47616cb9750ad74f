// How an author writes a connector: with its own configuration, typed. The worker and the executor have flat text; it is read here,
// together with what the worker needs of every source and sink, and nowhere else.
import { systemClock } from '../clock.ts';
import { sayWay, type DeleteRefusal, type DeleteWay } from '../deletes.ts';
import { SyncError } from '../errors.ts';
import { hintOf } from '../error-codes.ts';
import type { TargetLedger } from '../ledger/ledger.ts';
import type { Positions } from '../position.ts';
import type { SharedSlots } from './shared-slots.ts';
import type { SinkStore } from './sink-store.ts';
import type { Config } from './config.ts';
import { config, joined, readOrThrow, text } from './config.ts';
import type { ConfigDef, ConfigProblem, ConnectorConfig } from './config-def.ts';
import type { RowSchema } from './field-type.ts';
import { runCheckSteps } from './check-steps.ts';
import type { CheckStep, SinkPlugin, SourcePlugin, SourceTask, TaskOpening } from './contract.ts';
import type { EverySink } from './every-sink.ts';
import { everySink } from './every-sink.ts';
import type { EverySource } from './every-source.ts';
import { everySource } from './every-source.ts';

/** As the fields of Plugin (contract.ts), but for the typed configuration. */
interface Definition<C, Every> {
  readonly className: string;
  readonly aliases?: readonly string[];
  readonly version: string;
  readonly config: Config<C>;
  readonly answerWithinMs?: number;
  content?(config: C & Every): string;
  /** From what is written so far: also asked of a configuration that is not complete. May throw BAD_INPUT. */
  hosts?(flat: ConnectorConfig): readonly string[];
}

export interface SourceDefinition<C>
  extends Definition<C, EverySource>, Pick<SourcePlugin, 'openLook' | 'fullOnly' | 'singleTask'> {
  /** Absent: the text of all its keys but the secrets, so that a change of any demands a full run. */
  identity?(config: C & EverySource): string;
  /** Absent: a task is opened and closed. */
  testConnection?(config: C & EverySource, signal: AbortSignal): Promise<readonly CheckStep[]>;
  deletes?(config: C & EverySource): DeleteWay | null;
  positions?(config: C): Positions;
  schemaOf?(config: C & EverySource, signal: AbortSignal): Promise<RowSchema>;
  /** Absent: the key `topic` says it, which is declared where the source does not do it. */
  topicOf?(config: C & EverySource): string;
  /** Once per task start. Throws SyncError. */
  open(opening: TaskOpening<C & EverySource>): Promise<SourceTask> | SourceTask;
}

export interface SinkDefinition<C> extends Definition<C, EverySink> {
  identity(config: C & EverySink): string;
  testConnection(config: C & EverySink, signal: AbortSignal, rows?: RowSchema): Promise<readonly CheckStep[]>;
  /** Rows of one transaction, where the sink writes best with other ones than most. */
  readonly batchRows?: number;
  readsTimestamps?(config: C): boolean;
  fullOnly?(config: C & EverySink): string | null;
  refuseDeletes?(config: C & EverySink, way: DeleteWay): DeleteRefusal | null;
  openLedger(config: C & EverySink): Promise<TargetLedger>;
  openStore(config: C & EverySink, signal: AbortSignal): Promise<SinkStore>;
}

/** Throws TypeError for a definition without `open`. */
export function defineSource<C>(source: SourceDefinition<C>): SourcePlugin {
  requireParts(`defineSource of ${source.className}`, source, ['open']);
  const hasTopic = source.topicOf !== undefined || source.config.def.some(({ name }) => name === 'topic');
  const own: Config<C> = hasTopic ? source.config : joined(source.config, topicConfig);
  const full = joined(own, everySource);
  const said = (flat: ConnectorConfig): string => JSON.stringify([source.className, saidOf(own.def, flat)]);
  return {
    ...common(source, full),
    type: 'source',
    every: everySource,
    identity: (flat) => source.identity?.(readOrThrow(full, flat)) ?? said(flat),
    content: (flat) => source.content?.(readOrThrow(full, flat)) ?? (source.identity ? said(flat) : ''),
    ...(source.fullOnly === undefined ? {} : { fullOnly: source.fullOnly }),
    deletes: (flat) => {
      const reading = full.read(flat);
      return 'problems' in reading ? null : (source.deletes?.(reading.value) ?? null);
    },
    ...(source.positions && { positions: positionsOf(source.positions.bind(source), full) }),
    ...(source.schemaOf && { schemaOf: schemaWith(source.schemaOf.bind(source), full) }),
    singleTask: source.singleTask ?? false,
    topicOf: (flat) => source.topicOf?.(readOrThrow(full, flat)) ?? (flat['topic'] ?? '').trim(),
    ...(source.openLook === undefined ? {} : { openLook: source.openLook.bind(source) }),
    testConnection: tested(full, (config, signal) =>
      source.testConnection === undefined
        ? tryOpening(source, config, signal)
        : source.testConnection(config, signal),
    ),
    openTask: async (opening) => source.open({ ...opening, config: readOrThrow(full, opening.config) }),
  };
}

const topicConfig = config({
  topic: text('topic', {
    doc: { en: 'Topic the rows go to.', zh: '各行发往的 topic。' },
    importance: 'HIGH',
  }),
});

/** What the configuration says, defaults included, of all keys that are no secrets. */
function saidOf(def: ConfigDef, flat: ConnectorConfig): readonly (readonly [string, string | null])[] {
  const open = def.filter(({ type }) => type !== 'PASSWORD');
  return open.map(({ name, defaultValue }) => [name, flat[name]?.trim() || (defaultValue ?? null)]);
}

function tryOpening<C>(
  source: SourceDefinition<C>,
  config: C & EverySource,
  signal: AbortSignal,
): Promise<readonly CheckStep[]> {
  return runCheckSteps((step) =>
    step('open', async () => {
      const task = await source.open({ config, signal, slots: noLimits, clock: systemClock });
      await task.close();
      return { detail: 'a task was opened', value: undefined };
    }),
  );
}

const noLimits: SharedSlots = { run: (_request, _signal, work) => work() };

function positionsOf<C>(
  positions: (config: C) => Positions,
  full: Config<C>,
): (flat: ConnectorConfig) => Positions {
  return (flat) => positions(readOrThrow(full, flat));
}

function schemaWith<C>(
  schemaOf: (config: C, signal: AbortSignal) => Promise<RowSchema>,
  full: Config<C>,
): NonNullable<SourcePlugin['schemaOf']> {
  return async (flat, signal) => schemaOf(readOrThrow(full, flat), signal);
}

export function defineSink<C>(sink: SinkDefinition<C>): SinkPlugin {
  const every = everySink(sink.batchRows);
  const full = joined(sink.config, every);
  return {
    ...common(sink, full),
    type: 'sink',
    every,
    identity: (flat) => sink.identity(readOrThrow(full, flat)),
    content: (flat) => sink.content?.(readOrThrow(full, flat)) ?? '',
    testConnection: tested(full, async (config, signal, rows) => [
      ...(await testDeletes(sink, config, rows)),
      ...(await sink.testConnection(config, signal, rows)),
    ]),
    // Also asked of a configuration that is not complete.
    fullOnly: (flat) => {
      const reading = full.read(flat);
      return 'problems' in reading ? null : (sink.fullOnly?.(reading.value) ?? null);
    },
    refuseDeletes: (flat, way) => {
      const reading = full.read(flat);
      return 'problems' in reading ? null : (sink.refuseDeletes?.(reading.value, way) ?? null);
    },
    readsTimestamps: (flat) => sink.readsTimestamps?.(readOrThrow(full, flat)) ?? false,
    openLedger: async (flat) => sink.openLedger(readOrThrow(full, flat)),
    openStore: async (flat, signal) => {
      const config = readOrThrow(full, flat);
      return followingDeletes(sink, config, await sink.openStore(config, signal));
    },
  };
}

/** Of a run that it can't follow nothing is made. */
function followingDeletes<C>(sink: SinkDefinition<C>, config: C & EverySink, store: SinkStore): SinkStore {
  return {
    prepareTable: async (schema, run) => {
      requireFollowed(sink, config, schema);
      return store.prepareTable(schema, run);
    },
    transaction: (work) => store.transaction(work),
    ...(store.finishSwap && { finishSwap: store.finishSwap.bind(store) }),
    close: () => store.close(),
  };
}

function testDeletes<C>(
  sink: SinkDefinition<C>,
  config: C & EverySink,
  rows: RowSchema | undefined,
): Promise<readonly CheckStep[]> {
  const way = rows?.deletes;
  if (way === undefined) return Promise.resolve([]);
  return runCheckSteps((step) =>
    step('deletes', () => {
      requireFollowed(sink, config, rows);
      return Promise.resolve({ detail: `${sayWay(way)} is followed`, value: undefined });
    }),
  );
}

/** Throws TARGET_SCHEMA naming the setting. */
function requireFollowed<C>(
  sink: SinkDefinition<C>,
  config: C & EverySink,
  rows: RowSchema | undefined,
): void {
  const way = rows?.deletes;
  const refusal = way === undefined ? null : (sink.refuseDeletes?.(config, way) ?? null);
  if (way === undefined || refusal === null) return;
  throw new SyncError('TARGET_SCHEMA', { message: refusal.message, field: refusal.key ?? way.setting });
}

function common<C, Every>(definition: Definition<C, Every>, full: Config<C & Every>) {
  const { className, aliases = [], version, answerWithinMs } = definition;
  return {
    ...(answerWithinMs === undefined ? {} : { answerWithinMs }),
    className,
    aliases,
    version,
    configDef: full.def,
    validate: (flat: ConnectorConfig) => {
      const reading = full.read(flat);
      return 'problems' in reading ? reading.problems : [];
    },
    hosts: (flat: ConnectorConfig) => definition.hosts?.(flat) ?? [],
  };
}

type Test<C> = (config: C, signal: AbortSignal, rows?: RowSchema) => Promise<readonly CheckStep[]>;

function tested<C>(full: Config<C>, test: Test<C>): Test<ConnectorConfig> {
  return async (flat, signal, rows) => {
    const reading = full.read(flat);
    return 'problems' in reading ? [wrongStep(reading.problems)] : test(reading.value, signal, rows);
  };
}

function wrongStep(problems: readonly ConfigProblem[]): CheckStep {
  const detail = problems.map(({ key, message }) => `${key}: ${message}`).join(' · ');
  return {
    name: 'configuration',
    ok: false,
    detail,
    code: 'BAD_INPUT',
    hint: hintOf('BAD_INPUT'),
    tookMs: 0,
  };
}

/** Functions that what an author wrote must have, so that no run ends half way for want of one. null: all are there; else what is wrong. */
export function missingParts(value: unknown, needed: readonly string[]): string | null {
  if (typeof value !== 'object' || value === null) return `it is ${String(value)}, no object`;
  const missing = needed.filter((name) => typeof (value as Record<string, unknown>)[name] !== 'function');
  return missing.length === 0 ? null : `it has no ${missing.join(', ')}; it needs ${needed.join(', ')}`;
}

/** Of a definition: its package is not loaded then. Throws TypeError. */
export function requireParts(what: string, value: unknown, needed: readonly string[]): void {
  const problem = missingParts(value, needed);
  if (problem !== null) throw new TypeError(`${what}: ${problem}`);
}
