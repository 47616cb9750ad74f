// Cuts the stream of a socket into frames: int32BE length | length bytes. Each byte is copied once, from the socket's fixed read
// buffer into the buffer of its frame.
import { HBaseError } from '../exceptions.ts';
import { Frame } from './frame-buffers.ts';
import type { FrameBuffers } from './frame-buffers.ts';

const maxFrameBytes = 1024 * 1024 * 1024;
/** What is made room for on the word of a length alone; above it, room grows with the bytes that come. */
const believedBytes = 16 * 1024 * 1024;

export interface FrameLimits {
  /** Whose port it should be, for the error. */
  readonly peer: string;
  /** A longer frame is none of this protocol. */
  readonly maxBytes: number;
}

const hbaseFrames: FrameLimits = { peer: 'HBase', maxBytes: maxFrameBytes };

export class FrameReceiver {
  readonly #buffers: FrameBuffers;
  readonly #onFrame: (frame: Frame) => void;
  readonly #limits: FrameLimits;
  readonly #lengthBytes = Buffer.alloc(4);
  #lengthFilled = 0;
  #body: Buffer | undefined;
  #bodyLength = 0;
  #bodyFilled = 0;

  constructor(buffers: FrameBuffers, onFrame: (frame: Frame) => void, limits = hbaseFrames) {
    this.#buffers = buffers;
    this.#onFrame = onFrame;
    this.#limits = limits;
  }

  /** Takes `chunk[0, length)`. Throws HBaseError when a length makes no sense: the stream is lost then. */
  push(chunk: Buffer, length: number): void {
    let at = 0;
    while (at < length)
      at = this.#body === undefined ? this.#readLength(chunk, at, length) : this.#readBody(chunk, at, length);
  }

  #readLength(chunk: Buffer, start: number, end: number): number {
    let at = start;
    while (this.#lengthFilled < 4 && at < end) this.#lengthBytes[this.#lengthFilled++] = chunk[at++] ?? 0;
    if (this.#lengthFilled < 4) return at;
    this.#lengthFilled = 0;
    this.#bodyLength = checkLength(this.#lengthBytes.readInt32BE(0), this.#limits);
    this.#bodyFilled = 0;
    this.#body = this.#buffers.take(Math.min(this.#bodyLength, believedBytes));
    return at;
  }

  #readBody(chunk: Buffer, start: number, end: number): number {
    if (this.#body === undefined) return start;
    const part = Math.min(end - start, this.#bodyLength - this.#bodyFilled);
    const body = this.#roomFor(this.#body, this.#bodyFilled + part);
    chunk.copy(body, this.#bodyFilled, start, start + part);
    this.#bodyFilled += part;
    if (this.#bodyFilled === this.#bodyLength) {
      this.#body = undefined;
      this.#onFrame(new Frame(body, this.#bodyLength, this.#buffers));
    }
    return start + part;
  }

  #roomFor(body: Buffer, bytes: number): Buffer {
    if (bytes <= body.length) return body;
    const larger = this.#buffers.take(Math.min(this.#bodyLength, 2 * body.length));
    body.copy(larger, 0, 0, this.#bodyFilled);
    this.#buffers.give(body);
    this.#body = larger;
    return larger;
  }
}

function checkLength(length: number, { peer, maxBytes }: FrameLimits): number {
  if (length <= 0 || length > maxBytes) {
    throw new HBaseError({
      message: `receiving from ${peer}: a frame of ${length} bytes; is this the port of ${peer}?`,
      recovery: 'drop-server',
    });
  }
  return length;
}
