// The brokers of one Kafka cluster as one user of them sees them: addresses, and a connection to each on demand.
// A producer, a reader and the offset calls have a cluster each: a broker answers the requests of one socket one by one, so a
// long poll would hold up everything behind it.
import type { Clock } from '../../core/clock.ts';
import type { Address, Allocate, BrokerConnection, OpenSocket } from './broker-connection.ts';
import { SyncError } from '../../core/errors.ts';
import { nameOf, openConnection } from './broker-connection.ts';
import { PassingTrouble } from './kafka-trouble.ts';
import type { ClusterMetadata } from './wire/metadata.ts';
import { readMetadata } from './wire/metadata.ts';

/** Opening a log, a producer or a reader is not tried again after this. With a last try it stays below 10 s. */
export const OPEN_WITHIN_MS = 6_500;
/** For all addresses of the bootstrap list together. */
const CONNECT_TIMEOUT_MS = 3_000;

export interface ClusterOptions {
  /** Where to ask first. */
  readonly bootstrap: readonly Address[];
  readonly clientId: string;
  readonly clock: Clock;
  readonly openSocket: OpenSocket;
  readonly allocate?: Allocate;
}

const allocatePlain: Allocate = (size) => Buffer.allocUnsafe(size);

export class Cluster {
  readonly clock: Clock;
  readonly #options: ClusterOptions;
  readonly #nodes = new Map<number, Address>();
  readonly #connections = new Map<string, Promise<BrokerConnection>>();
  #closed = false;

  constructor(options: ClusterOptions) {
    this.clock = options.clock;
    this.#options = options;
  }

  /** A fresh look, through any broker that answers. Throws PassingTrouble naming every address that does not. */
  async describe(topics: readonly string[]): Promise<ClusterMetadata> {
    const failures: string[] = [];
    for (const address of this.#addresses()) {
      try {
        const metadata = await (await this.#open(address)).call(readMetadata(topics));
        for (const { id, host, port } of metadata.brokers) this.#nodes.set(id, { host, port });
        return metadata;
      } catch (error) {
        if (!(error instanceof PassingTrouble)) throw error;
        failures.push(error.message);
      }
    }
    throw new PassingTrouble('KAFKA_UNREACHABLE', failures.join('; '));
  }

  /** Throws PassingTrouble when the node is unknown (describe first) or does not answer. */
  connect(node: number): Promise<BrokerConnection> {
    const address = this.#nodes.get(node);
    if (address !== undefined) return this.#open(address);
    return Promise.reject(
      new PassingTrouble('KAFKA_UNREACHABLE', `looking for broker ${node}: nobody knows it`),
    );
  }

  /** Any broker, for calls that all of them answer. */
  async connectAny(): Promise<BrokerConnection> {
    const [first] = (await this.describe([])).brokers;
    return this.connect(first?.id ?? -1);
  }

  close(): void {
    this.#closed = true;
    for (const connecting of this.#connections.values())
      void connecting.then(
        (connection) => connection.close(),
        () => undefined,
      );
    this.#connections.clear();
  }

  /** Brokers with a connection first, then the other known ones, then where it all began. */
  #addresses(): readonly Address[] {
    const known = new Map([...this.#nodes.values(), ...this.#options.bootstrap].map((a) => [nameOf(a), a]));
    const connected = (address: Address): number => (this.#connections.has(nameOf(address)) ? 0 : 1);
    return [...known.values()].sort((a, b) => connected(a) - connected(b));
  }

  #open(address: Address): Promise<BrokerConnection> {
    if (this.#closed)
      return Promise.reject(
        new SyncError('CANCELLED', { message: 'connecting to Kafka: the log was closed' }),
      );
    const name = nameOf(address);
    const existing = this.#connections.get(name);
    if (existing !== undefined) return existing;
    const { clientId, openSocket, allocate = allocatePlain, bootstrap } = this.#options;
    const connectTimeoutMs = CONNECT_TIMEOUT_MS / bootstrap.length;
    const onClosed = (): void => {
      if (this.#connections.get(name) === opening) this.#connections.delete(name);
    };
    const opening = openConnection(address, { clientId, connectTimeoutMs, openSocket, allocate, onClosed });
    this.#connections.set(name, opening);
    return opening;
  }
}
