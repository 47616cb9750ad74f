// rpc-client-loss: how many rows of one HBase table the npm package hbase-rpc-client reads, and how many ours does. Why it is not used.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { wholeTable } from '../../connectors/hbase/client/key-range.ts';
import { findStackPlace } from '../../src/stack/stack-place.ts';
import { startStack } from '../../src/stack/stack.ts';
import type { BenchCase, BenchOptions } from './bench.ts';
import { loadOrders } from './bench-orders.ts';
import { connectHbase } from '../support/hbase-cluster.ts';

const TABLE = 'loss_orders';

/** The part of the package that is called; it ships no types. */
type OpenRpcClient = (options: { zookeeperHosts: readonly string[]; zookeeperRoot: string }) => {
  getScanner(table: string): {
    toArray(done: (error: Error | null, rows: readonly unknown[]) => void): void;
  };
};

export async function benchRpcClientLoss({ rows: asked, say }: BenchOptions): Promise<readonly BenchCase[]> {
  const rows = asked ?? 10_000;
  const place = findStackPlace(process.env);
  const stack = await startStack({
    services: ['hbase'],
    dir: join(place.stacksDir, 'bench-loss'),
    cacheDir: place.cacheDir,
    onProgress: say,
  });
  const { quorum, clientPort } = stack.endpoints.hbase;
  const client = connectHbase(stack.endpoints.hbase);
  try {
    await loadOrders(client, TABLE, rows);
    let ours = 0;
    for await (const batch of client.scan({ table: TABLE, range: wholeTable })) ours += batch.rowCount;
    const theirs = await readByPackage(`${quorum}:${clientPort}`);
    return [
      {
        case: 'rows read by Syncline',
        value: ours,
        unit: 'rows',
        reference: rows,
        ratio: ours / rows,
        cpuUsPerRow: null,
        ok: ours === rows,
      },
      {
        case: 'rows read by hbase-rpc-client',
        value: theirs,
        unit: 'rows',
        reference: rows,
        ratio: theirs / rows,
        cpuUsPerRow: null,
        ok: true,
      },
    ];
  } finally {
    client.close();
    await stack.stop();
  }
}

function readByPackage(zookeeper: string): Promise<number> {
  const open = createRequire(import.meta.url)('hbase-rpc-client') as OpenRpcClient;
  const client = open({ zookeeperHosts: [zookeeper], zookeeperRoot: '/hbase' });
  return new Promise((resolve, reject) => {
    client.getScanner(TABLE).toArray((error, rows) => {
      if (error === null) resolve(rows.length);
      else reject(error);
    });
  });
}
