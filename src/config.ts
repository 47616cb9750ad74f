// The configuration of one process: a JSON file, then SYNCLINE_* variables over it, read into one frozen object.
// The only reader of process.env. All problems are listed at once.
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { SyncError } from './core/errors.ts';
import { looksLikeTypo, nearestName } from './core/nearest-name.ts';
import { isCidrBlock } from './core/network/address-guard.ts';

export const roles = ['scheduler', 'executor', 'worker', 'api'] as const;
export type Role = (typeof roles)[number];

export interface Config {
  readonly roles: readonly Role[];
  /** Everything this process keeps on disk. */
  readonly dataDir: string;
  /** `sqlite:<path>`, `mysql://…`, `mariadb://…` or `postgresql://…`. */
  readonly database: string;
  /** null: wake-ups stay in this process. */
  readonly redis: string | null;
  /** `host:port,…`; null: the log is in memory. */
  readonly kafka: string | null;
  /** A Kafka that gives no answer for so long fails the task that reads or writes. */
  readonly kafkaRetryMs: number;
  /** Base URLs of the Connect clusters, by name; `default` is this process's own worker unless said otherwise. */
  readonly connect: Readonly<Record<string, string>>;
  readonly apiHost: string;
  readonly apiPort: number;
  readonly workerHost: string;
  readonly workerPort: number;
  /** Threads that run tasks. */
  readonly lanes: number;
  /** Scanners that all source tasks together may have on one server. */
  readonly scannersPerServer: number;
  /** The same on one cluster. */
  readonly scannersPerCluster: number;
  /** By which triggers choose this executor. */
  readonly executorName: string;
  /** Runs an executor follows at a time. */
  readonly concurrency: number;
  readonly memoryLogBytes: number;
  /** File connectors reach only below this folder. */
  readonly fileRoot: string;
  /** npm packages with connectors. */
  readonly plugins: readonly string[];
  readonly retentionDays: number;
  /** 64 hex digits; null: kept in a file of the data folder, made at first start. */
  readonly secretKey: string | null;
  /** null: generated at first start and printed once. */
  readonly adminToken: string | null;
  /** CIDR blocks webhooks may reach although they are loopback or private. */
  readonly webhookAllow: readonly string[];
  /** CIDR blocks that no connector may be pointed at, besides link-local, multicast and unspecified addresses. */
  readonly egressDeny: readonly string[];
}

interface Setting {
  readonly key: keyof Config;
  readonly env: string;
  /** Turns the text of a variable, or the file's JSON value, into the setting; throws what is wrong in words. */
  readonly read: (value: unknown) => unknown;
}

const settings: readonly Setting[] = [
  { key: 'roles', env: 'SYNCLINE_ROLES', read: readRoles },
  { key: 'dataDir', env: 'SYNCLINE_DATA_DIR', read: (value) => resolve(readText(value)) },
  {
    key: 'database',
    env: 'SYNCLINE_DATABASE',
    read: readUrl(['sqlite:', 'mysql:', 'mariadb:', 'postgresql:', 'postgres:']),
  },
  { key: 'redis', env: 'SYNCLINE_REDIS', read: readUrl(['redis:', 'rediss:']) },
  { key: 'kafka', env: 'SYNCLINE_KAFKA', read: readBrokers },
  { key: 'kafkaRetryMs', env: 'SYNCLINE_KAFKA_RETRY_MS', read: readWhole(1_000, 3_600_000) },
  { key: 'connect', env: 'SYNCLINE_CONNECT', read: readClusters },
  { key: 'apiHost', env: 'SYNCLINE_API_HOST', read: readText },
  { key: 'apiPort', env: 'SYNCLINE_API_PORT', read: readWhole(0, 65_535) },
  { key: 'workerHost', env: 'SYNCLINE_WORKER_HOST', read: readText },
  { key: 'workerPort', env: 'SYNCLINE_WORKER_PORT', read: readWhole(0, 65_535) },
  { key: 'lanes', env: 'SYNCLINE_LANES', read: readWhole(1, 64) },
  { key: 'scannersPerServer', env: 'SYNCLINE_SCANNERS_PER_SERVER', read: readWhole(1, 1_000) },
  { key: 'scannersPerCluster', env: 'SYNCLINE_SCANNERS_PER_CLUSTER', read: readWhole(1, 10_000) },
  { key: 'executorName', env: 'SYNCLINE_EXECUTOR_NAME', read: readName },
  { key: 'concurrency', env: 'SYNCLINE_CONCURRENCY', read: readWhole(1, 1_000) },
  { key: 'memoryLogBytes', env: 'SYNCLINE_MEMORY_LOG_BYTES', read: readWhole(8_000_000, 16_000_000_000) },
  { key: 'fileRoot', env: 'SYNCLINE_FILE_ROOT', read: (value) => resolve(readText(value)) },
  { key: 'plugins', env: 'SYNCLINE_PLUGINS', read: readPackages },
  { key: 'retentionDays', env: 'SYNCLINE_RETENTION_DAYS', read: readWhole(1, 36_500) },
  { key: 'secretKey', env: 'SYNCLINE_SECRET_KEY', read: readKey },
  { key: 'adminToken', env: 'SYNCLINE_ADMIN_TOKEN', read: readToken },
  { key: 'webhookAllow', env: 'SYNCLINE_WEBHOOK_ALLOW', read: readBlocks },
  { key: 'egressDeny', env: 'SYNCLINE_EGRESS_DENY', read: readBlocks },
];

