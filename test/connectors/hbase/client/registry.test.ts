// Where the parts of a cluster are, asked of any of its servers without ZooKeeper.
import { describe, expect, it } from 'vitest';
import type { Connections } from '../../../../connectors/hbase/client/wire/connections.ts';
import { HBaseError } from '../../../../connectors/hbase/client/exceptions.ts';
import type { Recovery } from '../../../../connectors/hbase/client/exceptions.ts';
import { rpcRegistry } from '../../../../connectors/hbase/client/regions/registry.ts';

const servers = [16_000, 16_020].map((port) => ({ host: 'h', port }));

/** Servers that fail each call in the same way, by port. */
function failing(recoveries: Readonly<Record<number, Recovery>>): Pick<Connections, 'call'> {
  return {
    call: ({ port }) =>
      Promise.reject(new HBaseError({ message: `no from ${port}`, recovery: recoveries[port] ?? 'fail' })),
  };
}

describe('a registry without ZooKeeper', () => {
  it('gives up for good when every server refuses for good, and says which HBase would', async () => {
    const registry = rpcRegistry(failing({ 16_000: 'fail', 16_020: 'fail' }), servers);
    await expect(registry.metaServer()).rejects.toMatchObject({
      recovery: 'fail',
      message: expect.stringMatching(/no from 16000; no from 16020.*before 2\.5.*masters/) as string,
    });
  });

  it('asks again later while one of them may yet answer', async () => {
    const registry = rpcRegistry(failing({ 16_000: 'fail', 16_020: 'drop-server' }), servers);
    await expect(registry.master()).rejects.toMatchObject({ recovery: 'backoff' });
  });
});
