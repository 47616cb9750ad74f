// COPY … FROM STDIN over the driver's connection, from memory: each piece is a CopyData message of its own, written as it is.
import type { Connection, Submittable } from 'pg';

const pieceBytes = 256 * 1024;
const headBytes = 5;
const COPY_DATA = 0x64;
const copyDone = Buffer.from([0x63, 0, 0, 0, 4]);

/** Handed to the driver's `query`, which calls its methods as the server answers, like those of its own Query. */
export class CopyIn implements Submittable {
  /** The number of rows that the server took. */
  readonly done: Promise<number>;
  readonly #sql: string;
  readonly #bytes: Buffer;
  #rows = 0;
  #resolve: (rows: number) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  constructor(sql: string, bytes: Buffer) {
    this.#sql = sql;
    this.#bytes = bytes;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  submit(connection: Connection): void {
    connection.query(this.#sql);
  }

  handleCopyInResponse({ stream }: Connection): void {
    stream.cork();
    for (let at = 0; at < this.#bytes.length; at += pieceBytes) {
      const piece = this.#bytes.subarray(at, at + pieceBytes);
      const head = Buffer.allocUnsafe(headBytes);
      head[0] = COPY_DATA;
      head.writeUInt32BE(piece.length + headBytes - 1, 1);
      stream.write(head);
      stream.write(piece);
    }
    stream.write(copyDone);
    stream.uncork();
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#rows = Number(/^COPY (\d+)$/.exec(text)?.[1] ?? 0);
  }

  /** After it the driver tells this query nothing more; the next one waits until the server is ready. */
  handleError(error: Error): void {
    this.#reject(error);
  }

  handleReadyForQuery(): void {
    this.#resolve(this.#rows);
  }
}