function defaults(dataDir: string): Config {
  return {
    roles,
    dataDir,
    database: `sqlite:${join(dataDir, 'syncline.db')}`,
    redis: null,
    kafka: null,
    kafkaRetryMs: 60_000,
    connect: {},
    apiHost: '127.0.0.1',
    apiPort: 8080,
    workerHost: '127.0.0.1',
    workerPort: 8083,
    lanes: Math.max(2, Math.min(8, availableParallelism())),
    scannersPerServer: 4,
    scannersPerCluster: 64,
    executorName: hostname().slice(0, 128),
    concurrency: 16,
    memoryLogBytes: 64_000_000,
    fileRoot: join(dataDir, 'files'),
    plugins: [],
    retentionDays: 90,
    secretKey: null,
    adminToken: null,
    webhookAllow: [],
    egressDeny: [],
  };
}

/** `flags` are the command line's settings by key; they win over `env`, which wins over the file. Throws BAD_INPUT. */
export function readConfig(
  env: Readonly<NodeJS.ProcessEnv>,
  flags: Readonly<Record<string, string>> = {},
): Config {
  const file = env['SYNCLINE_CONFIG'] ?? 'syncline.config.json';
  const problems: string[] = [];
  const given = new Map<string, unknown>();
  for (const [source, values] of [
    ['file', readFile(file, env, problems)] as const,
    ['flags', flags] as const,
  ]) {
    if (source === 'flags') takeEnv(env, given, problems);
    takeValues(source === 'file' ? `${file} ` : '--', values, { given, problems });
  }
  const dataDir = (given.get('dataDir') as string | undefined) ?? resolve('.syncline');
  const config = { ...defaults(dataDir), ...Object.fromEntries(given) };
  problems.push(...findConflicts(config));
  if (problems.length > 0) {
    throw new SyncError('BAD_INPUT', { message: `reading the configuration:\n  ${problems.join('\n  ')}` });
  }
  return Object.freeze(config);
}

function readFile(
  path: string,
  env: Readonly<NodeJS.ProcessEnv>,
  problems: string[],
): Readonly<Record<string, unknown>> {
  if (!existsSync(path)) {
    if (env['SYNCLINE_CONFIG'] !== undefined) problems.push(`SYNCLINE_CONFIG: there is no file ${path}`);
    return {};
  }
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
    problems.push(`${path}: it does not hold a JSON object of settings`);
    return {};
  } catch (error) {
    problems.push(`${path}: ${String(error)}`);
    return {};
  }
}

function takeEnv(env: Readonly<NodeJS.ProcessEnv>, given: Map<string, unknown>, problems: string[]): void {
  for (const [name, text] of Object.entries(env)) {
    const setting = settings.find((each) => each.env === name);
    if (setting !== undefined && text !== undefined && text !== '')
      take(name, text, { setting, given, problems });
  }
  for (const { name, nearest } of unknownVariables(env))
    if (looksLikeTypo(name, nearest)) problems.push(`${name}: no such variable; did you mean ${nearest}?`);
}

/** Of the launcher, the demo and the tests. */
const ofOthers = /^SYNCLINE_(TEST|DEMO|STACK|CACHE|PROPERTY|REQUIRE)_/;

/** Variables that begin like ours and are none (an orchestrator makes some for a service of this name), with the nearest one. */
export function unknownVariables(
  env: Readonly<NodeJS.ProcessEnv>,
): readonly { readonly name: string; readonly nearest: string }[] {
  const known = ['SYNCLINE_CONFIG', ...settings.map((setting) => setting.env)];
  return Object.keys(env)
    .filter((name) => name.startsWith('SYNCLINE_') && !known.includes(name) && !ofOthers.test(name))
    .map((name) => ({ name, nearest: nearestName(name, known) ?? '' }));
}

function takeValues(
  from: string,
  values: Readonly<Record<string, unknown>>,
  into: { given: Map<string, unknown>; problems: string[] },
): void {
  for (const [key, value] of Object.entries(values)) {
    const setting = settings.find((each) => each.key === key);
    if (setting === undefined) into.problems.push(`${from}${key}: no such setting; ${hintAt(key)}`);
    else take(`${from}${key}`, value, { setting, ...into });
  }
}

function hintAt(key: string): string {
  const known = settings.map((each) => each.key);
  const nearest = nearestName(key, known) ?? '';
  return looksLikeTypo(key, nearest) ? `did you mean ${nearest}?` : `known: ${known.join(', ')}`;
}

