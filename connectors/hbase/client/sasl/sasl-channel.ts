// A socket's bytes behind Kerberos: first the negotiation, then frames as they are, or wrapped one by one.
//   negotiating ─tokens to and fro, the layer chosen─► open        what is sent before waits
//   wrapped: int32BE n | n bytes of a GSS token; the tokens' content is the stream of frames
// Tokens are numbered: they are wrapped and unwrapped one after another, in the order of the stream.
import { asHBaseError, HBaseError } from '../exceptions.ts';
import { FrameReceiver } from '../wire/frame-receiver.ts';
import type { Frame, FrameBuffers } from '../wire/frame-buffers.ts';
import { kerberosPreamble } from '../wire/connection-header.ts';
import type { GssContext, Protection } from './gssapi.ts';
import { SaslReplies } from './sasl-replies.ts';
import { chooseLayer } from './security-layer.ts';

/** More than any Kerberos mechanism adds to what it wraps. */
const wrapOverheadBytes = 256;

/** Each token answers one of ours. */
const maxTokensWaiting = 4;

export interface SaslChannelOptions {
  readonly openContext: () => Promise<GssContext>;
  readonly protection: Protection;
  readonly buffers: FrameBuffers;
  readonly write: (bytes: Uint8Array) => void;
  /** Bytes of response frames: `chunk[0, length)`, to be read at once. */
  readonly deliver: (chunk: Buffer, length: number) => void;
  readonly onOpen: () => void;
  readonly onError: (error: Error) => void;
}

export class SaslChannel {
  readonly #options: SaslChannelOptions;
  /** Until the first frame has come: a server may refuse the last token, too. */
  #replies: SaslReplies | undefined = new SaslReplies();
  readonly #tokens: Buffer[] = [];
  #onToken: (() => void) | undefined;
  #unsent: Uint8Array[] | undefined = [];
  #maxWrapBytes = 0;
  readonly #wrapped: FrameReceiver;
  /** All use of the context, one after another. */
  #crypto: Promise<void>;
  #context: GssContext | undefined;

  constructor(options: SaslChannelOptions) {
    this.#options = options;
    this.#wrapped = new FrameReceiver(options.buffers, (frame) =>
      this.#enqueue((context) => this.#unwrap(context, frame)),
    );
    this.#crypto = this.#negotiate().catch((error: unknown) => options.onError(asHBaseError(error)));
  }

  send(bytes: Uint8Array): void {
    if (this.#unsent !== undefined) this.#unsent.push(bytes);
    else if (this.#isPlain) this.#options.write(bytes);
    else this.#enqueue((context) => this.#wrap(context, bytes));
  }

  /** @throws HBaseError when the server refuses us or makes no sense */
  receive(chunk: Buffer, length: number): void {
    if (this.#replies === undefined) {
      this.#receiveFrames(chunk, length);
      return;
    }
    this.#replies.add(chunk.subarray(0, length));
    for (let reply = this.#replies.take(); reply !== undefined; reply = this.#replies.take()) {
      if (reply.kind === 'frames') {
        this.#replies = undefined;
        this.#receiveFrames(reply.bytes, reply.bytes.length);
        return;
      }
      if (reply.kind !== 'token') throw refusal(reply);
      if (this.#tokens.length >= maxTokensWaiting)
        throw new HBaseError({
          message: 'negotiating SASL with HBase: more tokens than there were questions',
          recovery: 'drop-server',
        });
      this.#tokens.push(reply.token);
      this.#onToken?.();
    }
  }

  get #isPlain(): boolean {
    return this.#options.protection === 'authentication';
  }

  /** A server that refuses the connection says so in a plain frame, before there is a layer. */
  #receiveFrames(chunk: Buffer, length: number): void {
    if (this.#isPlain || this.#unsent !== undefined) this.#options.deliver(chunk, length);
    else this.#wrapped.push(chunk, length);
  }

  async #negotiate(): Promise<void> {
    const { openContext, protection, write, onOpen } = this.#options;
    const context = await openContext();
    write(Buffer.concat([kerberosPreamble, withLength(await context.step(Buffer.alloc(0)))]));
    while (!context.established) write(withLength(await context.step(await this.#nextToken())));
    const { reply, serverTakesBytes } = chooseLayer(
      await context.unwrap(await this.#nextToken()),
      protection,
    );
    const wrapped = await context.wrap(reply, false);
    // Bytes that nothing protects must not become the beginning of a frame that goes on behind the layer.
    if (this.#replies === undefined)
      throw new HBaseError({
        message: 'negotiating SASL with HBase: an answer before the handshake was over',
        recovery: 'drop-server',
      });
    write(withLength(wrapped));
    this.#context = context;
    this.#maxWrapBytes = Math.max(serverTakesBytes - wrapOverheadBytes, wrapOverheadBytes);
    const unsent = this.#unsent ?? [];
    this.#unsent = undefined;
    for (const bytes of unsent) this.send(bytes);
    onOpen();
  }

  async #nextToken(): Promise<Buffer> {
    const token = this.#tokens.shift();
    if (token !== undefined) return token;
    await new Promise<void>((resolve) => (this.#onToken = resolve));
    return await this.#nextToken();
  }

  #enqueue(use: (context: GssContext) => Promise<void>): void {
    this.#crypto = this.#crypto
      .then(() => (this.#context === undefined ? undefined : use(this.#context)))
      .catch((error: unknown) => {
        this.#context = undefined;
        this.#options.onError(asHBaseError(error));
      });
  }

  async #wrap(context: GssContext, bytes: Uint8Array): Promise<void> {
    const isPrivate = this.#options.protection === 'privacy';
    for (let at = 0; at < bytes.length; at += this.#maxWrapBytes) {
      const part = bytes.subarray(at, at + this.#maxWrapBytes);
      this.#options.write(withLength(await protect(() => context.wrap(part, isPrivate))));
    }
  }

  async #unwrap(context: GssContext, frame: Frame): Promise<void> {
    const bytes = await protect(() => context.unwrap(frame.buffer.subarray(0, frame.length)));
    frame.release();
    this.#options.deliver(bytes, bytes.length);
  }
}

/** A token that cannot be made or read ends this connection; whether a new one works, the next negotiation shows. */
async function protect(use: () => Promise<Buffer>): Promise<Buffer> {
  try {
    return await use();
  } catch (cause) {
    throw new HBaseError({ message: asHBaseError(cause).message, recovery: 'drop-server', cause });
  }
}

function withLength(token: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(token.length);
  return Buffer.concat([length, token]);
}

function refusal(
  reply:
    | { readonly kind: 'error'; readonly className: string; readonly text: string }
    | { readonly kind: 'switch to simple' },
): HBaseError {
  if (reply.kind === 'error')
    return new HBaseError({
      message: `negotiating SASL with HBase: the server refuses: ${reply.className}: ${reply.text}`,
      recovery: 'fail',
      code: 'HBASE_LOGIN',
      className: reply.className,
    });
  return new HBaseError({
    message:
      'negotiating SASL with HBase: the server wants to go on without Kerberos, so it may be another than it says; if the cluster has no Kerberos, set hbase.security.authentication to simple',
    recovery: 'fail',
    code: 'HBASE_LOGIN',
  });
}
