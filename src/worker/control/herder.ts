// The herder of a standalone worker: owns the defined connectors, keeps them on the disk, runs their tasks on a TaskHost.
// Acts on one connector wait for the one before; starting and stopping its task follows in the background.
import type { Clock } from '../../core/clock.ts';
import type { ConnectorConfig } from '../../core/connector/config-def.ts';
import type { ConnectorPlugin } from '../../core/connector/contract.ts';
import { SyncError } from '../../core/errors.ts';
import type { ErrorShape } from '../../core/errors.ts';
import { createMutex } from '../../core/waiting/mutex.ts';
import { within } from '../../core/waiting/within.ts';
import type { Emit } from '../../core/events.ts';
import { admitConfig, isRunBound } from './admit-config.ts';
import type { CheckedConfig, ValidationContext } from '../config/config-validation.ts';
import type { SentConfig } from '../../core/connector/config-def.ts';
import { ignoredKeys, validateConfig } from '../config/config-validation.ts';
import { topicsOf } from '../config/check-topics.ts';
import type { ShownInstance } from './connector-life.ts';
import { ConnectorLife } from './connector-life.ts';
import type { TargetState } from './connector-state.ts';
import type { ConnectorStore, StoredConnector } from './connector-store.ts';
import type { PluginRegistry } from '../../core/connector/plugin-registry.ts';
import type { ConnectorInfo, ConnectorStatus } from './shown-connector.ts';
import { showInfo, showStatus } from './shown-connector.ts';
import type { TaskHost } from './task-host.ts';
import { runByHandOf } from '../run-config.ts';

export interface HerderOptions {
  readonly registry: PluginRegistry;
  readonly host: TaskHost;
  readonly store: ConnectorStore;
  /** Version of Connect that the worker answers as. */
  readonly workerVersion: string;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Clears up behind a connector that was deleted, once its task has stopped; one made again under its name waits for that. */
  readonly forget: (connector: DefinedConnector) => Promise<void>;
}

/** A connector for the worker's own use: secrets in clear. */
export interface DefinedConnector {
  readonly name: string;
  readonly config: ConnectorConfig;
  readonly plugin: ConnectorPlugin | null;
}

interface Entry {
  stored: StoredConnector;
  readonly life: ConnectorLife;
}

const STOP_DEADLINE_MS = 10_000;

/** Methods that take a name throw NOT_FOUND when there is no such connector, in the words Connect has for that call. */
export class Herder {
  readonly #options: HerderOptions;
  readonly #validation: ValidationContext;
  readonly #connectors = new Map<string, Entry>();
  /** Deleted connectors whose tasks still stop. */
  readonly #departing = new Map<string, Promise<void>>();
  readonly #one = createMutex();
  /** By connector: the ignored keys that were said last. */
  readonly #saidIgnored = new Map<string, string>();
  #lastGeneration = 0;

