// A driver's connection, put aside while an answer is read as bytes off its stream: the driver has logged in, and takes the stream back
// behind the last byte of the answer.
import type { Duplex } from 'node:stream';

export interface Answer {
  /** Reads on; throws what can't be read. */
  read(chunk: Buffer): void;
  /** The last byte was read. */
  readonly over: boolean;
  /** What the server said instead of the rows, or of those to come; looked at when it is over. */
  readonly error: Error | null;
}

/** Sends `question`; waits for `drained` after each piece of the answer. Rejects when the stream ends, and with what the server said. */
export function borrowStream(
  stream: Duplex,
  question: Buffer,
  { answer, drained }: { readonly answer: Answer; readonly drained: () => Promise<void> },
): Promise<void> {
  const others = stream.listeners('data') as ((chunk: Buffer) => void)[];
  return new Promise((resolve, reject) => {
    const settle = (error: Error | null): void => {
      stream.off('data', onData).off('close', onClose);
      for (const each of others) stream.on('data', each);
      stream.resume();
      if (error === null) resolve();
      else reject(error);
    };
    const onClose = (): void =>
      settle(Object.assign(new Error('the server closed the connection'), { code: 'ECONNRESET' }));
    const fail = (error: unknown): void => {
      stream.destroy();
      settle(error instanceof Error ? error : new Error(String(error)));
    };
    const onData = (chunk: Buffer): void => {
      stream.pause();
      try {
        answer.read(chunk);
      } catch (error) {
        fail(error);
        return;
      }
      drained().then(() => {
        if (answer.over) settle(answer.error);
        else stream.resume();
      }, fail);
    };
    for (const each of others) stream.off('data', each);
    stream.on('data', onData).on('close', onClose);
    stream.write(question);
  });
}

export interface Framing {
  readonly headBytes: number;
  /** Bytes of the frame whose head begins there, the head among them. */
  readonly sizeAt: (bytes: Buffer, at: number) => number;
  /** A whole frame, its head among it; the bytes are good until it returns. */
  readonly onFrame: (bytes: Buffer, start: number, end: number) => void;
}

/** Cuts a stream into frames, without an object for each. */
export class FrameCutter {
  readonly #framing: Framing;
  /** The beginning of a frame whose end has not come; `#needed` bytes of it make it whole. */
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #needed = 0;

  constructor(framing: Framing) {
    this.#framing = framing;
  }

  read(chunk: Buffer): void {
    const { headBytes, sizeAt, onFrame } = this.#framing;
    const bytes = this.#join(chunk);
    if (bytes === null) return;
    let at = 0;
    while (at + headBytes <= bytes.length) {
      const end = at + sizeAt(bytes, at);
      if (end > bytes.length) break;
      onFrame(bytes, at, end);
      at = end;
    }
    if (at < bytes.length) this.#keep(bytes.subarray(at));
  }

  /** null: still too little. */
  #join(chunk: Buffer): Buffer | null {
    if (this.#waitingBytes === 0) return chunk;
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes < this.#needed) return null;
    const bytes = Buffer.concat(this.#waiting, this.#waitingBytes);
    this.#waiting = [];
    this.#waitingBytes = 0;
    return bytes;
  }

  /** Copied, so that a large piece is not held for a little of it. */
  #keep(rest: Buffer): void {
    const { headBytes, sizeAt } = this.#framing;
    this.#waiting = [Buffer.from(rest)];
    this.#waitingBytes = rest.length;
    this.#needed = rest.length < headBytes ? headBytes : sizeAt(rest, 0);
  }
}
