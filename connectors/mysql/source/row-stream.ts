// The answer to a query in MySQL's text protocol, read as bytes. No object is made per row or packet.
//
//   packet  = length (3 bytes, little endian) sequence payload         ; a length of 2^24-1: the next packet belongs to the same payload
//   answer  = count *definition EOF *row ( EOF / error ) / error       ; count: of the columns
//   row     = *( 0xfb / length value )                                 ; 0xfb: NULL; length: 1 byte, or 0xfc 2, 0xfd 3, 0xfe 8 bytes
import type { Duplex } from 'node:stream';
import type { Answer } from '../../sql/source/borrow-stream.ts';
import { borrowStream, FrameCutter } from '../../sql/source/borrow-stream.ts';
import type { RowReading } from '../../sql/source/dialect.ts';
import type { RowWriter } from '../../sql/source/row-writer.ts';

const COM_QUERY = 3;
const NULL = 0xfb;
const EOF = 0xfe;
const ERROR = 0xff;
const headBytes = 4;
const longestPacket = 0xff_ff_ff;
/** Of a row that is longer no more is kept: no topic takes it, and memory is bounded. */
const keptRowBytes = 4 * longestPacket;
const tooLong = 'the row has more than 64 MB, and no topic takes it';
const shownBytes = 256;

/** What the server said instead of the rows, or of those to come. */
export class ServerError extends Error {
  readonly errno: number;
  readonly sqlState: string;

  constructor(payload: Buffer) {
    const marked = payload[3] === 0x23;
    super(payload.toString('utf8', marked ? 9 : 3));
    this.errno = payload.readUInt16LE(1);
    this.sqlState = marked ? payload.toString('latin1', 4, 9) : '';
  }
}

/** Gives each row of the answer to the writer. */
export function streamRows(
  stream: Duplex,
  sql: string,
  { writer, drained }: Pick<RowReading, 'writer' | 'drained'>,
): Promise<void> {
  return borrowStream(stream, queryPacket(sql), { answer: new TextAnswer(writer), drained });
}

function queryPacket(sql: string): Buffer {
  const text = Buffer.from(sql);
  if (text.length + 1 >= longestPacket) throw new RangeError('the statement is longer than a packet');
  const packet = Buffer.allocUnsafe(headBytes + 1 + text.length);
  packet.writeUIntLE(text.length + 1, 0, 3);
  packet[3] = 0;
  packet[headBytes] = COM_QUERY;
  text.copy(packet, headBytes + 1);
  return packet;
}

class TextAnswer implements Answer {
  error: ServerError | null = null;
  over = false;
  readonly #writer: RowWriter;
  readonly #packets: FrameCutter;
  /** -1: the count of columns is yet to come. */
  #columns = -1;
  /** Definitions of columns that are yet to come, and the EOF behind them. */
  #definitions = 0;
  /** Of a row longer than a packet, what came of it, as far as it is kept. */
  #parts: Buffer[] = [];
  #partBytes = 0;

  constructor(writer: RowWriter) {
    this.#writer = writer;
    this.#packets = new FrameCutter({
      headBytes,
      sizeAt: (bytes, at) =>
        headBytes + ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16)),
      onFrame: (bytes, start, end) => this.#packet(bytes, start + headBytes, end),
    });
  }

  read(chunk: Buffer): void {
    this.#packets.read(chunk);
  }

  #packet(bytes: Buffer, start: number, end: number): void {
    if (end - start === longestPacket || this.#partBytes > 0) {
      this.#longRow(bytes, start, end);
      return;
    }
    const first = bytes[start] ?? 0;
    if (first === ERROR) {
      this.error = new ServerError(bytes.subarray(start, end));
      this.over = true;
    } else if (this.#columns === -1) {
      this.#columns = first === 0xfc ? bytes.readUInt16LE(start + 1) : first;
      this.#definitions = this.#columns + 1;
    } else if (this.#definitions > 0) this.#definitions -= 1;
    else if (first === EOF && end - start < 9) this.over = true;
    else this.#row(bytes, start, end);
  }

  /** A payload of several packets. */
  #longRow(bytes: Buffer, start: number, end: number): void {
    if (this.#partBytes < keptRowBytes) this.#parts.push(Buffer.from(bytes.subarray(start, end)));
    this.#partBytes += end - start;
    if (end - start === longestPacket) return;
    const row = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#partBytes = 0;
    this.#row(row, 0, row.length);
  }

  #row(bytes: Buffer, start: number, end: number): void {
    const writer = this.#writer;
    const columns = this.#columns;
    let at = start;
    for (let column = 0; column < columns; column += 1) {
      if (at >= end) {
        writer.refused(tooLong);
        continue;
      }
      let size = bytes[at] ?? 0;
      at += 1;
      if (size === NULL) {
        writer.null();
        continue;
      }
      if (size > NULL) {
        const width = size === 0xfc ? 2 : size === 0xfd ? 3 : 8;
        size = width === 8 ? Number(bytes.readBigUInt64LE(at)) : bytes.readUIntLE(at, width);
        at += width;
      }
      if (at + size <= end) writer.value(bytes, at, at + size);
      else writer.refused(tooLong, bytes.subarray(at, Math.min(end, at + shownBytes)));
      at += size;
    }
    writer.endRow();
  }
}