  constructor(options: HerderOptions) {
    this.#options = options;
    this.#validation = {
      workerVersion: options.workerVersion,
      requirePlugin: (className) => options.registry.require(className),
    };
  }

  /** Brings the stored connectors back. */
  async start(): Promise<void> {
    for (const stored of await this.#options.store.load()) {
      this.#lastGeneration = Math.max(this.#lastGeneration, stored.generation);
      this.#add(stored);
    }
  }

  /** Stops every task; the connectors keep their target states on the disk. */
  async stop(): Promise<void> {
    const lives = [...this.#connectors.values()].map(({ life }) => life);
    this.#connectors.clear();
    for (const life of lives) life.become({ target: 'STOPPED' });
    const stopped = Promise.all([...lives.map((life) => life.settled()), ...this.#departing.values()]);
    const { clock } = this.#options;
    await within<unknown>({ clock, ms: STOP_DEADLINE_MS, onLimit: () => undefined }, stopped);
  }

  names(): readonly string[] {
    return [...this.#connectors.keys()];
  }

  info(name: string): ConnectorInfo {
    return showInfo(this.#require(name, `Connector ${name} not found`).life);
  }

  status(name: string): ConnectorStatus {
    return showStatus(this.#require(name, `No status found for connector ${name}`).life);
  }

  defined(name: string): DefinedConnector {
    const { config, plugin } = this.#require(name, `Connector ${name} not found`).life.definition;
    return { name, config, plugin };
  }

  /** Topics its tasks were started on since the last reset; none for an unknown connector. */
  topics(name: string): readonly string[] {
    return this.#connectors.get(name)?.stored.topics ?? [];
  }

  resetTopics(name: string): Promise<void> {
    return this.#one(name, async () => {
      const entry = this.#connectors.get(name);
      if (entry !== undefined) await this.#save(entry, { topics: [] });
    });
  }

  /** Throws BAD_INPUT without a connector class, NOT_FOUND for an unknown one, CONFLICT for an ambiguous one. */
  validate(sent: SentConfig): CheckedConfig {
    return validateConfig(this.#validation, sent);
  }

  /** Throws BAD_INPUT with every problem, CONFLICT when the name is taken. */
  create(name: string, sent: SentConfig, target: TargetState): Promise<ConnectorInfo> {
    return this.#one(name, () => this.#create(name, sent, target));
  }

  /** Makes the connector when it is missing. Throws BAD_INPUT, and CONFLICT for a configuration of an epoch that is over. */
  putConfig(
    name: string,
    sent: SentConfig,
  ): Promise<{ readonly created: boolean; readonly info: ConnectorInfo }> {
    return this.#one(name, async () => {
      const entry = this.#connectors.get(name);
      if (entry === undefined) return { created: true, info: await this.#create(name, sent, 'STARTED') };
      return { created: false, info: await this.#replace(entry, sent) };
    });
  }

  /** Changes single keys; null removes one. Throws as putConfig. */
  patchConfig(name: string, patch: SentConfig): Promise<ConnectorInfo> {
    return this.#one(name, async () => {
      const entry = this.#require(name, `Connector ${name} not found`);
      const merged = Object.entries({ ...entry.stored.config, ...patch });
      return this.#replace(entry, Object.fromEntries(merged.filter(([, value]) => value !== null)));
    });
  }

  remove(name: string): Promise<void> {
    return this.#one(name, async () => {
      const { life } = this.#require(name, `Connector ${name} not found`);
      const connector = this.defined(name);
      await this.#options.store.remove(name);
      this.#connectors.delete(name);
      this.#saidIgnored.delete(name);
      life.become({ target: 'STOPPED' });
      const departed = this.#forget(connector, life.settled()).then(() => {
        if (this.#departing.get(name) === departed) this.#departing.delete(name);
      });
      this.#departing.set(name, departed);
    });
  }

  /** Resolves when the wish is on the disk, where it is kept there; the task follows. */
  setTarget(name: string, target: TargetState): Promise<void> {
    return this.#one(name, async () => {
      const entry = this.#require(name, `Unknown connector ${name}`);
      if (isRunBound(entry.stored.config)) entry.stored = { ...entry.stored, target };
      else if (entry.stored.target !== target) await this.#save(entry, { target });
      entry.life.become({ target });
    });
  }

  /** The status, with what is about to restart shown as RESTARTING. */
  restart(name: string, request: { includeTasks: boolean; onlyFailed: boolean }): ConnectorStatus {
    const { life } = this.#require(name, `Unknown connector: ${name}`);
    const affected = (part: ShownInstance | null): boolean =>
      part !== null && (!request.onlyFailed || part.state === 'FAILED');
    life.restart({
      connector: affected(life.connector()),
      task: request.includeTasks && affected(life.task()),
    });
    return showStatus(life);
  }

  restartTask(name: string, task: number): void {
    const { life } = this.#require(name, `Unknown connector: ${name}`);
    if (task !== 0 || life.task() === null)
      throw new SyncError('NOT_FOUND', { message: `Unknown task: ${name}-${task}` });
    life.restart({ connector: false, task: true });
  }

  /** Work during which the connector stays stopped. Throws BAD_INPUT in Connect's words when it is not to be STOPPED. */
  whileStopped<T>(name: string, work: (connector: DefinedConnector) => Promise<T>): Promise<T> {
    return this.#one(name, async () => {
      const { stored, life } = this.#require(name, `Connector ${name} not found`);
      if (stored.target !== 'STOPPED')
        throw new SyncError('BAD_INPUT', {
          message: `Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the specified connector by issuing a 'PUT' request to the '/connectors/${name}/stop' endpoint`,
        });
      await life.settled();
      return work(this.defined(name));
    });
  }

  #require(name: string, message: string): Entry {
    const entry = this.#connectors.get(name);
    if (entry === undefined) throw new SyncError('NOT_FOUND', { message });
    return entry;
  }

  async #create(name: string, sent: SentConfig, target: TargetState): Promise<ConnectorInfo> {
    const { config, plugin } = admitConfig(this.#validation, sent, null);
    if (this.#connectors.has(name))
      throw new SyncError('CONFLICT', { message: `Connector ${name} already exists` });
    const stored = { name, config, target, generation: this.#nextGeneration(), topics: [] };
    await this.#options.store.save(asKept(stored));
    this.#sayIgnored(name, plugin, config);
    return showInfo(this.#add(stored).life);
  }

  async #replace(entry: Entry, sent: SentConfig): Promise<ConnectorInfo> {
    const { config, plugin } = admitConfig(this.#validation, sent, entry.stored);
    const generation = this.#nextGeneration();
    await this.#save(entry, { config, generation });
    this.#sayIgnored(entry.stored.name, plugin, config);
    entry.life.become({ config, plugin, generation });
    return showInfo(entry.life);
  }

  #add(stored: StoredConnector): Entry {
    const { name, config, target, generation } = stored;
    const plugin = this.#options.registry.find((config['connector.class'] ?? '').trim());
    const context = {
      host: this.#options.host,
      emit: this.#options.emit,
      predecessor: this.#departing.get(name) ?? Promise.resolve(),
      onRunning: () => void this.#noteTopics(entry),
      sourceFailure: () => this.#sourceFailureOf(entry.life.definition),
    };
    const entry: Entry = {
      stored,
      life: new ConnectorLife(context, { name, config, plugin, target, generation }),
    };
    this.#connectors.set(name, entry);
    return entry;
  }

  /** A source may have failed before its sink was made, or while it was paused: nobody was there to be told. */
  #sourceFailureOf(sink: DefinedConnector): ErrorShape | null {
    const run = sink.plugin?.type === 'sink' ? runByHandOf(sink.name, sink.config) : null;
    if (run === null) return null;
    for (const { life } of this.#connectors.values()) {
      const { name, config, plugin } = life.definition;
      const failure = life.task()?.failure ?? null;
      if (failure !== null && plugin?.type === 'source' && runByHandOf(name, config) === run)
        return failure.error;
    }
    return null;
  }

  async #save(entry: Entry, change: Partial<StoredConnector>): Promise<void> {
    const stored = { ...entry.stored, ...change };
    await this.#options.store.save(asKept(stored));
    entry.stored = stored;
  }

  // Time, so that a connector made again under the name of a deleted one never repeats a generation.
  #nextGeneration(): number {
    this.#lastGeneration = Math.max(this.#lastGeneration + 1, this.#options.clock.now());
    return this.#lastGeneration;
  }

  #sayIgnored(name: string, plugin: ConnectorPlugin, config: ConnectorConfig): void {
    const keys = ignoredKeys(plugin, config);
    if (keys.length === 0 || this.#saidIgnored.get(name) === keys.join()) return;
    this.#saidIgnored.set(name, keys.join());
    this.#options.emit({ type: 'config.ignored', connector: name, keys });
  }

  async #forget(connector: DefinedConnector, stopped: Promise<void>): Promise<void> {
    await stopped;
    try {
      await this.#options.forget(connector);
    } catch (error) {
      this.#options.emit({ type: 'service.failed', service: `clearing up behind ${connector.name}`, error });
    }
  }

  async #noteTopics(entry: Entry): Promise<void> {
    const { name } = entry.stored;
    try {
      await this.#one(name, async () => {
        if (this.#connectors.get(name) !== entry) return;
        const topics = new Set([...entry.stored.topics, ...topicsUsed(entry.life.definition)]);
        if (topics.size > entry.stored.topics.length) await this.#save(entry, { topics: [...topics] });
      });
    } catch (error) {
      this.#options.emit({ type: 'service.failed', service: `topics of ${name}`, error });
    }
  }
}

/** A connector of a run is STOPPED at the next start, whatever it was: its run went with the process. */
function asKept(stored: StoredConnector): StoredConnector {
  return isRunBound(stored.config) ? { ...stored, target: 'STOPPED' } : stored;
}

function topicsUsed({ plugin, config }: DefinedConnector): readonly string[] {
  if (plugin?.type === 'source') return [plugin.topicOf(config)];
  return topicsOf(config.topics ?? '');
}
