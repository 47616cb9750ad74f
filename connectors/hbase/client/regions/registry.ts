// Where hbase:meta and the active master are: from ZooKeeper, or from any master or region server by RPC.
import type { Connections } from '../wire/connections.ts';
import type { ServerAddress } from '../messages/server-name.ts';
import { asHBaseError, HBaseError } from '../exceptions.ts';
import { decodeMetaLocation, decodeServer, decodeServerNode } from '../messages/registry.ts';
import type { ServerName } from '../messages/server-name.ts';
import { readZnode } from './zookeeper.ts';

const lookupTimeoutMs = 10_000;
const mastersOnly = '; HBase before 2.5 answers this on its masters only';

export interface Registry {
  /** @throws HBaseError (backoff) when nobody answers or meta is on no server yet */
  metaServer(signal?: AbortSignal): Promise<ServerName>;
  /** @throws HBaseError (backoff) when nobody answers or there is no active master */
  master(signal?: AbortSignal): Promise<ServerName>;
}

export interface ZookeeperPlace {
  readonly servers: readonly ServerAddress[];
  /** zookeeper.znode.parent of the cluster, with a chroot in front if there is one; default /hbase. */
  readonly znodeParent?: string;
}

export function zookeeperRegistry(place: ZookeeperPlace): Registry {
  const parent = place.znodeParent ?? '/hbase';
  const lookUp = async (node: string, signal?: AbortSignal): Promise<ServerName> => {
    const path = `${parent}/${node}`;
    const data = await readZnode({ servers: place.servers, path, timeoutMs: lookupTimeoutMs, signal });
    const server = data === undefined ? undefined : decodeServerNode(data);
    if (server !== undefined) return server;
    throw new HBaseError({
      message: `reading ${path} in ZooKeeper: there is no such node; HBase is not up, or its zookeeper.znode.parent is not ${parent}`,
      recovery: 'backoff',
    });
  };
  return {
    metaServer: (signal) => lookUp('meta-region-server', signal),
    master: (signal) => lookUp('master', signal),
  };
}

export function rpcRegistry(
  connections: Pick<Connections, 'call'>,
  servers: readonly ServerAddress[],
): Registry {
  const ask = async (
    method: string,
    decode: (message: Buffer) => ServerName | undefined,
    signal?: AbortSignal,
  ): Promise<ServerName> => {
    const failures: string[] = [];
    let isRefused = true;
    for (const server of servers) {
      try {
        const call = { method, param: new Uint8Array(0), timeoutMs: lookupTimeoutMs, signal };
        const response = await connections.call(server, 'ClientMetaService', call);
        const found = decode(response.message());
        response.release();
        if (found !== undefined) return found;
        failures.push(`${server.host}:${server.port} knows none`);
        isRefused = false;
      } catch (error) {
        signal?.throwIfAborted();
        const { message, recovery } = asHBaseError(error);
        failures.push(message);
        isRefused &&= recovery === 'fail';
      }
    }
    throw new HBaseError({
      message: `asking for the cluster's parts (${method}): ${failures.join('; ')}${isRefused ? mastersOnly : ''}`,
      recovery: isRefused ? 'fail' : 'backoff',
    });
  };
  return {
    metaServer: (signal) => ask('GetMetaRegionLocations', decodeMetaLocation, signal),
    master: (signal) => ask('GetActiveMaster', decodeServer, signal),
  };
}
