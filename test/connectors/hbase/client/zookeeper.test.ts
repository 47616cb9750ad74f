// The read of one znode, against a server that speaks just enough ZooKeeper.
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { encodeServers } from '../../../../connectors/hbase/client/messages/registry.ts';
import { zookeeperRegistry } from '../../../../connectors/hbase/client/regions/registry.ts';
import { readZnode } from '../../../../connectors/hbase/client/regions/zookeeper.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Answers getData from `nodes`; a node that is null breaks the connection. */
async function startZookeeper(nodes: Record<string, Buffer | null>): Promise<{ host: string; port: number }> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    let connected = false;
    socket.on('data', (request) => {
      if (!connected) {
        connected = true;
        socket.write(framed(Buffer.alloc(37)));
        return;
      }
      if (request.readInt32BE(8) !== 4) return;
      const path = request.toString('utf8', 16, 16 + request.readInt32BE(12));
      const node = nodes[path];
      if (node === null) socket.destroy();
      else for (const byte of framed(reply(node))) socket.write(Buffer.from([byte]));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

function framed(body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

function reply(data: Buffer | undefined): Buffer {
  const header = Buffer.alloc(20);
  header.writeInt32BE(1, 0);
  header.writeInt32BE(data === undefined ? -101 : 0, 12);
  header.writeInt32BE(data?.length ?? 0, 16);
  return Buffer.concat([
    header.subarray(0, data === undefined ? 16 : 20),
    data ?? Buffer.alloc(0),
    Buffer.alloc(68),
  ]);
}

const server = { host: 'rs1', port: 16020, startCode: 9n };
const node = Buffer.concat([Buffer.from([0xff, 0, 0, 0, 2]), Buffer.from('idPBUF'), encodeServers([server])]);
const nobody = { host: '127.0.0.1', port: 1 };

describe('ZooKeeper', () => {
  it('gives the data of a node, and nothing for a node that is not there', async () => {
    const zookeeper = await startZookeeper({ '/a': Buffer.from('data') });
    const read = { servers: [zookeeper], timeoutMs: 5000 };
    expect((await readZnode({ ...read, path: '/a' }))?.toString()).toBe('data');
    expect(await readZnode({ ...read, path: '/b' })).toBeUndefined();
  });

  it('asks the next server of the quorum when one does not answer', async () => {
    const broken = await startZookeeper({ '/a': null });
    const good = await startZookeeper({ '/a': Buffer.from('data') });
    for (let attempt = 0; attempt < 6; attempt++) {
      const found = await readZnode({ servers: [nobody, broken, good], path: '/a', timeoutMs: 5000 });
      expect(found?.toString()).toBe('data');
    }
  });

  it('names every server that did not answer, and why', async () => {
    const broken = await startZookeeper({ '/a': null });
    await expect(readZnode({ servers: [nobody, broken], path: '/a', timeoutMs: 5000 })).rejects.toMatchObject(
      {
        code: 'HBASE_UNREACHABLE',
        recovery: 'backoff',
        message: expect.stringMatching(
          /ECONNREFUSED.*closed the connection|closed the connection.*ECONNREFUSED/,
        ) as string,
      },
    );
  });

  it('does not wait for ever', async () => {
    const silent = createServer(() => undefined);
    servers.push(silent);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const read = readZnode({ servers: [{ host: '127.0.0.1', port }], path: '/a', timeoutMs: 50 });
    await expect(read).rejects.toThrow(/did not answer within 50 ms/);
  });

  it('stops when aborted', async () => {
    const silent = createServer(() => undefined);
    servers.push(silent);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const abort = new AbortController();
    const read = readZnode({
      servers: [{ host: '127.0.0.1', port }],
      path: '/a',
      timeoutMs: 60_000,
      signal: abort.signal,
    });
    abort.abort(new Error('stop'));
    await expect(read).rejects.toThrow('stop');
  });

  it('tells where meta and the master are, below the configured parent', async () => {
    const zookeeper = await startZookeeper({
      '/prod/hbase/meta-region-server': node,
      '/prod/hbase/master': node,
    });
    const registry = zookeeperRegistry({ servers: [zookeeper], znodeParent: '/prod/hbase' });
    expect([await registry.metaServer(), await registry.master()]).toEqual([server, server]);
    const wrong = zookeeperRegistry({ servers: [zookeeper] });
    await expect(wrong.metaServer()).rejects.toThrow(/zookeeper.znode.parent is not \/hbase/);
  });
});
