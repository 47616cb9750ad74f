// Validates a connector's whole configuration: every key against its definition, then the rules between keys.
import type { SentConfig } from '../../core/connector/config-def.ts';
import type { ConfigDef, ConfigKey, ConnectorConfig } from '../../core/connector/config-def.ts';
import type { ConnectorPlugin } from '../../core/connector/contract.ts';
import { findOversize } from '../../core/connector/config-limits.ts';
import { SyncError } from '../../core/errors.ts';
import { checkValue, invalid } from './check-value.ts';
import { commonKeys, DEFAULT_CONVERTER, DEFAULT_HEADER_CONVERTER } from './common-keys.ts';
import { converterNames, findConverter } from './converter-keys.ts';
import { runKeys } from './run-keys.ts';
import { sinkKeys, sourceKeys } from './side-keys.ts';
import { createScrub } from '../../core/secrets/scrub.ts';
import { keysStillMasked, MASK, secretTexts, showValue } from '../../core/secrets/secrets.ts';
import { checkTopics } from './check-topics.ts';
import type { UnknownKey } from './unknown-keys.ts';
import { typingErrors, unknownKeys } from './unknown-keys.ts';
import { converterProblems, tooManyTasks, unsupportedKeys } from './unsupported-keys.ts';

interface CheckedEntry {
  readonly name: string;
  /** null: a key that no definition knows. */
  readonly key: ConfigKey | null;
  readonly value: string | null;
  readonly recommended: readonly string[];
  readonly errors: readonly string[];
}

export interface CheckedConfig {
  readonly plugin: ConnectorPlugin;
  readonly entries: readonly CheckedEntry[];
  readonly groups: readonly string[];
  readonly errorCount: number;
}

export interface ValidationContext {
  readonly workerVersion: string;
  /** Throws NOT_FOUND, CONFLICT. */
  readonly requirePlugin: (className: string) => ConnectorPlugin;
}

/** Throws BAD_INPUT without a class, NOT_FOUND for an unknown one, CONFLICT for an ambiguous one. */
export function validateConfig(context: ValidationContext, sent: SentConfig): CheckedConfig {
  const plugin = context.requirePlugin(classOf(sent));
  refuseOversize(sent);
  const unknown = unknownKeys(fullDef(plugin), sent);
  const given = runKeys.filter(({ name }) => Object.hasOwn(sent, name));
  const keys = unique([...baseKeys(plugin, context.workerVersion), ...plugin.configDef, ...given]);
  const entries = [...keys, ...converterEntryKeys(sent)].map((key) => checkEntry(context, plugin, key, sent));
  const checked = hideSecrets(
    fullDef(plugin),
    sent,
    addProblems(entries, [
      ...(plugin.type === 'sink' ? checkTopics(sent) : []),
      ...stillMasked(fullDef(plugin), sent),
      ...typingErrors(unknown),
      ...unsaid(entries, [
        ...unsupportedKeys(sent, plugin.configDef),
        ...tooManyTasks(sent, plugin.type === 'source' && plugin.singleTask === true),
        ...(plugin.type === 'source' ? converterProblems(sent) : []),
        ...pluginProblems(plugin, sent),
      ]),
    ]),
  );
  return {
    plugin,
    entries: nameUnknown(checked, unknown),
    groups: [...new Set(keys.map(({ group }) => group).filter((group) => group !== ''))],
    errorCount: checked.reduce((count, { errors }) => count + errors.length, 0),
  };
}

/** The keys of a connector class as `/connector-plugins/{plugin}/config` shows them: its own first. */
export function pluginDef(plugin: ConnectorPlugin): ConfigDef {
  return unique([...plugin.configDef, ...baseKeys(plugin, null)]);
}

/** Every key the connector knows, also those that only the executor sets. */
export function fullDef(plugin: ConnectorPlugin): ConfigDef {
  return unique([...baseKeys(plugin, null), ...plugin.configDef, ...runKeys]);
}

/** Known, and of no consequence; article 003's three among them. */
const withoutEffect = [
  /^errors\.log\./,
  /^config\.action\.reload$/,
  /^tasks\.max\.enforce$/,
  /^pkuse\.(isftpfile|daboturl|hasbigfield)$/,
];

/** Keys that change nothing here: unknown ones, and those of Connect that this worker has no use for. */
export function ignoredKeys(plugin: ConnectorPlugin, config: ConnectorConfig): readonly string[] {
  const unknown = new Set(unknownKeys(fullDef(plugin), config).map(({ name }) => name));
  return Object.keys(config).filter(
    (name) => unknown.has(name) || withoutEffect.some((pattern) => pattern.test(name)),
  );
}

export function classOf(sent: SentConfig): string {
  const className = Object.hasOwn(sent, 'connector.class') ? sent['connector.class'] : null;
  if (typeof className === 'string' && className.trim() !== '') return className.trim();
  const shown = Object.entries(sent).map(
    ([key, value]) => `${key}=${value === null ? 'null' : showValue(key, value, null)}`,
  );
  throw new SyncError('BAD_INPUT', {
    message: `Connector config {${shown.join(', ')}} contains no connector type`,
    field: 'connector.class',
  });
}

/** `workerVersion` null: the defaults that depend on the worker are left out, as in the plugin's own description. */
function baseKeys(plugin: ConnectorPlugin, workerVersion: string | null): ConfigDef {
  return [...commonKeys, ...(plugin.type === 'sink' ? sinkKeys : sourceKeys)].map((key) => {
    if (key.name === 'connector.plugin.version') return { ...key, defaultValue: plugin.version };
    const side = /^(key|value|header)\.converter(\.plugin\.version)?$/.exec(key.name);
    if (side === null || workerVersion === null) return key;
    if (side[2] !== undefined) return { ...key, defaultValue: workerVersion };
    return { ...key, defaultValue: side[1] === 'header' ? DEFAULT_HEADER_CONVERTER : DEFAULT_CONVERTER };
  });
}

