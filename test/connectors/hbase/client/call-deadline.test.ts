// A deadline is a signal: every operation ends with it, whatever it waits for.
import { describe, expect, it } from 'vitest';
import { HBaseClient, putRow } from '../../../../connectors/hbase/client/index.ts';
import type { CallOptions } from '../../../../connectors/hbase/client/index.ts';
import { startHbaseDouble } from '../../../../src/demo/hbase-double/start-double.ts';
import { startScriptedServer } from '../../../support/scripted-rpc-server.ts';
import { waitUntil } from '../../../support/wait-until.ts';

const row = Buffer.from('r');
const range = { start: Buffer.alloc(0), stop: Buffer.alloc(0) };
const cell = { family: 'f', qualifier: 'q', value: 'v' };

async function drain(scan: AsyncIterable<unknown>): Promise<void> {
  const steps = scan[Symbol.asyncIterator]();
  while ((await steps.next()).done !== true);
}

const operations: Readonly<Record<string, (client: HBaseClient, options: CallOptions) => Promise<unknown>>> =
  {
    scan: (client, options) => drain(client.scan({ table: 't', range, ...options })),
    get: (client, options) => client.get('t', { row }, options),
    getRows: (client, options) => client.getRows('t', [{ row }], options),
    exist: (client, options) => client.exist('t', [{ row }], options),
    batch: (client, options) => client.batch('t', [{ get: { row } }], options),
    mutateRows: (client, options) => client.mutateRows('t', [putRow('r', [cell])], options),
    checkAndMutate: (client, options) => {
      const condition = {
        row,
        family: Buffer.from('f'),
        qualifier: Buffer.from('q'),
        value: Buffer.from('v'),
      };
      return client.checkAndMutate('t', { condition, mutations: [putRow('r', [cell])] }, options);
    },
    regions: (client, options) => client.regions('t', options),
    serverOf: (client, options) => client.serverOf('t', row, options),
    countRows: (client, options) => client.countRows('t', range, options),
    estimateRows: (client, options) => client.estimateRows('t', options),
    regionLoads: (client, options) => client.regionLoads('t', options),
    flushTable: (client, options) => client.flushTable('t', options),
    compactTable: (client, options) => client.compactTable('t', options),
    describeTable: (client, options) => client.admin.describeTable('t', options),
    createTable: (client, options) => client.admin.createTable({ table: 't', families: { f: {} } }, options),
    clusterStatus: (client, options) => client.admin.clusterStatus(options),
  };

describe('the deadline of an operation', () => {
  it.each(Object.keys(operations))(
    'ends %s that no server answers',
    async (name) => {
      const silent = await startScriptedServer({});
      const client = new HBaseClient({ cluster: { servers: [{ host: '127.0.0.1', port: silent.port }] } });
      try {
        const deadline = new AbortController();
        const ended = expect(operations[name]?.(client, { signal: deadline.signal })).rejects.toMatchObject({
          name: 'TimeoutError',
        });
        await waitUntil('a request arrives', () => silent.requests.length > 0);
        deadline.abort(new DOMException('too late', 'TimeoutError'));
        await ended;
      } finally {
        client.close();
        await silent.close();
      }
    },
    5_000,
  );

  it('leaves an operation alone that is done before it', async () => {
    const double = await startHbaseDouble();
    const client = new HBaseClient({ cluster: { servers: [double] } });
    try {
      await client.admin.createTable({ table: 't', families: { f: {} } });
      const signal = AbortSignal.timeout(60_000);
      await client.mutateRows('t', [putRow('r', [cell])], { signal });
      expect(await client.get('t', { row }, { signal })).toHaveLength(1);
    } finally {
      client.close();
      await double.close();
    }
  });
});
