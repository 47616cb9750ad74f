// What a server says while SASL is negotiated, cut out of the stream.
//   reply := int32BE 0 | int32BE n | n bytes of token          n = −88: go on without SASL
//          | int32BE 1 | string exception class | string text   string := int32BE n | n bytes of UTF-8, n = −1: null
// Anything else is a response frame: the server refuses the connection, or the negotiation is over.
import { HBaseError } from '../exceptions.ts';

const statusOk = 0;
const statusError = 1;
const switchToSimple = -88;
const maxTokenBytes = 1024 * 1024;

export type SaslReply =
  | { readonly kind: 'token'; readonly token: Buffer }
  | { readonly kind: 'error'; readonly className: string; readonly text: string }
  | { readonly kind: 'switch to simple' }
  /** `bytes` and all that follows belong to response frames. */
  | { readonly kind: 'frames'; readonly bytes: Buffer };

export class SaslReplies {
  /** What has come is `#room[#start, #end)`. */
  #room: Buffer = Buffer.alloc(4_096);
  #start = 0;
  #end = 0;

  /** Takes a copy of the bytes. */
  add(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#room.length) this.#makeRoom(bytes.length);
    this.#room.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Twice what is needed: so that a token that comes byte by byte is not copied with each of them. */
  #makeRoom(bytes: number): void {
    const received = this.#received;
    const room = Buffer.alloc(2 * (received.length + bytes));
    room.set(received);
    [this.#room, this.#start, this.#end] = [room, 0, received.length];
  }

  get #received(): Buffer {
    return this.#room.subarray(this.#start, this.#end);
  }

  /** The next whole reply. @throws HBaseError when a length makes no sense */
  take(): SaslReply | undefined {
    const status = this.#int(0);
    if (status === undefined) return undefined;
    if (status === statusOk) return this.#takeToken();
    if (status === statusError) return this.#takeError();
    return { kind: 'frames', bytes: this.#cut(this.#received.length) };
  }

  #takeToken(): SaslReply | undefined {
    const length = this.#int(4);
    if (length === undefined) return undefined;
    if (length === switchToSimple) return { kind: 'switch to simple' };
    const end = 8 + checkLength(length);
    return this.#received.length < end ? undefined : { kind: 'token', token: this.#cut(end).subarray(8) };
  }

  #takeError(): SaslReply | undefined {
    const className = this.#string(4);
    const text = className && this.#string(className.end);
    if (className === undefined || text === undefined) return undefined;
    this.#cut(text.end);
    return { kind: 'error', className: className.text, text: text.text };
  }

  #string(at: number): { readonly text: string; readonly end: number } | undefined {
    const length = this.#int(at);
    if (length === undefined) return undefined;
    const start = at + 4;
    const end = start + (length === -1 ? 0 : checkLength(length));
    return this.#received.length < end
      ? undefined
      : { text: this.#received.toString('utf8', start, end), end };
  }

  #int(at: number): number | undefined {
    return this.#received.length < at + 4 ? undefined : this.#received.readInt32BE(at);
  }

  #cut(end: number): Buffer {
    const bytes = this.#received.subarray(0, end);
    this.#start += end;
    return bytes;
  }
}

function checkLength(length: number): number {
  if (length >= 0 && length <= maxTokenBytes) return length;
  throw new HBaseError({
    message: `negotiating SASL with HBase: a token of ${length} bytes; is this the port of an HBase server?`,
    recovery: 'drop-server',
  });
}
