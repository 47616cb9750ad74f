// Who may import whom: the tree is the architecture, and this test is what holds it.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isSource } from '../support/architecture/read-source.ts';
import { treeProblems } from '../support/architecture/tree-problems.ts';

const root = resolve(import.meta.dirname, '../..');
const product = ['src', 'scheduler', 'executors', 'connectors', 'migrations'];

/** Folders whose files know only themselves, src/core and what stands here. */
const mayKnow: Readonly<Record<string, readonly string[]>> = {
  'src/core': [],
  'src/store': ['migrations'],
  migrations: ['src/store'],
  'src/queue': [],
  'src/log': [],
  'src/observe': [],
  'src/worker': [],
  'src/stack': [],
  'src/api': [],
  scheduler: [],
  executors: [],
  'connectors/hbase': [],
  'connectors/sql': [],
  'connectors/mysql': ['connectors/sql'],
  'connectors/postgresql': ['connectors/sql'],
  'connectors/sqlite': ['connectors/sql'],
  'connectors/file': [],
  'connectors/packages': [],
  // Whole runs of a target are the worker's.
  'connectors/conformance': ['src/worker'],
};

/** Composition: may know everybody. The demo is a user of the product's parts, and starts real services. */
const composition = [
  'src/main.ts',
  'src/lane.ts',
  'src/config.ts',
  'src/connector.ts',
  'src/conformance.ts',
  'src/version.ts',
  'src/compose',
  'src/demo',
  'src/build-stale.js',
  'connectors/registry.ts',
];

/** Each npm package has one home. */
const homes: Readonly<Record<string, readonly string[]>> = {
  knex: ['src/store', 'migrations'],
  pg: ['src/store', 'connectors/postgresql'],
  bullmq: ['src/queue'],
  ioredis: ['src/queue'],
  kafkajs: ['src/log'],
  '@node-rs/crc32': ['src/log'],
  fastify: ['src/api', 'src/worker'],
  '@fastify/swagger': ['src/api'],
  '@sinclair/typebox': ['src/api'],
  mysql2: ['connectors/mysql'],
  libsql: ['src/store', 'connectors/sqlite'],
  pino: ['src/observe'],
  'node-cron': ['src/compose'],
};

/** "Namespace" is not among them: it is the general word for what tables stand in, a schema or a database. */
const wordsOfHBase = /hbase|region|\browkey|column.?famil|qualifier|zookeeper|major.compaction/i;

/** Rooms that speak with something outside; `*`: in any way. What stands nowhere here does no input and output by itself. */
const io: Readonly<Record<string, readonly string[]>> = {
  // The guards look before anybody dials or opens; the worker's and the tasks' code asks them, so they are the domain's.
  'src/core/network': ['node:net', 'node:dns'],
  'src/core/connector/path-guard.ts': ['node:fs'],
  'src/store': ['node:fs', 'node:net'],
  'src/log/kafka': ['node:net'],
  'src/log/memory': ['node:worker_threads'],
  'src/worker/control': ['node:fs'],
  'src/worker/lanes': ['node:worker_threads'],
  'src/stack': ['*'],
  'src/demo': ['*'],
  'src/build-stale.js': ['*'],
  'src/compose': ['node:fs', 'node:worker_threads'],
  'src/lane.ts': ['node:worker_threads'],
  'src/config.ts': ['node:fs'],
  'src/version.ts': ['node:fs'],
  'src/check-node.js': ['node:fs'],
  'executors/guarded-request.ts': ['node:dns', 'node:http', 'node:https', 'node:net'],
  'executors/connect/send-http.ts': ['node:http', 'node:https'],
  connectors: ['node:net', 'node:tls', 'node:dns'],
  'connectors/file': ['node:fs'],
  'connectors/sqlite': ['node:fs'],
  'connectors/packages': ['node:fs'],
};

const files = product.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(isSource)
    .map((name) => relative(root, join(root, folder, name))),
);
const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));

describe('the tree', () => {
  it('is not empty', () => {
    expect(files.length).toBeGreaterThan(100);
  });

  it('is as the tables say', () => {
    const problems = treeProblems(texts, {
      mayKnow,
      composition,
      homes,
      anyPackage: ['src/demo', 'src/stack'],
      io,
      readEnv: ['src/config.ts', 'src/main.ts', 'src/demo', 'src/stack', 'src/build-stale.js'],
      // Packages that the configuration names, an optional one, what was just built, and a dialect of knex's own.
      importByName: [
        'connectors/packages/load-packages.ts',
        'connectors/hbase/client/sasl/gss-failure.ts',
        'src/build-stale.js',
      ],
      wordsOfHBase,
      mayNameHBase: ['src/stack', 'connectors/hbase'],
      mostFiles: 20,
    });
    expect(problems).toEqual([]);
  });
});
