// One socket to one service of one server, shared by all its callers: calls go out at once, answers come in any order and find
// their call by id.
//   connecting ─handshake and calls are written at once─► open ─socket lost, fatal answer, close()─► closed (all calls fail)
import { createConnection, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { abortReason } from '../../../../src/core/clock.ts';
import { HBaseError, remoteError } from '../exceptions.ts';
import type { CallPlace, Recovery } from '../exceptions.ts';
import { FrameReceiver } from './frame-receiver.ts';
import type { Frame, FrameBuffers } from './frame-buffers.ts';
import { encodeConnectionHeader, keyValueCodec, preamble } from './connection-header.ts';
import type { ServiceName } from './connection-header.ts';
import { connectionRefusedCallId, decodeResponse, encodeRequest } from './frame.ts';
import type { Response } from './frame.ts';
import type { GssContext } from '../sasl/gssapi.ts';
import { openGssContext, servicePrincipal } from '../sasl/kerberos-options.ts';
import type { KerberosOptions } from '../sasl/kerberos-options.ts';
import { SaslChannel } from '../sasl/sasl-channel.ts';

const readBufferBytes = 256 * 1024;
const keepAliveMs = 30_000;
const lastCallId = 0x7ffffffe;

/** How sockets are encrypted (HBase 2.6 with hbase.server.netty.tls.enabled): from the first byte on, on the same port. */
export interface TlsOptions {
  /** Certificates, PEM, of whom to trust; default: those that Node trusts. */
  readonly ca?: string | Buffer;
  /** Our own certificate and key, PEM, for servers that ask for one (hbase.server.netty.tls.client.auth.mode). */
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
}

export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly service: ServiceName;
  readonly effectiveUser: string;
  readonly connectTimeoutMs: number;
  readonly buffers: FrameBuffers;
  /** Default: plain text. */
  readonly tls?: TlsOptions | undefined;
  /** Default: simple authentication, as `effectiveUser`. */
  readonly kerberos?: KerberosOptions | undefined;
}

/** What lies between frames and the socket. */
interface Channel {
  send(bytes: Uint8Array): void;
  receive(chunk: Buffer, length: number): void;
}

export interface RpcCall {
  readonly method: string;
  readonly param: Uint8Array;
  readonly cellBlock?: Uint8Array | undefined;
  readonly timeoutMs: number;
  /** Printable region, for error messages. */
  readonly region?: string | undefined;
  readonly priority?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An answer; its ranges lie in `buffer`, which goes back to the pool with `release`. */
export class RpcResponse {
  readonly buffer: Buffer;
  readonly messageStart: number;
  readonly messageEnd: number;
  readonly blockStart: number;
  readonly blockEnd: number;
  readonly #frame: Frame;

  constructor(frame: Frame, response: Response) {
    this.buffer = frame.buffer;
    this.messageStart = response.messageStart;
    this.messageEnd = response.messageEnd;
    this.blockStart = response.blockStart;
    this.blockEnd = response.blockEnd;
    this.#frame = frame;
  }

  message(): Buffer {
    return this.buffer.subarray(this.messageStart, this.messageEnd);
  }

  release(): void {
    this.#frame.release();
  }
}

interface PendingCall {
  readonly place: CallPlace;
  readonly settle: (outcome: RpcResponse | Error) => void;
}

export class RpcConnection {
  /** host:port */
  readonly address: string;
  readonly service: ServiceName;
  readonly #socket: Socket;
  readonly #channel: Channel;
  readonly #pending = new Map<number, PendingCall>();
  readonly #connectTimer: NodeJS.Timeout;
  #nextCallId = 0;
  #bytesReceived = 0;
  #isOpen = false;
  #closed: Error | undefined;
  #closeWhenIdle = false;
  #hungUp = false;

