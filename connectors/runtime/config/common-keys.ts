// Keys that every connector has, as Kafka Connect names, groups and defaults them; documentation in our own words.
import type { ConfigDef, ConfigKey } from '../../../src/core/connector/config-def.ts';

export const DEFAULT_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter';
export const DEFAULT_HEADER_CONVERTER = 'org.apache.kafka.connect.storage.SimpleHeaderConverter';

type Common = Omit<ConfigKey, 'group' | 'orderInGroup'>;

const common: readonly Common[] = [
  {
    name: 'name',
    type: 'STRING',
    importance: 'HIGH',
    documentation: 'Name of the connector, unique on this worker. It stands in URLs, so it has no slash.',
    displayName: 'Connector name',
    width: 'MEDIUM',
    check: checkConnectorName,
  },
  {
    name: 'connector.class',
    type: 'STRING',
    importance: 'HIGH',
    documentation:
      'Class of the connector: its full name, one of its aliases, or either without the package, with or without "Connector" at the end.',
    displayName: 'Connector class',
    width: 'LONG',
  },
  {
    name: 'connector.plugin.version',
    type: 'STRING',
    defaultValue: null,
    importance: 'MEDIUM',
    documentation: 'Version of the connector; only the installed one can be asked for.',
    displayName: 'Connector version',
    width: 'MEDIUM',
  },
  {
    name: 'tasks.max',
    type: 'INT',
    defaultValue: '1',
    importance: 'HIGH',
    documentation:
      'Most tasks the connector may have. Syncline makes one: its parallelism is inside the task, by splits and partitions.',
    displayName: 'Tasks max',
    width: 'SHORT',
    min: 1,
  },
  {
    name: 'tasks.max.enforce',
    type: 'BOOLEAN',
    defaultValue: 'true',
    importance: 'LOW',
    documentation: 'Deprecated in Connect. Without effect: there is never more than one task.',
    displayName: 'Enforce tasks max',
    width: 'SHORT',
  },
  ...converter('key', 'Key', 'Converter of the record keys.'),
  ...converter('value', 'Value', 'Converter of the record values.'),
  ...converter('header', 'Header', 'Converter of the header values; headers are written as text.'),
];

function converter(side: string, title: string, documentation: string): readonly Common[] {
  return [
    {
      name: `${side}.converter`,
      type: 'CLASS',
      defaultValue: null,
      importance: 'LOW',
      documentation,
      displayName: `${title} converter class`,
      width: 'SHORT',
    },
    {
      name: `${side}.converter.plugin.version`,
      type: 'STRING',
      defaultValue: null,
      importance: 'LOW',
      documentation: `Version of the ${side} converter; only the installed one can be asked for.`,
      displayName: `${title} converter version`,
      width: 'SHORT',
    },
  ];
}

const transforms: Common = {
  name: 'transforms',
  type: 'LIST',
  defaultValue: '',
  importance: 'LOW',
  documentation: 'Names of the transformations that change records on their way. Not supported yet.',
  displayName: 'Transforms',
  width: 'LONG',
  check: notYet,
};

const predicates: Common = {
  name: 'predicates',
  type: 'LIST',
  defaultValue: '',
  importance: 'LOW',
  documentation: 'Names of the predicates that transformations ask. Not supported yet.',
  displayName: 'Predicates',
  width: 'LONG',
  check: notYet,
};

const reload: Common = {
  name: 'config.action.reload',
  type: 'STRING',
  defaultValue: 'restart',
  importance: 'LOW',
  documentation: 'What to do when an external configuration value changes. Without effect: there are none.',
  displayName: 'Reload Action',
  width: 'MEDIUM',
  oneOf: ['none', 'restart'],
};

const errorHandling: readonly Common[] = [
  {
    name: 'errors.retry.timeout',
    type: 'LONG',
    defaultValue: '0',
    importance: 'MEDIUM',
    documentation:
      'Milliseconds to try a failed operation again. Without effect: the data path has its own rules.',
    displayName: 'Retry Timeout for Errors',
    width: 'MEDIUM',
  },
  {
    name: 'errors.retry.delay.max.ms',
    type: 'LONG',
    defaultValue: '60000',
    importance: 'MEDIUM',
    documentation: 'Longest pause between two tries. Without effect, as errors.retry.timeout.',
    displayName: 'Maximum Delay Between Retries for Errors',
    width: 'MEDIUM',
  },
  {
    name: 'errors.tolerance',
    type: 'STRING',
    defaultValue: 'none',
    importance: 'MEDIUM',
    documentation:
      'Whether bad records fail the task. Without effect: dirty.limit says how many a run may have.',
    displayName: 'Error Tolerance',
    width: 'SHORT',
    oneOf: ['none', 'all'],
  },
  {
    name: 'errors.log.enable',
    type: 'BOOLEAN',
    defaultValue: 'false',
    importance: 'MEDIUM',
    documentation:
      'Whether tolerated errors are logged. Without effect: bad rows go to the dirty store with their reason.',
    displayName: 'Log Errors',
    width: 'SHORT',
  },
  {
    name: 'errors.log.include.messages',
    type: 'BOOLEAN',
    defaultValue: 'false',
    importance: 'MEDIUM',
    documentation: 'Whether the log shows the bad record. Without effect, as errors.log.enable.',
    displayName: 'Log Error Details',
    width: 'SHORT',
  },
];

/** In Connect's order; `orderInGroup` runs through all groups but the errors'. */
export const commonKeys: ConfigDef = [
  ...common.map((key, index) => ({ ...key, group: 'Common', orderInGroup: index + 1 })),
  { ...transforms, group: 'Transforms', orderInGroup: 12 },
  { ...predicates, group: 'Predicates', orderInGroup: 13 },
  { ...reload, group: 'Common', orderInGroup: 14 },
  ...errorHandling.map((key, index) => ({ ...key, group: 'Error Handling', orderInGroup: index + 1 })),
];

/** A check for keys that would change the data if they worked: refused, never ignored. */
export function notYet(value: string): string | null {
  return value === '' ? null : 'not supported yet by this worker; remove it';
}

const LONGEST_NAME = 1_000;

function checkConnectorName(name: string): string | null {
  if (name.trim() === '') return 'String may not be empty';
  const controls = Array.from(name, (char) => char.codePointAt(0) ?? 0).filter(isControl);
  if (controls.length > 0)
    return `String may not contain control sequences but had the following ASCII chars: ${controls.join(', ')}`;
  // Such a connector could be created but never be named in a URL again.
  if (name.includes('/') || name === '.' || name === '..')
    return "String may not contain '/' nor be a dot path";
  return name.length > LONGEST_NAME ? `String may not be longer than ${LONGEST_NAME} characters` : null;
}

function isControl(code: number): boolean {
  return code < 0x20 || (code >= 0x7f && code < 0xa0);
}
