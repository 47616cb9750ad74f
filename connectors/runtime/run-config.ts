// What a task runner reads from a connector's configuration: which run this is, and by whose order.
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import { KEY } from '../../src/core/connector/keys.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { ValueFormat } from '../../src/core/headers.ts';
import { defaultPolicy } from '../../src/core/job.ts';
import { defaultRemovalPercent } from '../../src/core/connector/table-sink-config.ts';

export interface RunConfig {
  /** The connector's name on the worker. */
  readonly connector: string;
  /** How the connector calls itself in statuses. */
  readonly speaker: string;
  readonly taskId: string;
  /** The job's UUID; `connect:<connector name>` for a run by hand. */
  readonly job: string;
  /** Given by the executor; null by hand: the sink begins the run itself. */
  readonly epoch: number | null;
  readonly base: number | null;
  readonly mode: 'full' | 'incremental';
  readonly lagMs: number;
  readonly valueFormat: ValueFormat;
  readonly endMarker: 'control' | 'record';
  readonly dirtyLimit: number;
  /** Percent. */
  readonly removalLimit: number;
  /** Sink: offsets to start at, by partition; null: the job's last position, else the start of the log. */
  readonly startOffsets: readonly number[] | null;
  readonly logIncarnation: string | null;
}

/** Throws CONFIG-like BAD_INPUT naming the key; the executor's own keys are trusted only in their syntax. */
export function readRunConfig(connector: string, config: ConnectorConfig): RunConfig {
  const job = config[KEY.job] ?? '';
  const offsets = config[KEY.startOffsets] ?? '';
  return {
    connector,
    speaker: nonEmpty(config[KEY.connectorName]) ?? connector,
    taskId: nonEmpty(config[KEY.taskId]) ?? connector,
    job: job === '' ? `connect:${connector}` : job,
    epoch: job === '' ? null : readWhole(config, KEY.epoch, null),
    base: readWhole(config, KEY.base, null),
    mode: readMode(config),
    lagMs: readWhole(config, KEY.lagMs, null) ?? defaultPolicy.lagMs,
    valueFormat: readChoice(config, KEY.valueFormat, ['json', 'row', 'json-plain']),
    endMarker: readChoice(config, KEY.endMarker, ['control', 'record']),
    dirtyLimit: readWhole(config, KEY.dirtyLimit, null) ?? defaultPolicy.dirtyLimit,
    removalLimit: readWhole(config, KEY.removalLimit, null) ?? defaultRemovalPercent,
    startOffsets: offsets === '' ? null : readOffsets(offsets),
    logIncarnation: nonEmpty(config[KEY.logIncarnation]),
  };
}

function nonEmpty(text: string | undefined): string | null {
  return text === undefined || text.trim() === '' ? null : text;
}

function readWhole(config: ConnectorConfig, key: string, absent: null): number | null {
  const text = nonEmpty(config[key]);
  if (text === null) return absent;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw badKey(key, text, 'a whole number from 0');
  return value;
}

/** The executor says the mode; by hand it is `pkuse.datasyntype`: 1 full, 2 incremental. */
function readMode(config: ConnectorConfig): 'full' | 'incremental' {
  const said = nonEmpty(config[KEY.mode]);
  if (said !== null) return readChoice(config, KEY.mode, ['full', 'incremental']);
  return config['pkuse.datasyntype'] === '2' ? 'incremental' : 'full';
}

function readChoice<T extends string>(
  config: ConnectorConfig,
  key: string,
  choices: readonly [T, ...T[]],
): T {
  const text = nonEmpty(config[key]);
  if (text === null) return choices[0];
  const choice = choices.find((each) => each === text);
  if (choice === undefined) throw badKey(key, text, `one of ${choices.join(', ')}`);
  return choice;
}

function readOffsets(text: string): readonly number[] {
  const value: unknown = JSON.parse(text);
  if (Array.isArray(value) && value.every((each) => Number.isSafeInteger(each))) return value as number[];
  throw badKey(KEY.startOffsets, text, 'a JSON array of offsets');
}

function badKey(key: string, value: string, expected: string): SyncError {
  return new SyncError('BAD_INPUT', { message: `reading ${key}: '${value}' is not ${expected}`, field: key });
}
