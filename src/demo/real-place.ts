// The demo on real services: a private stack, or one that runs already (the tests have one).
import { join } from 'node:path';
import { readMysqlSinkConfig } from '../../connectors/mysql/config.ts';
import { openSession } from '../../connectors/mysql/session/session.ts';
import { SyncError } from '../core/errors.ts';
import type { ConnectorSpec } from '../core/job.ts';
import type { DemoPlace, PlaceRequest } from './demo-place.ts';
import type { OrderRow } from './orders/compare-orders.ts';
import { readTargetRows } from './orders/target-rows.ts';
import type { PageReader, TargetPage } from './orders/target-rows.ts';
import type { StackEndpoints } from '../stack/stack-endpoints.ts';
import { readStack, startStack, stopStack } from '../stack/stack.ts';

export const demoServices = ['kafka', 'hbase', 'mariadb', 'redis'] as const;
type Endpoints = StackEndpoints<(typeof demoServices)[number]>;

/**
 * A region server tells its clock in its reports to the master. With a lag of 2 s a plan needs a fresh one, and would wait up to
 * 3 s for it, which is HBase's default.
 */
const hbaseSite = { 'hbase.regionserver.msginterval': '500' };
/** Away from others that use the same Redis. */
const redisDatabase = 7;

export async function startRealPlace(request: PlaceRequest & { cacheDir: string }): Promise<DemoPlace> {
  const { onProgress, signal, cacheDir } = request;
  const dir = join(request.dir, 'stack');
  const close = async (): Promise<void> => {
    await stopStack(dir);
  };
  // What a demo that was killed left behind holds its data.
  await close();
  try {
    const options = { services: demoServices, dir, cacheDir, settings: { hbaseSite }, onProgress, signal };
    return describePlace((await startStack(options)).endpoints, close);
  } catch (error) {
    await close();
    throw error;
  }
}

/** On the stack in `dir`, which goes on running afterwards. Throws BAD_INPUT. */
export function useRunningStack(dir: string): DemoPlace {
  const { endpoints } = readStack(dir);
  const absent = demoServices.filter((name) => endpoints[name] === undefined);
  if (absent.length > 0)
    throw new SyncError('BAD_INPUT', { message: `the stack in ${dir} does not run ${absent.join(', ')}` });
  return describePlace(endpoints as Endpoints, () => Promise.resolve());
}

function describePlace(endpoints: Endpoints, close: () => Promise<void>): DemoPlace {
  const { hbase, kafka, redis } = endpoints;
  return {
    settings: { kafka: kafka.brokers, redis: `${redis.url}/${redisDatabase}` },
    hbase: { zookeeper: { servers: [{ host: hbase.quorum, port: hbase.clientPort }] } },
    source: { 'pkuse.hbase.ip': hbase.quorum, 'pkuse.hbase.port': String(hbase.clientPort) },
    sink: (table) => mysqlSpec(endpoints, table),
    readTarget: (table, signal) => readMariadb(endpoints, table, signal),
    close,
  };
}

function mysqlSpec({ mariadb }: Endpoints, table: string): ConnectorSpec {
  return {
    connector: 'MySqlSinkConnector',
    config: {
      'connection.url': `jdbc:mariadb://${mariadb.host}:${mariadb.port}/${mariadb.database}`,
      'connection.user': mariadb.user,
      'connection.password': mariadb.password,
      'table.name.format': table,
      'auto.create': 'true',
    },
  };
}

async function* readMariadb(
  endpoints: Endpoints,
  table: string,
  signal: AbortSignal,
): AsyncGenerator<OrderRow> {
  const config = readMysqlSinkConfig(mysqlSpec(endpoints, table).config);
  const session = await openSession(config, { localFiles: false, signal });
  try {
    const read: PageReader = async (sql, after) => (await session.read(sql, after)) as TargetPage;
    yield* readTargetRows({ name: `\`${endpoints.mariadb.database}\`.\`${table}\``, textType: 'CHAR', read });
  } finally {
    session.destroy();
  }
}
