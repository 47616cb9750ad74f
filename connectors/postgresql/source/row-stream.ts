// Rows as PostgreSQL's COPY … TO STDOUT gives them in its text format, read as bytes: nearly the row format (row-format.ts) as it is.
//
//   message = type (1 byte) length (4 bytes, itself among them) body
//   answer  = "H" *( "d" line ) "c" "C" "Z" / "E" "Z"             ; between them also notices ("N") and parameters ("S")
//   line    = value *( TAB value ) LF                               ; NULL: \N; escapes \b \f \n \r \t \v \\
import type { Duplex } from 'node:stream';
import { DatabaseError } from 'pg';
import type { Answer } from '../../sql/source/borrow-stream.ts';
import { borrowStream, FrameCutter } from '../../sql/source/borrow-stream.ts';
import type { RowReading } from '../../sql/source/dialect.ts';
import type { RowWriter, ValueForm } from '../../sql/source/row-writer.ts';

const headBytes = 5;
const TAB = 0x09;
const LF = 0x0a;
const BACKSLASH = 0x5c;
const UPPER_N = 0x4e;
const letters: Readonly<Record<number, number>> = {
  0x62: 0x08,
  0x66: 0x0c,
  0x6e: 0x0a,
  0x72: 0x0d,
  0x74: 0x09,
  0x76: 0x0b,
};

export function streamRows(
  stream: Duplex,
  sql: string,
  { writer, forms, drained }: RowReading,
): Promise<void> {
  return borrowStream(stream, queryMessage(`COPY (${sql}) TO STDOUT`), {
    answer: new CopyAnswer(writer, forms),
    drained,
  });
}

function queryMessage(sql: string): Buffer {
  const text = Buffer.from(`${sql}\0`);
  const message = Buffer.allocUnsafe(headBytes + text.length);
  message.write('Q', 0, 'latin1');
  message.writeUInt32BE(text.length + 4, 1);
  text.copy(message, headBytes);
  return message;
}

class CopyAnswer implements Answer {
  error: Error | null = null;
  over = false;
  readonly #writer: RowWriter;
  readonly #isBytes: readonly boolean[];
  readonly #messages: FrameCutter;
  #scratch = Buffer.allocUnsafe(4096);

  constructor(writer: RowWriter, forms: readonly ValueForm[]) {
    this.#writer = writer;
    this.#isBytes = forms.map((form) => form === 'bytes');
    this.#messages = new FrameCutter({
      headBytes,
      sizeAt: (bytes, at) => 1 + bytes.readUInt32BE(at + 1),
      onFrame: (bytes, start, end) => this.#message(bytes, start, end),
    });
  }

  read(chunk: Buffer): void {
    this.#messages.read(chunk);
  }

  #message(bytes: Buffer, start: number, end: number): void {
    switch (bytes[start]) {
      case 0x64:
        this.#line(bytes, start + headBytes, end - 1);
        break;
      case 0x45:
        this.error ??= readError(bytes.subarray(start + headBytes, end));
        break;
      case 0x5a:
        this.over = true;
        break;
      default:
    }
  }

  /** `end`: of the line, without its LF. */
  #line(bytes: Buffer, start: number, end: number): void {
    if (bytes[end] !== LF) throw new TypeError('a row of COPY that ends in no line end');
    let [column, from, escaped] = [0, start, false];
    for (let at = start; at <= end; at += 1) {
      const byte = at < end ? bytes[at] : TAB;
      if (byte === BACKSLASH) {
        escaped = true;
        at += 1;
      } else if (byte === TAB) {
        this.#value(bytes, { from, to: at, escaped }, column);
        [column, from, escaped] = [column + 1, at + 1, false];
      }
    }
    this.#writer.endRow();
  }

  #value(
    bytes: Buffer,
    { from, to, escaped }: { readonly from: number; readonly to: number; readonly escaped: boolean },
    column: number,
  ): void {
    if (!escaped) this.#writer.value(bytes, from, to);
    else if (to - from === 2 && bytes[from + 1] === UPPER_N) this.#writer.null();
    else {
      const length =
        this.#isBytes[column] === true ? this.#readHex(bytes, from, to) : this.#unescape(bytes, from, to);
      this.#writer.value(this.#scratch, 0, length);
    }
  }

  /** `\\x` and two digits for each byte. */
  #readHex(bytes: Buffer, from: number, to: number): number {
    const length = (to - from - 3) / 2;
    this.#reserve(length);
    return this.#scratch.write(bytes.toString('latin1', from + 3, to), 0, length, 'hex');
  }

  #unescape(bytes: Buffer, from: number, to: number): number {
    this.#reserve(to - from);
    let length = 0;
    for (let at = from; at < to; at += 1) {
      let byte = bytes[at] ?? 0;
      if (byte === BACKSLASH) {
        at += 1;
        byte = letters[bytes[at] ?? 0] ?? bytes[at] ?? 0;
      }
      this.#scratch[length] = byte;
      length += 1;
    }
    return length;
  }

  #reserve(length: number): void {
    if (this.#scratch.length < length) this.#scratch = Buffer.allocUnsafe(length * 2);
  }
}

/** Fields of a letter and text each, ended by 0. */
function readError(body: Buffer): DatabaseError {
  const error = new DatabaseError('', body.length, 'error');
  for (let at = 0; (body[at] ?? 0) !== 0;) {
    const end = body.indexOf(0, at);
    const [letter, text] = [String.fromCharCode(body[at] ?? 0), body.toString('utf8', at + 1, end)];
    if (letter === 'M') error.message = text;
    if (letter === 'C') error.code = text;
    if (letter === 'D') error.detail = text;
    at = end + 1;
  }
  return error;
}