function take(
  name: string,
  value: unknown,
  into: { setting: Setting; given: Map<string, unknown>; problems: string[] },
): void {
  try {
    into.given.set(into.setting.key, into.setting.read(value));
  } catch (error) {
    const shown = /secret|token|database|redis|connect/i.test(into.setting.key)
      ? '(not shown)'
      : JSON.stringify(value);
    into.problems.push(`${name}: ${shown} ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Settings that are right alone but not together. */
function findConflicts(config: Config): string[] {
  const problems: string[] = [];
  const has = (role: Role): boolean => config.roles.includes(role);
  if (config.kafka === null && has('worker') !== has('executor')) {
    problems.push(
      'kafka: the memory log lives in one process; give worker and executor the same process, or set kafka',
    );
  }
  if (config.database.startsWith('sqlite:') && has('scheduler') !== has('executor')) {
    problems.push(
      'database: SQLite is one process’s; scheduler and executor apart need mysql:// or postgresql://',
    );
  }
  if (has('executor') && !has('worker') && config.connect['default'] === undefined) {
    problems.push(
      'connect: an executor without its own worker needs the URL of a Connect cluster named default',
    );
  }
  return problems;
}

function readText(value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  throw new Error('is not a text');
}

/** It stands in requests and in the database. */
function readName(value: unknown): string {
  const text = readText(value);
  if (text.length <= 128 && !/\p{Cc}/u.test(text)) return text;
  throw new Error('has more than 128 characters, or one that can not be seen');
}

function readList(value: unknown): readonly string[] {
  const items: unknown[] = Array.isArray(value) ? value : readText(value).split(',');
  return items.map((item) => readText(item));
}

function readBlocks(value: unknown): readonly string[] {
  const blocks = readList(value);
  const wrong = blocks.filter((block) => !isCidrBlock(block)).map((block) => `'${block}'`);
  if (wrong.length === 0) return blocks;
  throw new Error(
    `has ${wrong.join(', ')}, which ${wrong.length === 1 ? 'is no CIDR block' : 'are no CIDR blocks'}`,
  );
}

function readPackages(value: unknown): readonly string[] {
  const names = readList(value);
  const wrong = names.find((name) => !/^(@[a-z0-9~][\w.~-]*\/)?[a-z0-9~][\w.~-]*$/.test(name));
  if (wrong !== undefined) throw new Error(`has '${wrong}', which is no name of an npm package`);
  if (new Set(names).size < names.length) throw new Error('names a package twice');
  return names;
}

function readRoles(value: unknown): readonly Role[] {
  return readList(value).map((item) => {
    const role = roles.find((each) => each === item);
    if (role === undefined) throw new Error(`has an unknown role ${item}; known: ${roles.join(', ')}`);
    return role;
  });
}

function readWhole(min: number, max: number): (value: unknown) => number {
  return (value) => {
    const number = typeof value === 'number' ? value : Number(readText(value));
    if (Number.isInteger(number) && number >= min && number <= max) return number;
    throw new Error(`is not a whole number from ${min} to ${max}`);
  };
}

function readUrl(schemes: readonly string[]): (value: unknown) => string {
  return (value) => {
    const text = readText(value);
    if (schemes.some((scheme) => text.startsWith(scheme))) return text;
    throw new Error(`does not begin with one of ${schemes.join(' ')}`);
  };
}

function readBrokers(value: unknown): string {
  const brokers = readList(value);
  const wrong = brokers.find((broker) => !/^[^\s:]+:\d{1,5}$|^\[[0-9a-f:]+\]:\d{1,5}$/i.test(broker));
  if (wrong === undefined) return brokers.join(',');
  throw new Error(`has '${wrong}', which is not host:port`);
}

/** `name=url,name=url`, or a JSON object; a URL alone is the cluster `default`. */
function readClusters(value: unknown): Readonly<Record<string, string>> {
  const pairs =
    typeof value === 'object' && value !== null
      ? Object.entries(value as Record<string, unknown>)
      : readList(value).map((item) => (item.startsWith('http') ? ['default', item] : splitPair(item)));
  return Object.fromEntries(
    pairs.map(([name, url]) => [name, readUrl(['http://', 'https://'])(url).replace(/\/+$/, '')]),
  );
}

function splitPair(item: string): [string, string] {
  const at = item.indexOf('=');
  if (at < 1) throw new Error(`has '${item}', which is not name=url`);
  return [item.slice(0, at), item.slice(at + 1)];
}

function readKey(value: unknown): string {
  const text = readText(value);
  if (/^[0-9a-f]{64}$/i.test(text)) return text;
  throw new Error('is not 64 hex digits (32 bytes)');
}

function readToken(value: unknown): string {
  const text = readText(value);
  if (text.length >= 32) return text;
  throw new Error('is shorter than 32 characters');
}
