// The sink under the names of Confluent's JDBC connector and article 003's: connection.url says which of the SQL targets is meant, and
// that one does all the work.
import { failedStep } from '../../src/core/connector/check-steps.ts';
import type {
  ConfigDef,
  ConfigKey,
  ConnectorConfig,
  ValueRepair,
} from '../../src/core/connector/config-def.ts';
import type { SinkPlugin } from '../../src/core/connector/contract.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { Text } from '../../src/core/text.ts';

export interface UrlSink {
  /** What its URLs begin with. */
  readonly prefixes: readonly string[];
  readonly sink: SinkPlugin;
}

const urlKey = 'connection.url';

export function createSinkByUrl(sinks: readonly [UrlSink, ...UrlSink[]]): SinkPlugin {
  const known = sinks.flatMap(({ prefixes }) => prefixes.map((prefix) => `${prefix}…`)).join(', ');
  const complaint = `it begins with none of ${known}`;
  const wrongUrl = (): SyncError =>
    new SyncError('BAD_INPUT', { message: `reading ${urlKey}: ${complaint}`, field: urlKey });
  const find = (flat: ConnectorConfig): SinkPlugin | null => {
    const url = (flat[urlKey] ?? '').trimStart().toLowerCase();
    return sinks.find(({ prefixes }) => prefixes.some((prefix) => url.startsWith(prefix)))?.sink ?? null;
  };
  const require = (flat: ConnectorConfig): SinkPlugin => {
    const sink = find(flat);
    if (sink !== null) return sink;
    throw wrongUrl();
  };
  return {
    type: 'sink',
    className: 'io.syncline.sql.SqlSinkConnector',
    aliases: [
      'io.confluent.connect.jdbc.MyJdbcSinkConnector',
      'io.confluent.connect.jdbc.JdbcSinkConnector',
      'MyJdbcSinkConnector',
      'MyJdbcSink',
      'JdbcSinkConnector',
      'JdbcSink',
      'SqlSinkConnector',
      'SqlSink',
    ],
    version: sinks[0].sink.version,
    every: sinks[0].sink.every,
    configDef: keysOf(sinks, complaint, find),
    validate: (flat) =>
      find(flat)?.validate(flat) ?? [{ key: urlKey, value: flat[urlKey] ?? null, message: complaint }],
    testConnection: async (flat, signal, rows) =>
      find(flat)?.testConnection(flat, signal, rows) ?? [
        failedStep('configuration', wrongUrl(), { fallback: 'BAD_INPUT', tookMs: 0 }),
      ],
    hosts: (flat) => require(flat).hosts?.(flat) ?? [],
    fullOnly: (flat) => find(flat)?.fullOnly?.(flat) ?? null,
    refuseDeletes: (flat, way) => find(flat)?.refuseDeletes?.(flat, way) ?? null,
    identity: (flat) => require(flat).identity(flat),
    content: (flat) => require(flat).content(flat),
    openLedger: async (flat) => require(flat).openLedger(flat),
    openStore: async (flat, signal) => require(flat).openStore(flat, signal),
  };
}

/** Of all of them, each once; what only some need, their own look at the whole asks for. */
function keysOf(
  sinks: readonly UrlSink[],
  complaint: string,
  find: (flat: ConnectorConfig) => SinkPlugin | null,
): ConfigDef {
  const keys = new Map<string, ConfigKey>();
  for (const { sink } of sinks)
    for (const key of sink.configDef) {
      const known = keys.get(key.name);
      const needed = sinks.every((each) => isNeeded(each, key.name));
      if (known === undefined)
        keys.set(key.name, needed ? key : { ...key, defaultValue: key.defaultValue ?? null });
    }
  const check = (text: string): string | null => {
    const sink = find({ [urlKey]: text });
    if (sink === null) return complaint;
    return sink.configDef.find(({ name }) => name === urlKey)?.check?.(text) ?? null;
  };
  return [...keys.values()].map((key) => {
    const documentation = docs.get(key.name) ?? key.documentation;
    // Only the one that is meant can judge the values of the others.
    const repairs = key.name === urlKey ? { repairs: urlRepairs } : {};
    return { ...key, documentation, check: key.name === urlKey ? check : () => null, ...repairs };
  });
}

/** Article 003 prints its URL as `…/test03? auto…`, broken by its line wrapping. */
const urlRepairs: readonly ValueRepair[] = [
  {
    what: 'a blank inside the JDBC URL',
    apply: (value) => (value.startsWith('jdbc:') ? value.replace(/([?&])\s+/g, '$1') : value),
  },
];

/** Of keys that mean something else in each. */
const docs = new Map<string, Text>([
  [
    urlKey,
    {
      en: "jdbc:mysql://host:port/database (or jdbc:mariadb:…), jdbc:postgresql://host:port/database, or jdbc:sqlite:<file> below the worker's folder for files; without user and password.",
      zh: 'jdbc:mysql://host:port/database（或 jdbc:mariadb:…）、jdbc:postgresql://host:port/database，或工作节点文件目录之下的 jdbc:sqlite:<文件>；不含用户名和密码。',
    },
  ],
  [
    'dialect.name',
    {
      en: 'The database in Confluent’s words, or blank; it must be the one that connection.url says.',
      zh: 'Confluent 对数据库的称呼，或留空；须与 connection.url 一致。',
    },
  ],
  [
    'connection.tls.ca',
    {
      en: 'Certificates of whom to trust, as PEM text, where connection.url asks for a certificate that is verified; blank: those that Node trusts.',
      zh: 'connection.url 要求校验证书时受信任的证书，PEM 文本；留空：Node 信任的证书。',
    },
  ],
]);

function isNeeded({ sink }: UrlSink, name: string): boolean {
  const key = sink.configDef.find((each) => each.name === name);
  return key !== undefined && key.defaultValue === undefined;
}