// A plugin may define a key of the worker's again: the first definition counts.
function unique(keys: ConfigDef): ConfigDef {
  return [...new Map(keys.toReversed().map((key) => [key.name, key])).values()].toReversed();
}

const sides = ['key', 'value', 'header'] as const;

/** Keys of the converters that the configuration names, each with the converter's prefix. */
function converterEntryKeys(sent: SentConfig): ConfigDef {
  return sides.flatMap((side) => {
    const name = `${side}.converter`;
    const converter = Object.hasOwn(sent, name) ? findConverter(sent[name] ?? '', side) : null;
    return (converter?.def ?? []).map((key) => ({ ...key, name: `${name}.${key.name}` }));
  });
}

function checkEntry(
  context: ValidationContext,
  plugin: ConnectorPlugin,
  key: ConfigKey,
  sent: SentConfig,
): CheckedEntry {
  const given = Object.hasOwn(sent, key.name) ? sent[key.name] : undefined;
  const of = /^(key|value|header)\.converter(\.plugin\.version|\.converter\.type)?$/.exec(key.name);
  const side = (of?.[1] ?? null) as (typeof sides)[number] | null;
  const entry = (recommended: readonly string[], value: string | null | undefined): CheckedEntry => ({
    name: key.name,
    key,
    recommended,
    ...checkValue(key, value),
  });
  if (key.name === 'connector.plugin.version') return pinned(entry([plugin.version], given), plugin.version);
  if (side === null) return entry([], given);
  if (of?.[2] === '.plugin.version')
    return pinned(entry([context.workerVersion], given), context.workerVersion);
  if (of?.[2] === '.converter.type') return entry([], side);
  const names = converterNames(side);
  if (typeof given !== 'string' || findConverter(given.trim(), side) !== null) return entry(names, given);
  const error = invalid(key.name, given, `Class ${given} could not be found.`);
  return { ...entry(names, null), errors: [error] };
}

function pinned(entry: CheckedEntry, installed: string): CheckedEntry {
  if (entry.value === null || entry.value === installed || entry.value === 'latest') return entry;
  const error = invalid(entry.name, entry.value, `the installed version is ${installed}`);
  return { ...entry, errors: [...entry.errors, error] };
}

interface Problem {
  readonly key: string;
  readonly message: string;
}

function stillMasked(def: ConfigDef, sent: SentConfig): readonly Problem[] {
  return keysStillMasked(withoutNulls(sent), def).map((key) => ({
    key,
    message: invalid(key, MASK, 'this is how a stored secret is shown, and none is stored: send the value'),
  }));
}

function pluginProblems(plugin: ConnectorPlugin, sent: SentConfig): readonly Problem[] {
  // Validation lets a null pass, as Connect's does.
  return plugin.validate(withoutNulls(sent)).filter(({ key }) => sent[key] !== null);
}

/** What was said of a key in Connect's words is not said twice. */
function unsaid(entries: readonly CheckedEntry[], problems: readonly Problem[]): readonly Problem[] {
  const said = new Set(entries.filter(({ errors }) => errors.length > 0).map(({ name }) => name));
  return problems.filter(({ key }) => !said.has(key));
}

export function withoutNulls(sent: SentConfig): ConnectorConfig {
  return Object.fromEntries(
    Object.entries(sent).filter((entry): entry is [string, string] => entry[1] !== null),
  );
}

function addProblems(
  entries: readonly CheckedEntry[],
  problems: readonly Problem[],
): readonly CheckedEntry[] {
  const names = new Set(entries.map(({ name }) => name));
  const of = (name: string): readonly string[] =>
    problems.filter(({ key }) => key === name).map(({ message }) => message);
  const strangers = [...new Set(problems.map(({ key }) => key))].filter((key) => !names.has(key));
  return [
    ...entries.map((entry) => ({ ...entry, errors: [...entry.errors, ...of(entry.name)] })),
    ...strangers.map((name) => ({ name, key: null, value: null, recommended: [], errors: of(name) })),
  ];
}

/** Values and complaints as they may be shown: a complaint may quote any value. */
function hideSecrets(
  def: ConfigDef,
  sent: SentConfig,
  entries: readonly CheckedEntry[],
): readonly CheckedEntry[] {
  const scrub = createScrub(secretTexts(withoutNulls(sent), def));
  return entries.map((entry) => ({
    ...entry,
    value:
      entry.value === null || entry.key?.type === 'PASSWORD'
        ? entry.value
        : showValue(entry.name, entry.value, def),
    errors: entry.errors.map(scrub),
  }));
}

/** A key that nobody knows stands at the end, with the nearest known one in place of a recommended value. */
function nameUnknown(
  entries: readonly CheckedEntry[],
  unknown: readonly UnknownKey[],
): readonly CheckedEntry[] {
  const nearest = new Map(unknown.map((each) => [each.name, [each.nearest]]));
  const named = new Set(entries.map(({ name }) => name));
  return [
    ...entries.map((entry) => ({ ...entry, recommended: nearest.get(entry.name) ?? entry.recommended })),
    ...unknown
      .filter(({ name }) => !named.has(name))
      .map((each) => ({ name: each.name, key: null, value: null, recommended: [each.nearest], errors: [] })),
  ];
}

function refuseOversize(sent: SentConfig): void {
  const found = findOversize(sent);
  if (found === null) return;
  const { key, message } = found;
  throw new SyncError('BAD_INPUT', { message: key === '' ? message : `'${key}': ${message}`, field: key });
}
