// The admin API over a real SQLite store and fake connectors; requests go in without a socket.
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { createJobActs, schedules } from '../../src/compose/job-acts.ts';
import { createApi } from '../../src/api/server.ts';
import { connectDatabase } from '../../src/store/database.ts';
import { sqliteDialect } from '../../src/store/dialects/sqlite.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/open-store.ts';
import type { ConnectorPlugin, SourcePlugin } from '../../src/core/connector/contract.ts';
import { guardConnectors, guardWebhooks } from '../../src/core/network/address-guard.ts';
import { systemClock } from '../../src/core/clock.ts';
import { createFakeConnectCluster } from '../fakes/fake-connect-cluster.ts';
import type { FakeConnectCluster } from '../fakes/fake-connect-cluster.ts';
import { createFakeSink, createFakeSource } from '../fakes/fake-plugins.ts';
import type { FakeSinkPlugin } from '../fakes/fake-plugins.ts';
import { createFakeSqlConnections } from '../fakes/fake-sql-connections.ts';
import type { FakeSqlConnections } from '../fakes/fake-sql-connections.ts';
import { createFakeQueue } from '../fakes/fake-queue.ts';
import { createMemoryTarget } from '../fakes/memory-target.ts';
import type { MemoryTarget } from '../fakes/memory-target.ts';

export interface ApiBed {
  readonly server: FastifyInstance;
  readonly store: Store;
  readonly target: MemoryTarget;
  readonly source: SourcePlugin;
  readonly sink: FakeSinkPlugin;
  readonly plugins: readonly ConnectorPlugin[];
  readonly cluster: FakeConnectCluster;
  readonly sqlConnections: FakeSqlConnections;
  /** A Connect cluster that is not of our workers. */
  readonly stock: FakeConnectCluster;
  /** Tokens that were shown. */
  readonly shown: string[];
  ask(
    request: InjectOptions & { token?: string | null },
  ): Promise<{ status: number; body: Answer; headers: Headers }>;
  /** Writes over what the store keeps of a job's specification, behind its back. */
  overwriteSpec(jobId: string, spec: string): Promise<void>;
  /** All bytes the store keeps on disk. */
  stored(): Promise<string>;
  close(): Promise<void>;
}

export type Answer = Record<string, unknown> & {
  readonly id?: string;
  readonly code?: string;
  readonly field?: string;
};
type Headers = Record<string, unknown>;

export async function setupApi(
  options: {
    adminToken?: string | null;
    plugins?: readonly ConnectorPlugin[];
    logKind?: 'memory' | 'kafka';
  } = {},
): Promise<ApiBed> {
  const folder = await mkdtemp(join(tmpdir(), 'syncline-api-'));
  const storeFile = join(folder, 'store.db');
  const store = await openStore({
    url: `sqlite:${storeFile}`,
    secretKey: Buffer.alloc(32, 7),
    clock: systemClock,
  });
  const target = createMemoryTarget();
  const sink = createFakeSink(target);
  const source = createFakeSource();
  const plugins = [source, sink, ...(options.plugins ?? [])];
  const cluster = createFakeConnectCluster('default');
  const stock = createFakeConnectCluster('stock');
  stock.incarnation = null;
  const clusters = new Map([
    ['default', cluster],
    ['stock', stock],
  ]);
  const shown: string[] = [];
  const sqlConnections = createFakeSqlConnections();
  const queue = createFakeQueue();
  const emit = (): void => undefined;
  const api = createApi({
    jobs: store.jobs,
    runs: store.runs,
    limits: store.limits,
    calendars: store.calendars,
    executors: store.executors,
    plugins,
    sqlConnections,
    clusters,
    logKind: options.logKind ?? 'memory',
    schedules,
    jobActs: createJobActs({
      store,
      queue,
      clusters,
      plugins,
      refuse: guardConnectors(['192.0.2.0/24']),
      emit,
    }),
    refuseAddress: { webhook: guardWebhooks([]), connector: guardConnectors(['192.0.2.0/24']) },
    readiness: new Map([
      ['database', { required: true, ask: () => store.jobs.ping() }],
      ['connect far', { required: false, ask: () => Promise.reject(new Error('far.internal:8083 refused')) }],
    ]),
    clock: systemClock,
    emit,
    host: '127.0.0.1',
    port: 0,
    version: 'test',
    adminToken: options.adminToken ?? null,
    showToken: (token) => shown.push(token),
  });
  const server = await api.assemble();
  return {
    server,
    store,
    target,
    source,
    sink,
    plugins,
    cluster,
    sqlConnections,
    stock,
    shown,
    ask: async ({ token, ...request }) => {
      const bearer = token === undefined ? (options.adminToken ?? shown[0]) : token;
      const response = await server.inject({
        ...request,
        headers: { ...(bearer == null ? {} : { authorization: `Bearer ${bearer}` }), ...request.headers },
      });
      const body = (response.body === '' ? {} : JSON.parse(response.body)) as Answer;
      return { status: response.statusCode, body, headers: response.headers };
    },
    overwriteSpec: async (id, spec) => {
      const database = connectDatabase(sqliteDialect(storeFile), systemClock);
      await database.run('damaging a job', (db) => db('control_job').where({ id }).update({ spec }));
      await database.close();
    },
    stored: async () => {
      const files = await readdir(folder);
      return (await Promise.all(files.map((file) => readFile(join(folder, file), 'latin1')))).join('');
    },
    close: async () => {
      await server.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const SECRET = 'hunter2-in-clear';

export function jobBody(change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: 'orders 每天',
    source: { connector: 'test.FakeSource', config: { table: 'orders' } },
    sink: { connector: 'FakeSink', config: { 'connection.password': SECRET } },
    schedule: { cron: '0 0/5 * * * ?', timeZone: 'Asia/Shanghai' },
    webhook: 'https://example.org/hook?token=abc',
    ...change,
  };
}
