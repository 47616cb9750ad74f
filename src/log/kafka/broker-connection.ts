// One socket to one broker: requests are pipelined, answers matched by correlation id.
//
//   connecting ─ApiVersions answered─► open ─close, error, 15 s without an answer─► closed (every pending call rejects)
import type * as net from 'node:net';
import { SyncError } from '../../core/errors.ts';
import { createFrameReader } from './frame-reader.ts';
import { PassingTrouble } from './kafka-trouble.ts';
import type { VersionRange } from './wire/api-versions.ts';
import { apiVersions } from './wire/api-versions.ts';
import { createTopicsApi } from './wire/create-topics.ts';
import { fetchApi } from './wire/fetch.ts';
import { initProducerIdApi } from './wire/init-producer-id.ts';
import { listOffsetsApi } from './wire/list-offsets.ts';
import { metadataApi } from './wire/metadata.ts';
import { produceApi } from './wire/produce.ts';
import type { Api, WireCall } from './wire/wire-call.ts';
import { encodeRequestHeader } from './wire/wire-call.ts';
import { WireReader } from './wire/wire-reader.ts';

/** No answer for as long as this, while one is due: the broker hangs or the network swallows. */
const ANSWER_TIMEOUT_MS = 15_000;
const READ_BUFFER_BYTES = 256 * 1024;
const neededApis = [metadataApi, produceApi, fetchApi, listOffsetsApi, initProducerIdApi, createTopicsApi];

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Opens a socket; tests put a proxy in between here. */
export type OpenSocket = (options: net.TcpNetConnectOpts) => net.Socket;

/** Memory for an answer, of at least `size` bytes. */
export type Allocate = (size: number) => Buffer;

export interface ConnectionOptions {
  readonly clientId: string;
  readonly connectTimeoutMs: number;
  readonly openSocket: OpenSocket;
  readonly allocate: Allocate;
  /** Called once, when the connection is of no use any more. */
  readonly onClosed: () => void;
}

interface PendingCall {
  /** Reads the answer and resolves the call. */
  readonly answer: (frame: Buffer) => void;
  readonly reject: (error: Error) => void;
}

export const nameOf = (address: Address): string => `${address.host}:${address.port}`;

/** Throws PassingTrouble when there is nobody, KAFKA_FAILED when the broker is too old. */
export async function openConnection(
  address: Address,
  options: ConnectionOptions,
): Promise<BrokerConnection> {
  const connection = new BrokerConnection(address, options);
  try {
    const ranges = await connection.call(apiVersions);
    for (const api of neededApis) checkVersion(address, api, ranges);
    connection.setSilence(ANSWER_TIMEOUT_MS);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function checkVersion(address: Address, api: Api, ranges: readonly VersionRange[]): void {
  const range = ranges.find(({ key }) => key === api.key);
  if (range !== undefined && api.version >= range.min && api.version <= range.max) return;
  const spoken = range === undefined ? 'no' : `${range.min} to ${range.max} of`;
  throw new SyncError('KAFKA_FAILED', {
    message: `connecting to ${nameOf(address)}: the broker speaks ${spoken} ${api.name}, needed is ${api.version} (Kafka 2.8 or later)`,
  });
}

export class BrokerConnection {
  readonly address: Address;
  readonly #clientId: string;
  readonly #onClosed: () => void;
  readonly #socket: net.Socket;
  readonly #pending = new Map<number, PendingCall>();
  #silenceMs = 0;
  #correlation = 0;
  #failure: PassingTrouble | null = null;

  constructor(address: Address, options: ConnectionOptions) {
    this.address = address;
    this.#clientId = options.clientId;
    this.#onClosed = options.onClosed;
    const reader = createFrameReader(options.allocate, (frame) => this.#settle(frame));
    const accept = (bytes: Uint8Array): void => {
      try {
        reader.accept(bytes);
      } catch (error) {
        this.fail('the answer is not in the protocol of Kafka', error);
      }
    };
    this.#socket = options.openSocket({
      host: address.host,
      port: address.port,
      noDelay: true,
      keepAlive: true,
      onread: {
        buffer: Buffer.allocUnsafeSlow(READ_BUFFER_BYTES),
        callback: (length, buffer) => {
          accept(buffer.subarray(0, length));
          return true;
        },
      },
    });
    this.setSilence(options.connectTimeoutMs);
    this.#socket.on('timeout', () => {
      if (this.#pending.size > 0) this.fail(`no answer within ${this.#silenceMs} ms`);
    });
    this.#socket.on('error', (error) => {
      this.fail('code' in error ? String(error.code) : error.message, error);
    });
    this.#socket.on('close', () => {
      this.fail('the connection was closed');
    });
  }

  /** How long nothing may come while an answer is due. */
  setSilence(ms: number): void {
    this.#silenceMs = ms;
    this.#socket.setTimeout(ms);
  }

  /** Requests go out in the order of the calls. Rejects with PassingTrouble when the connection ends first. */
  call<T>(call: WireCall<T>): Promise<T> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    const correlation = this.#correlation;
    this.#correlation = (correlation + 1) & 0x7fffffff;
    const answered = new Promise<T>((resolve, reject) => {
      const answer = (frame: Buffer): void => {
        try {
          resolve(decodeAnswer(call, frame));
        } catch (cause) {
          const message = `reading an answer to ${call.api.name} of ${nameOf(this.address)}: it has another form than expected`;
          reject(new SyncError('KAFKA_FAILED', { message, cause }));
        }
      };
      this.#pending.set(correlation, { answer, reject });
    });
    this.#socket.cork();
    this.#socket.write(encodeRequestHeader(call, correlation, this.#clientId));
    for (const part of call.body) this.#socket.write(part);
    this.#socket.uncork();
    return answered;
  }

  close(): void {
    this.fail('the connection was closed by this side');
  }

  /** Ends the connection; every pending call rejects. The first reason stays. */
  fail(reason: string, cause?: unknown): void {
    if (this.#failure !== null) return;
    this.#failure = new PassingTrouble(
      'KAFKA_UNREACHABLE',
      `talking to ${nameOf(this.address)}: ${reason}`,
      cause,
    );
    this.#socket.destroy();
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(this.#failure);
    this.#onClosed();
  }

  #settle(frame: Buffer): void {
    const correlation = frame.readInt32BE(0);
    const call = this.#pending.get(correlation);
    this.#pending.delete(correlation);
    call?.answer(frame);
  }
}

function decodeAnswer<T>(call: WireCall<T>, frame: Buffer): T {
  const reader = new WireReader(frame, 4);
  if (call.api.flexible) reader.skipTags();
  return call.decode(reader);
}
