// Keys that every connector has, as Kafka Connect names, groups and defaults them; documentation in our own words.
import type { ConfigDef, ConfigKey } from '../../core/connector/config-def.ts';

export const DEFAULT_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter';
export const DEFAULT_HEADER_CONVERTER = 'org.apache.kafka.connect.storage.SimpleHeaderConverter';

type Common = Omit<ConfigKey, 'group' | 'orderInGroup'>;

const common: readonly Common[] = [
  {
    name: 'name',
    type: 'STRING',
    importance: 'HIGH',
    documentation: {
      en: 'Name of the connector, unique on this worker. It stands in URLs, so it has no slash.',
      zh: '连接器名称，在该工作节点上唯一。名称出现在 URL 中，因此不含斜杠。',
    },
    displayName: 'Connector name',
    width: 'MEDIUM',
    check: checkConnectorName,
  },
  {
    name: 'connector.class',
    type: 'STRING',
    importance: 'HIGH',
    documentation: {
      en: 'Class of the connector: its full name, one of its aliases, or either without the package, with or without "Connector" at the end.',
      zh: '连接器的类：全名、别名之一，或去掉包名的形式，末尾可带或不带 "Connector"。',
    },
    displayName: 'Connector class',
    width: 'LONG',
  },
  {
    name: 'connector.plugin.version',
    type: 'STRING',
    defaultValue: null,
    importance: 'MEDIUM',
    documentation: {
      en: 'Version of the connector; only the installed one can be asked for.',
      zh: '连接器版本；只能指定已安装的版本。',
    },
    displayName: 'Connector version',
    width: 'MEDIUM',
  },
  {
    name: 'tasks.max',
    type: 'INT',
    defaultValue: '1',
    importance: 'HIGH',
    documentation: {
      en: 'Most tasks the connector may have. Syncline makes one: its parallelism is inside the task, by splits and partitions.',
      zh: '连接器的最大任务数。Syncline 只建一个任务：并行在任务内部按分片和分区进行。',
    },
    displayName: 'Tasks max',
    width: 'SHORT',
    min: 1,
  },
  {
    name: 'tasks.max.enforce',
    type: 'BOOLEAN',
    defaultValue: 'true',
    importance: 'LOW',
    documentation: {
      en: 'Deprecated in Connect. Without effect: there is never more than one task.',
      zh: 'Connect 中已弃用。没有作用：任务从不多于一个。',
    },
    displayName: 'Enforce tasks max',
    width: 'SHORT',
  },
  ...converter('key', 'Key', { en: 'Converter of the record keys.', zh: '记录键的转换器。' }),
  ...converter('value', 'Value', { en: 'Converter of the record values.', zh: '记录值的转换器。' }),
  ...converter('header', 'Header', {
    en: 'Converter of the header values; headers are written as text.',
    zh: '消息头值的转换器；消息头以文本写入。',
  }),
];

function converter(
  side: string,
  title: string,
  documentation: ConfigKey['documentation'],
): readonly Common[] {
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
      documentation: {
        en: `Version of the ${side} converter; only the installed one can be asked for.`,
        zh: `${side} 转换器的版本；只能指定已安装的版本。`,
      },
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
  documentation: {
    en: 'Names of the transformations that change records on their way. Not supported yet.',
    zh: '在途中修改记录的转换（transform）名称。尚不支持。',
  },
  displayName: 'Transforms',
  width: 'LONG',
  check: notYet,
};

const predicates: Common = {
  name: 'predicates',
  type: 'LIST',
  defaultValue: '',
  importance: 'LOW',
  documentation: {
    en: 'Names of the predicates that transformations ask. Not supported yet.',
    zh: '转换所用谓词（predicate）的名称。尚不支持。',
  },
  displayName: 'Predicates',
  width: 'LONG',
  check: notYet,
};

const reload: Common = {
  name: 'config.action.reload',
  type: 'STRING',
  defaultValue: 'restart',
  importance: 'LOW',
  documentation: {
    en: 'What to do when an external configuration value changes. Without effect: there are none.',
    zh: '外部配置值变化时的动作。没有作用：不存在外部配置值。',
  },
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
    documentation: {
      en: 'Milliseconds to try a failed operation again; only 0. A sink has retry.ms.',
      zh: '失败操作的重试毫秒数；只能为 0。目标连接器使用 retry.ms。',
    },
    displayName: 'Retry Timeout for Errors',
    width: 'MEDIUM',
  },
  {
    name: 'errors.retry.delay.max.ms',
    type: 'LONG',
    defaultValue: '60000',
    importance: 'MEDIUM',
    documentation: {
      en: 'Longest pause between two tries. Without effect, as errors.retry.timeout.',
      zh: '两次重试之间的最长间隔。没有作用，同 errors.retry.timeout。',
    },
    displayName: 'Maximum Delay Between Retries for Errors',
    width: 'MEDIUM',
  },
  {
    name: 'errors.tolerance',
    type: 'STRING',
    defaultValue: 'none',
    importance: 'MEDIUM',
    documentation: {
      en: 'Whether bad records fail the task; only none. dirty.limit says how many dirty rows a run may have.',
      zh: '坏记录是否使任务失败；只能为 none。dirty.limit 决定一次运行允许的脏行数。',
    },
    displayName: 'Error Tolerance',
    width: 'SHORT',
    oneOf: ['none', 'all'],
  },
  {
    name: 'errors.log.enable',
    type: 'BOOLEAN',
    defaultValue: 'false',
    importance: 'MEDIUM',
    documentation: {
      en: 'Whether errors are logged. Without effect: dirty rows are kept aside in the target with their reason, in any case.',
      zh: '是否记录错误日志。没有作用：脏行及其原因总会另存于目标。',
    },
    displayName: 'Log Errors',
    width: 'SHORT',
  },
  {
    name: 'errors.log.include.messages',
    type: 'BOOLEAN',
    defaultValue: 'false',
    importance: 'MEDIUM',
    documentation: {
      en: 'Whether the log shows the bad record. Without effect, as errors.log.enable.',
      zh: '日志是否显示坏记录。没有作用，同 errors.log.enable。',
    },
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
