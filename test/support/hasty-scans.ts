// Scans of a real HBase whose servers believe that the client waits for 20 ms only, and so answer with heartbeats; the client waits as
// long as ever. The wait is said in the header of each call: a relay in front of the server rewrites it on its way.
import { once } from 'node:events';
import * as net from 'node:net';
import type { CallContext } from '../../connectors/hbase/client/call-context.ts';
import type { Caller } from '../../connectors/hbase/client/wire/connections.ts';
import { Connections } from '../../connectors/hbase/client/wire/connections.ts';
import { RegionLocator } from '../../connectors/hbase/client/regions/locating.ts';
import { decodeScanResponse, ResultLayout } from '../../connectors/hbase/client/messages/scan-response.ts';
import { zookeeperRegistry } from '../../connectors/hbase/client/regions/registry.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { HbaseEndpoint } from '../../src/stack/stack-endpoints.ts';

/** RequestHeader's field 7, `timeout`, as it is sent by a scan with the default wait of 20,000 ms, and in its place 20 in as many bytes. */
const [said, told] = [Buffer.from([0x38, 0xa0, 0x9c, 0x01]), Buffer.from([0x38, 0x94, 0x80, 0x00])];

export interface HastyScans {
  /** For `new TableScanner(context, …)`. */
  readonly context: CallContext;
  /** Answers that were heartbeats. */
  readonly heartbeats: () => number;
  readonly scannerIds: ReadonlySet<bigint>;
  close(): Promise<void>;
}

export function openHastyScans({ quorum, clientPort }: HbaseEndpoint): HastyScans {
  const relays = new Map<number, Promise<Relay>>();
  const connections = new Connections({ effectiveUser: 'hasty', connectTimeoutMs: 10_000 });
  const scannerIds = new Set<bigint>();
  let heartbeats = 0;
  const caller: Caller = {
    call: async (server, service, call) => {
      if (call.method !== 'Scan') return connections.call(server, service, call);
      const relay = relays.get(server.port) ?? startRelay(server.host, server.port);
      relays.set(server.port, relay);
      const { port } = await relay;
      const response = await connections.call({ host: '127.0.0.1', port }, service, call);
      const { messageStart: start, messageEnd: end } = response;
      const answer = decodeScanResponse(response.buffer, { start, end }, new ResultLayout());
      if (answer.heartbeat) heartbeats += 1;
      if (answer.scannerId !== undefined) scannerIds.add(answer.scannerId);
      return response;
    },
    drop: (server) => connections.drop(server),
    close: () => connections.close(),
  };
  const registry = zookeeperRegistry({ servers: [{ host: quorum, port: clientPort }] });
  return {
    context: {
      ...{ connections: caller, registry, clock: systemClock, retryBudgetMs: 60_000 },
      locator: new RegionLocator(caller, registry, systemClock),
    },
    heartbeats: () => heartbeats,
    scannerIds,
    close: async () => {
      connections.close();
      for (const relay of relays.values()) (await relay).close();
    },
  };
}

interface Relay {
  readonly port: number;
  close(): void;
}

async function startRelay(host: string, port: number): Promise<Relay> {
  const listener = net.createServer((client) => {
    const server = net.connect({ host, port, noDelay: true });
    client.on('data', (chunk: Buffer) => server.write(rewrite(chunk)));
    server.on('data', (chunk: Buffer) => client.write(chunk));
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const)
      one.on('error', () => undefined).on('close', () => other.destroy());
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return { port: (listener.address() as net.AddressInfo).port, close: () => listener.close() };
}

function rewrite(chunk: Buffer): Buffer {
  for (let at = chunk.indexOf(said); at >= 0; at = chunk.indexOf(said, at)) told.copy(chunk, at);
  return chunk;
}
