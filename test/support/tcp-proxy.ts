// A TCP proxy that breaks connections on request: refuse, reset, cut after so many bytes, swallow, delay.
import { once } from 'node:events';
import * as net from 'node:net';

export type ProxyFault =
  | { readonly kind: 'none' }
  /** New connections are accepted and reset at once; existing ones are reset now. */
  | { readonly kind: 'reset' }
  /** Nothing listens, as when the server's process is gone; existing connections are reset now. */
  | { readonly kind: 'down' }
  /** Nothing arrives in either direction, on old and new connections, and nobody is told; it arrives when the fault ends. */
  | { readonly kind: 'blackhole' }
  /** Every chunk arrives this much later. */
  | { readonly kind: 'delay'; readonly ms: number };

export interface TcpProxy {
  readonly host: string;
  readonly port: number;
  /** Connections open now. */
  readonly connections: number;
  /** Bytes passed on so far. */
  readonly bytes: { readonly toServer: number; readonly toClient: number };
  setFault(fault: ProxyFault): void;
  /** Resets every open connection; new ones are served. */
  cut(): void;
  /** Resets the connection that would pass the n-th byte from now in this direction, once; bytes before it may arrive. */
  cutAfter(direction: 'toServer' | 'toClient', bytes: number): void;
  close(): Promise<void>;
}

interface Pair {
  readonly client: net.Socket;
  readonly server: net.Socket;
}

/** Listens on a free loopback port and connects each client to `target`. */
export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  const bytes = { toServer: 0, toClient: 0 };
  const cutAt = { toServer: Infinity, toClient: Infinity };
  let fault: ProxyFault = { kind: 'none' };

  const reset = (pair: Pair): void => {
    pairs.delete(pair);
    pair.client.resetAndDestroy();
    pair.server.resetAndDestroy();
  };

  const forward = (pair: Pair, direction: 'toServer' | 'toClient', chunk: Buffer): void => {
    const to = direction === 'toServer' ? pair.server : pair.client;
    const room = cutAt[direction] - bytes[direction];
    const passed = chunk.subarray(0, Math.min(chunk.length, room));
    bytes[direction] += passed.length;
    const write = (): void => {
      if (to.destroyed) return;
      if (passed.length === chunk.length) to.write(passed);
      else to.write(passed, () => reset(pair));
    };
    if (passed.length < chunk.length) cutAt[direction] = Infinity;
    if (fault.kind === 'delay') setTimeout(write, fault.ms);
    else write();
  };

  const join = (pair: Pair, direction: 'toServer' | 'toClient'): void => {
    const [from, to] = direction === 'toServer' ? [pair.client, pair.server] : [pair.server, pair.client];
    from.on('data', (chunk: Buffer) => {
      forward(pair, direction, chunk);
      if (!to.writableNeedDrain) return;
      from.pause();
      to.once('drain', () => {
        if (fault.kind !== 'blackhole') from.resume();
      });
    });
    from.on('end', () => to.end());
    from.on('error', () => undefined);
    from.on('close', () => {
      pairs.delete(pair);
      to.destroy();
    });
    if (fault.kind === 'blackhole') from.pause();
  };

  const listener = net.createServer((client) => {
    if (fault.kind === 'reset') {
      client.resetAndDestroy();
      return;
    }
    const pair = { client, server: net.connect({ ...target, noDelay: true }) };
    client.setNoDelay(true);
    pairs.add(pair);
    join(pair, 'toServer');
    join(pair, 'toClient');
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as net.AddressInfo;

  return {
    host: '127.0.0.1',
    port,
    bytes,
    get connections() {
      return pairs.size;
    },
    setFault(next) {
      if (next.kind === 'down' && fault.kind !== 'down') listener.close();
      if (next.kind !== 'down' && fault.kind === 'down') listener.listen(port, '127.0.0.1');
      fault = next;
      for (const pair of [...pairs]) {
        if (next.kind === 'reset' || next.kind === 'down') reset(pair);
        for (const socket of [pair.client, pair.server])
          if (next.kind === 'blackhole') socket.pause();
          else socket.resume();
      }
    },
    cut() {
      for (const pair of [...pairs]) reset(pair);
    },
    cutAfter(direction, count) {
      cutAt[direction] = bytes[direction] + count;
    },
    async close() {
      for (const pair of [...pairs]) reset(pair);
      if (!listener.listening) return;
      await new Promise<void>((resolve) => {
        listener.close(() => resolve());
      });
    },
  };
}
