// All sockets of a client: one per server and service, made when first needed, made anew after a loss.
import type { ServerAddress } from '../messages/server-name.ts';
import { HBaseError } from '../exceptions.ts';
import { RpcConnection } from './connection.ts';
import type { RpcCall, RpcResponse, TlsOptions } from './connection.ts';
import { FrameBuffers } from './frame-buffers.ts';
import type { ServiceName } from './connection-header.ts';
import type { KerberosOptions } from '../sasl/kerberos-options.ts';

/** A server that hangs up in the handshake so often does not want us; a stopping one is gone by then. */
const maxSilentCloses = 8;

export interface ConnectionsOptions {
  readonly effectiveUser: string;
  readonly connectTimeoutMs: number;
  readonly tls?: TlsOptions | undefined;
  readonly kerberos?: KerberosOptions | undefined;
}

/** What operations need of `Connections`; tests put fakes in their place. */
export type Caller = Pick<Connections, 'call' | 'drop' | 'close'>;

export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #buffers = new FrameBuffers();
  readonly #open = new Map<string, RpcConnection>();
  readonly #silentCloses = new Map<string, number>();
  #closed = false;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /** See `RpcConnection.call`; fails for good when the server keeps refusing the handshake. */
  async call(server: ServerAddress, service: ServiceName, call: RpcCall): Promise<RpcResponse> {
    const connection = this.#connect(server, service);
    const key = keyOf(connection);
    try {
      const response = await connection.call(call);
      this.#silentCloses.delete(key);
      return response;
    } catch (error) {
      throw connection.hungUpInHandshake ? this.#noteSilentClose(key, error) : error;
    }
  }

  /** Forgets a server's sockets: calls that wait on them may still be answered, new ones get a new socket. */
  drop(server: ServerAddress): void {
    const address = `${server.host}:${server.port}`;
    for (const [key, connection] of this.#open) {
      if (connection.address !== address) continue;
      this.#open.delete(key);
      connection.closeWhenIdle();
    }
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#open.values()) connection.close();
    this.#open.clear();
  }

  #connect({ host, port }: ServerAddress, service: ServiceName): RpcConnection {
    if (this.#closed)
      throw new HBaseError({ message: `calling ${service}: the HBase client is closed`, recovery: 'fail' });
    // Whoever answers for ZooKeeper or hbase:meta names it: without a host one would dial this machine.
    if (host === '' || port < 1 || port > 65_535)
      throw new HBaseError({
        message: `calling ${service}: '${host}:${port}' is no address of a server`,
        recovery: 'backoff',
        code: 'HBASE_FAILED',
      });
    const key = `${host}:${port}/${service}`;
    const known = this.#open.get(key);
    if (known?.closed === false) return known;
    const connection = new RpcConnection({ ...this.#options, host, port, service, buffers: this.#buffers });
    this.#open.set(key, connection);
    return connection;
  }

  #noteSilentClose(key: string, error: unknown): unknown {
    if (!(error instanceof HBaseError)) return error;
    const times = (this.#silentCloses.get(key) ?? 0) + 1;
    this.#silentCloses.set(key, times);
    return times < maxSilentCloses
      ? error
      : new HBaseError({ message: error.message, recovery: 'fail', cause: error });
  }
}

function keyOf(connection: RpcConnection): string {
  return `${connection.address}/${connection.service}`;
}
