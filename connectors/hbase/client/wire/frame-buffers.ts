// Large frames are received into buffers that go round: megabytes allocated per response would keep the collector busy.
// A buffer given back too early shows foreign bytes as rows, so a frame can be released only once.

const smallestPooled = 64 * 1024;
const maxPooledBytes = 64 * 1024 * 1024;

export class FrameBuffers {
  /** Free buffers by their size, a power of two. */
  readonly #free = new Map<number, Buffer[]>();
  #freeBytes = 0;

  /** A buffer of at least `bytes`; its content is old. */
  take(bytes: number): Buffer {
    if (bytes < smallestPooled) return Buffer.allocUnsafe(bytes);
    const size = 2 ** Math.ceil(Math.log2(bytes));
    const buffer = this.#free.get(size)?.pop();
    if (buffer === undefined) return Buffer.allocUnsafeSlow(size);
    this.#freeBytes -= size;
    return buffer;
  }

  give(buffer: Buffer): void {
    const size = buffer.length;
    if (size < smallestPooled || this.#freeBytes + size > maxPooledBytes) return;
    const list = this.#free.get(size);
    if (list === undefined) this.#free.set(size, [buffer]);
    else list.push(buffer);
    this.#freeBytes += size;
  }
}

/** One received frame: `buffer[0, length)` is what follows its int32 length. */
export class Frame {
  readonly buffer: Buffer;
  readonly length: number;
  #owner: FrameBuffers | undefined;

  constructor(buffer: Buffer, length: number, owner: FrameBuffers) {
    this.buffer = buffer;
    this.length = length;
    this.#owner = owner;
  }

  /** Gives the buffer back; nobody may read it from now on. Later calls do nothing. */
  release(): void {
    this.#owner?.give(this.buffer);
    this.#owner = undefined;
  }
}
