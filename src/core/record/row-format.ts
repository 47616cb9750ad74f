// The row format: one row's fields in schema order as tab-separated text, NULL as `\N`, no line end.
// LOAD DATA (MySQL) and COPY (PostgreSQL) read it as it is, so it is a wire format; its grammar:
//
//   row    = field *( TAB field )
//   field  = NULL / *byte            ; byte: any but TAB, LF, CR, BACKSLASH, NUL
//   NULL   = BACKSLASH "N"
//   escape = BACKSLASH ( "t" / "n" / "r" / BACKSLASH / "0" )      ; stands for TAB, LF, CR, BACKSLASH, NUL

const TAB = 0x09;
const BACKSLASH = 0x5c;

/** The letter after the backslash for a byte that must be escaped, 0 for a byte that stands for itself. */
export const escapeLetter = new Uint8Array(256);
escapeLetter[0x09] = 0x74;
escapeLetter[0x0a] = 0x6e;
escapeLetter[0x0d] = 0x72;
escapeLetter[0x5c] = 0x5c;
escapeLetter[0x00] = 0x30;

const unescapeLetter = new Uint8Array(256).map((_, letter) => letter);
for (let byte = 0; byte < 256; byte += 1) {
  const letter = escapeLetter[byte] ?? 0;
  if (letter !== 0) unescapeLetter[letter] = byte;
}

/** A growing buffer that writers of rows share; `bytes` may be replaced by a larger one on `ensure`. */
export class ByteWriter {
  bytes: Buffer;
  /** Of `bytes`, to write whole words. */
  view: DataView;
  length = 0;

  constructor(capacity = 4096) {
    this.bytes = Buffer.allocUnsafe(capacity);
    this.view = viewOf(this.bytes);
  }

  /** Makes room for `more` bytes behind `length`. */
  ensure(more: number): void {
    const need = this.length + more;
    if (need <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(need, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
    this.view = viewOf(larger);
  }

  /** Appends bytes with the escapes of the row format. */
  writeEscaped(from: Uint8Array, start = 0, end = from.length): void {
    this.ensure((end - start) * 2);
    const bytes = this.bytes;
    let at = this.length;
    for (let i = start; i < end; i += 1) {
      const byte = from[i] ?? 0;
      const letter = escapeLetter[byte] ?? 0;
      if (letter !== 0) {
        bytes[at] = BACKSLASH;
        bytes[at + 1] = letter;
        at += 2;
      } else {
        bytes[at] = byte;
        at += 1;
      }
    }
    this.length = at;
  }

  writeText(text: string): void {
    this.writeEscaped(Buffer.from(text, 'utf8'));
  }

  writeTab(): void {
    this.ensure(1);
    this.bytes[this.length] = TAB;
    this.length += 1;
  }

  writeNull(): void {
    this.ensure(2);
    this.bytes[this.length] = BACKSLASH;
    this.bytes[this.length + 1] = 0x4e;
    this.length += 2;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Writes one row of already textual values (null = NULL) behind `out.length`. */
export function writeRow(out: ByteWriter, values: readonly (string | Uint8Array | null)[]): void {
  values.forEach((value, index) => {
    if (index > 0) out.writeTab();
    if (value === null) out.writeNull();
    else if (typeof value === 'string') out.writeText(value);
    else out.writeEscaped(value);
  });
}

/** The raw bytes of each field of a row, unescaped; null = NULL. Off the fast path: it makes an object per field. */
export function readRow(bytes: Uint8Array, start = 0, end = bytes.length): (Buffer | null)[] {
  const values: (Buffer | null)[] = [];
  let from = start;
  for (let at = start; at <= end; at += 1) {
    if (at < end && bytes[at] !== TAB) continue;
    values.push(readField(bytes, from, at));
    from = at + 1;
  }
  return values;
}

function readField(bytes: Uint8Array, start: number, end: number): Buffer | null {
  if (end - start === 2 && bytes[start] === BACKSLASH && bytes[start + 1] === 0x4e) return null;
  const out = Buffer.allocUnsafe(end - start);
  return out.subarray(0, unescape(out, 0, { bytes, start, end }));
}

/** Writes the escaped bytes unescaped to `out` from `at` on, where there is room for as many; returns the end of what it wrote. */
function unescape(
  out: Uint8Array,
  at: number,
  { bytes, start, end }: { readonly bytes: Uint8Array; readonly start: number; readonly end: number },
): number {
  let to = at;
  for (let from = start; from < end; from += 1) {
    let byte = bytes[from] ?? 0;
    if (byte === BACKSLASH) {
      from += 1;
      byte = unescapeLetter[bytes[from] ?? 0] ?? 0;
    }
    out[to] = byte;
    to += 1;
  }
  return to;
}

/** The fields of one row after the other, as places in bytes: nothing is made per row or field. */
export class RowFields {
  /** The raw bytes of field `i` are `bytes[i][starts[i], ends[i])`; no bytes array: NULL. Good until the next `read`. */
  readonly bytes: (Buffer | null)[] = [];
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  count = 0;
  readonly #unescaped = new ByteWriter();

  read(row: Buffer, start: number, end: number): void {
    this.count = 0;
    this.#unescaped.length = 0;
    // Room for all of them at once: the buffer is not replaced while fields point into it.
    this.#unescaped.ensure(end - start);
    let [from, escaped] = [start, false];
    for (let at = start; at <= end; at += 1) {
      const byte = at < end ? row[at] : TAB;
      if (byte === BACKSLASH) {
        escaped = true;
        at += 1;
      }
      if (byte !== TAB) continue;
      if (escaped) this.#addEscaped(row, from, at);
      else this.#add(row, from, at);
      [from, escaped] = [at + 1, false];
    }
  }

  #add(bytes: Buffer | null, start: number, end: number): void {
    this.bytes[this.count] = bytes;
    this.starts[this.count] = start;
    this.ends[this.count] = end;
    this.count += 1;
  }

  #addEscaped(row: Buffer, start: number, end: number): void {
    if (end - start === 2 && row[start + 1] === 0x4e) {
      this.#add(null, start, start);
      return;
    }
    const out = this.#unescaped;
    const at = out.length;
    out.length = unescape(out.bytes, at, { bytes: row, start, end });
    this.#add(out.bytes, at, out.length);
  }
}