  constructor(options: ConnectionOptions) {
    const { host, port, service, effectiveUser, kerberos } = options;
    this.address = `${host}:${port}`;
    this.service = service;
    this.#socket = this.#openSocket(options);
    this.#connectTimer = setTimeout(() => {
      this.#fail(this.#lost(`no connection within ${options.connectTimeoutMs} ms`));
    }, options.connectTimeoutMs);
    this.#socket.on('error', (error) => this.#fail(this.#broken(error)));
    this.#socket.on('end', () => this.#hangUp());
    this.#socket.on('close', () => this.#fail(this.#lost('the connection is gone')));
    this.#channel = this.#openChannel(options);
    const user = kerberos === undefined ? effectiveUser : undefined;
    this.#channel.send(
      encodeConnectionHeader({ effectiveUser: user, serviceName: service, cellBlockCodec: keyValueCodec }),
    );
  }

  #openChannel({ host, service, buffers, tls, kerberos }: ConnectionOptions): Channel {
    const receiver = new FrameReceiver(buffers, (frame) => this.#receive(frame));
    const write = (bytes: Uint8Array): void => void this.#socket.write(bytes);
    const deliver = (chunk: Buffer, length: number): void => receiver.push(chunk, length);
    const onOpen = (): void => {
      this.#isOpen = true;
      clearTimeout(this.#connectTimer);
    };
    if (kerberos === undefined) {
      this.#socket.once(tls === undefined ? 'connect' : 'secureConnect', onOpen);
      write(preamble);
      return { send: write, receive: deliver };
    }
    const { protection } = kerberos;
    const openContext = async (): Promise<GssContext> =>
      await openGssContext(kerberos)(servicePrincipal(kerberos, service, host));
    const onError = (error: Error): void => this.#fail(error);
    return new SaslChannel({
      openContext,
      protection,
      buffers,
      write,
      deliver,
      onOpen,
      onError,
    });
  }

  #openSocket({ host, port, tls }: ConnectionOptions): Socket {
    const onread = { buffer: Buffer.allocUnsafeSlow(readBufferBytes), callback: this.#onBytes };
    const keepAlive = { keepAlive: true, keepAliveInitialDelay: keepAliveMs };
    const plain = { host, port, noDelay: true, ...keepAlive, onread };
    if (tls === undefined) return createConnection(plain);
    const socket = connectTls({ ...plain, ...tls, ...(isIP(host) === 0 ? { servername: host } : {}) });
    return socket.setNoDelay(true).setKeepAlive(true, keepAliveMs);
  }

  get closed(): boolean {
    return this.#closed !== undefined;
  }

  /** The server took the connection and closed it without a byte: it refuses the handshake, or is going down. */
  get hungUpInHandshake(): boolean {
    return this.#hungUp && this.#bytesReceived === 0;
  }

  /** @throws HBaseError the server's exception, a lost socket or a timeout; the abort reason of the call's signal */
  call(call: RpcCall): Promise<RpcResponse> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    if (call.signal?.aborted === true) return Promise.reject(abortReason(call.signal));
    const callId = this.#takeCallId();
    return new Promise((resolve, reject) => {
      const bytesBefore = this.#bytesReceived;
      const place = { method: call.method, server: this.address, region: call.region };
      const timer = setTimeout(() => this.#timeOut(callId, call, bytesBefore), call.timeoutMs);
      const onAbort = (): void => settle(abortReason(call.signal));
      const settle = (outcome: RpcResponse | Error): void => {
        clearTimeout(timer);
        call.signal?.removeEventListener('abort', onAbort);
        this.#pending.delete(callId);
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
        if (this.#closeWhenIdle && this.#pending.size === 0) this.close();
      };
      call.signal?.addEventListener('abort', onAbort, { once: true });
      this.#pending.set(callId, { place, settle });
      this.#channel.send(encodeRequest({ ...call, callId }));
    });
  }

  /** Closes the socket as soon as no call is waiting; no new calls should be made. */
  closeWhenIdle(): void {
    this.#closeWhenIdle = true;
    if (this.#pending.size === 0) this.close();
  }

  close(): void {
    this.#fail(this.#lost('the client was closed'));
  }

  readonly #onBytes = (length: number, buffer: Uint8Array): boolean => {
    this.#bytesReceived += length;
    try {
      this.#channel.receive(buffer as Buffer, length);
    } catch (error) {
      this.#fail(error instanceof Error ? error : this.#lost(String(error)));
    }
    return true;
  };

  #receive(frame: Frame): void {
    const response = decodeResponse(frame.buffer, 0, frame.length);
    const { callId, exception } = response;
    if (callId === connectionRefusedCallId && exception !== undefined) {
      const refusal = remoteError(
        { method: `the handshake for ${this.service}`, server: this.address },
        exception,
      );
      frame.release();
      throw new HBaseError({
        message: refusal.message,
        recovery: 'fail',
        className: exception.className,
        cause: refusal,
      });
    }
    if (!this.#isOpen) throw this.#lost('an answer before the handshake was over');
    const call = this.#pending.get(callId);
    if (call === undefined || exception !== undefined) {
      frame.release();
      if (exception !== undefined) call?.settle(remoteError(call.place, exception));
      return;
    }
    call.settle(new RpcResponse(frame, response));
  }

  /** A server that sent nothing at all since the call began may be gone without a word: its socket goes too. */
  #timeOut(callId: number, call: RpcCall, bytesBefore: number): void {
    const silent = this.#bytesReceived === bytesBefore;
    const error = new HBaseError({
      message: `calling ${call.method} on ${this.address}: no answer within ${call.timeoutMs} ms`,
      recovery: silent ? 'drop-server' : 'backoff',
      place: { method: call.method, server: this.address, region: call.region },
    });
    this.#pending.get(callId)?.settle(error);
    if (silent) this.#fail(error);
  }

  #fail(error: Error): void {
    if (this.#closed !== undefined) return;
    this.#closed = error;
    clearTimeout(this.#connectTimer);
    this.#socket.destroy();
    for (const call of [...this.#pending.values()]) call.settle(error);
  }

  /** A certificate that is not trusted will not be so later. */
  #broken(error: NodeJS.ErrnoException): HBaseError {
    const isRefusal = /CERT|UNABLE_TO|ERR_TLS/.test(error.code ?? '');
    return this.#lost(error.message, error, isRefusal ? 'fail' : 'drop-server');
  }

  #lost(reason: string, cause?: Error, recovery: Recovery = 'drop-server'): HBaseError {
    return new HBaseError({
      message: `talking to ${this.service} of ${this.address}: ${reason}`,
      recovery,
      place: { method: this.service, server: this.address },
      cause,
    });
  }

  #hangUp(): void {
    if (this.#closed !== undefined) return;
    this.#hungUp = true;
    const reason = this.hungUpInHandshake
      ? 'the server closed the connection during the handshake without a word ' +
        '(it is stopping, wants TLS, or does not know this service, user or cell codec: its own log tells)'
      : 'the server closed the connection';
    this.#fail(this.#lost(reason));
  }

  #takeCallId(): number {
    const id = this.#nextCallId;
    this.#nextCallId = id === lastCallId ? 0 : id + 1;
    return this.#pending.has(id) ? this.#takeCallId() : id;
  }
}
