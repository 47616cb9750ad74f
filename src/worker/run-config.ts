// What a task runner works with: which run this is, by whose order, and what the worker reads of every source and sink.
import { joined, readOrThrow } from '../core/connector/config.ts';
import type { ValueOf } from '../core/connector/config.ts';
import type { ConnectorConfig } from '../core/connector/config-def.ts';
import type { SinkPlugin, SourcePlugin } from '../core/connector/contract.ts';
import { topicsKey } from '../core/connector/every-sink.ts';
import type { EverySink } from '../core/connector/every-sink.ts';
import type { EverySource } from '../core/connector/every-source.ts';
import { config } from '../core/connector/config.ts';
import { SyncError } from '../core/errors.ts';
import { KEY } from '../core/connector/keys.ts';
import { runConfigSpec } from './config/run-keys.ts';

type Given = ValueOf<typeof runConfigSpec>;

export interface RunConfig extends Pick<
  Given,
  'epoch' | 'base' | 'deletesFrom' | 'lagMs' | 'valueFormat' | 'endMarker' | 'startOffsets' | 'logIncarnation'
> {
  /** The connector's name on the worker. */
  readonly connector: string;
  /** How the connector calls itself in statuses. */
  readonly speaker: string;
  readonly taskId: string;
  /** Whether somebody named the run; else the connector's name stands for it. */
  readonly hasTaskId: boolean;
  /** The job's UUID; `connect:<connector name>` for a run by hand. */
  readonly job: string;
  readonly mode: 'full' | 'incremental';
  /** Of its data. */
  readonly topic: string;
}

export type SourceRunConfig = RunConfig & EverySource;
export type SinkRunConfig = RunConfig & EverySink;

/** Throws BAD_INPUT naming the key; the executor's own keys are trusted only in their syntax. */
export function readSourceRun(
  plugin: SourcePlugin,
  connector: string,
  flat: ConnectorConfig,
): SourceRunConfig {
  const given = readOrThrow(joined(runConfigSpec, plugin.every), flat);
  const byHand = given.modeByHand === '2' ? 'incremental' : 'full';
  const topic = given.topic ?? plugin.topicOf(flat);
  return { ...given, ...readRun(connector, given), mode: given.mode ?? byHand, topic };
}

/** Throws BAD_INPUT naming the key. */
export function readSinkRun(plugin: SinkPlugin, connector: string, flat: ConnectorConfig): SinkRunConfig {
  const given = readOrThrow(joined(joined(runConfigSpec, plugin.every), sinkTopics), flat);
  const [topic, ...others] = given.topics;
  if (topic === undefined || others.length > 0)
    throw new SyncError('BAD_INPUT', {
      message: `reading topics: '${given.topics.join(',')}': a Syncline sink reads exactly one topic`,
      field: topicsKey.def.name,
    });
  return { ...given, ...readRun(connector, given), mode: given.mode ?? 'full', topic };
}

const sinkTopics = config({ topics: topicsKey });

/** Which run by hand a connector belongs to; null: it is a job's. */
export function runByHandOf(connector: string, flat: ConnectorConfig): string | null {
  const said = (key: string): string => (flat[key] ?? '').trim();
  if (said(KEY.job) !== '') return null;
  return said(KEY.taskId) === '' ? connector : said(KEY.taskId);
}

/** By hand nobody gives an epoch: the sink begins the run itself. */
function readRun(
  connector: string,
  { speaker, taskId, job, epoch }: Given,
): Pick<RunConfig, 'connector' | 'speaker' | 'taskId' | 'hasTaskId' | 'job' | 'epoch'> {
  return {
    connector,
    speaker: speaker ?? connector,
    taskId: taskId ?? connector,
    hasTaskId: taskId !== null,
    job: job ?? `connect:${connector}`,
    epoch: job === null ? null : epoch,
  };
}
