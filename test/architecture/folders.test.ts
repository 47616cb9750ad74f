// Who may import whom: the tree is the architecture, and this test is what holds it.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

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

/** Files outside HBase's rooms that name it, each with the reason. */
const mayNameHBase: Readonly<Record<string, string>> = {
  'src/core/error-codes.ts':
    'the closed table of codes says what each means, also those of one kind of store',
  'src/api/problem.ts': 'gives each code of that table its HTTP status',
};

interface Import {
  readonly file: string;
  readonly target: string;
}

describe('the tree', () => {
  const files = product.flatMap((folder) => listFiles(join(root, folder)));
  const imports = files.flatMap(importsOf);

  it('is not empty', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(imports.length).toBeGreaterThan(300);
  });

  it('has no folder that knows another but by the table', () => {
    const wrong = imports.filter(({ file, target }) => {
      if (!target.startsWith('.') || isIn(file, composition)) return false;
      const to = relative(root, resolve(root, dirname(file), target));
      const own = folderOf(file);
      if (own === null) return true;
      return !isIn(to, [own, 'src/core', ...(mayKnow[own] ?? [])]);
    });
    expect(wrong).toEqual([]);
  });

  it('has the words of HBase in its rooms only: all others know any source and target', () => {
    const rooms = Object.keys(mayKnow).filter((room) => !isIn(room, ['src/stack', 'connectors/hbase']));
    const wrong = files.filter((file) => isIn(file, rooms) && wordsOfHBase.test(read(file)));
    expect(wrong.sort()).toEqual(Object.keys(mayNameHBase).sort());
  });

  it('keeps each npm package in its home', () => {
    const wrong = imports.filter(({ file, target }) => {
      if (target.startsWith('.') || target.startsWith('node:')) return false;
      const name = target.startsWith('@')
        ? target.split('/').slice(0, 2).join('/')
        : (target.split('/')[0] ?? '');
      if (isIn(file, ['src/demo', 'src/stack'])) return false;
      return !isIn(file, homes[name] ?? []);
    });
    expect(wrong).toEqual([]);
  });

  it('has no file that imports itself over others, types included', () => {
    expect(findCycle(imports)).toBeNull();
  });

  it('has no drawers: at most twenty files of its own in a folder', () => {
    const own = new Map<string, number>();
    for (const file of files) own.set(dirname(file), (own.get(dirname(file)) ?? 0) + 1);
    expect([...own].filter(([, count]) => count > 20)).toEqual([]);
  });

  it('reads process.env in the configuration only', () => {
    const wrong = files.filter(
      (file) =>
        !isIn(file, ['src/config.ts', 'src/main.ts', 'src/demo', 'src/stack']) &&
        read(file).includes('process.env'),
    );
    expect(wrong).toEqual([]);
  });
});

/** One way from a file back to itself; null: there is none. */
function findCycle(imports: readonly Import[]): readonly string[] | null {
  const next = new Map<string, string[]>();
  for (const { file, target } of imports)
    if (target.startsWith('.'))
      next.set(file, [...(next.get(file) ?? []), relative(root, resolve(root, dirname(file), target))]);
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): readonly string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return null;
    done.add(file);
    for (const each of next.get(file) ?? []) {
      const cycle = walk(each, [...path, file]);
      if (cycle !== null) return cycle;
    }
    return null;
  };
  for (const file of next.keys()) {
    const cycle = walk(file, []);
    if (cycle !== null) return cycle;
  }
  return null;
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => relative(root, join(folder, name)));
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

function importsOf(file: string): Import[] {
  const found = read(file).matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^;'"]*?from\s*'([^']+)'|import\('([^']+)'\)/g,
  );
  return [...found].map((match) => ({ file, target: match[1] ?? match[2] ?? '' }));
}

function isIn(path: string, places: readonly string[]): boolean {
  return places.some((place) => path === place || path.startsWith(`${place}/`));
}

function folderOf(file: string): string | null {
  return Object.keys(mayKnow).find((folder) => isIn(file, [folder])) ?? null;
}
