// Cuts the stream of a socket into frames: int32BE length | length bytes. Each byte is copied once, from the socket's fixed read
// buffer into the buffer of its frame.
import { HBaseError } from './exceptions.ts';
import { Frame } from './frame-buffers.ts';
import type { FrameBuffers } from './frame-buffers.ts';

const maxFrameBytes = 1024 * 1024 * 1024;

export class FrameReceiver {
  readonly #buffers: FrameBuffers;
  readonly #onFrame: (frame: Frame) => void;
  readonly #lengthBytes = Buffer.alloc(4);
  #lengthFilled = 0;
  #body: Buffer | undefined;
  #bodyLength = 0;
  #bodyFilled = 0;

  constructor(buffers: FrameBuffers, onFrame: (frame: Frame) => void) {
    this.#buffers = buffers;
    this.#onFrame = onFrame;
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
    this.#bodyLength = checkLength(this.#lengthBytes.readInt32BE(0));
    this.#bodyFilled = 0;
    this.#body = this.#buffers.take(this.#bodyLength);
    return at;
  }

  #readBody(chunk: Buffer, start: number, end: number): number {
    const body = this.#body;
    if (body === undefined) return start;
    const part = Math.min(end - start, this.#bodyLength - this.#bodyFilled);
    chunk.copy(body, this.#bodyFilled, start, start + part);
    this.#bodyFilled += part;
    if (this.#bodyFilled === this.#bodyLength) {
      this.#body = undefined;
      this.#onFrame(new Frame(body, this.#bodyLength, this.#buffers));
    }
    return start + part;
  }
}

function checkLength(length: number): number {
  if (length <= 0 || length > maxFrameBytes) {
    throw new HBaseError({
      message: `receiving from HBase: a frame of ${length} bytes; is this the port of an HBase server?`,
      recovery: 'drop-server',
    });
  }
  return length;
}
