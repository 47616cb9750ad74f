// Rows into the row format (src/core/record/row-format.ts) as a database sends them: value after value as bytes of its text, no object per row.
// What a value must be to be one of its field is checked here; a row with one that is not is dirty, and says which and why.
import type { RowOutput } from '../../../src/core/connector/contract.ts';
import type { Field } from '../../../src/core/connector/field-type.ts';
import { MAX_HEX_BYTES, printBytes } from '../../../src/core/record/refused-row.ts';
import { ByteWriter, escapeLetter } from '../../../src/core/record/row-format.ts';
import {
  booleanProblem,
  dateProblem,
  decimalProblem,
  shortestFloat,
  timeProblem,
  timestampProblem,
  zeroDate,
} from './value-checks.ts';

/** What is done to the server's text of a value on its way into a row. */
export type ValueForm =
  /** Needs neither check nor escape: digits, uuid, … */
  'plain' | 'text' | 'bytes' | 'boolean' | 'decimal' | 'float32' | 'float64' | 'date' | 'time' | 'timestamp';

export interface WrittenField {
  readonly field: Field;
  readonly form: ValueForm;
}

export interface RowWriterOptions {
  readonly fields: readonly WrittenField[];
  /** Indexes of the key among the fields; their values are the record's key. */
  readonly key: readonly number[];
  readonly zeroDates: 'dirty' | 'null';
}

const TAB = 0x09;
const BACKSLASH = 0x5c;
const PLAIN = 0;
const TEXT = 1;
const CHECKED = 2;
/** A row larger than this leaves its buffer behind. */
const keptBytes = 4 * 1024 * 1024;

export class RowWriter {
  readonly #options: RowWriterOptions;
  readonly #ways: Uint8Array;
  /** Where each field begins and ends in the row, from the row's beginning. */
  readonly #ends: Int32Array;
  /** Of a key that is made of the first fields: how many they are; 0: it is not. */
  readonly #leading: number;
  #out: ByteWriter = new ByteWriter(65_536);
  #index = 0;
  #rowStart = 0;
  #bad: { readonly index: number; readonly reason: string; readonly hex: string } | null = null;
  #output: RowOutput | null = null;
  rows = 0;

  constructor(options: RowWriterOptions) {
    this.#options = options;
    this.#ways = Uint8Array.from(options.fields, ({ form }) =>
      form === 'plain' || form === 'float64' ? PLAIN : form === 'text' || form === 'bytes' ? TEXT : CHECKED,
    );
    this.#ends = new Int32Array(options.fields.length);
    this.#leading = options.key.every((field, part) => field === part) ? options.key.length : 0;
  }

  /** Rows go there from now on. */
  begin(output: RowOutput): void {
    this.#output = output;
    this.rows = 0;
    this.#startRow();
  }

  null(): void {
    this.#separate();
    this.#out.writeNull();
    this.#endField();
  }

  /** The next value of the row: the bytes of the server's text, or, of bytes, themselves. */
  value(bytes: Buffer, start: number, end: number): void {
    this.#separate();
    const way = this.#ways[this.#index];
    if (way === PLAIN) this.#copy(bytes, start, end);
    else if (way === TEXT) this.#escape(bytes, start, end);
    else this.#checked(bytes, start, end);
    this.#endField();
  }

  /** As `value`, of text that has its escapes already. */
  escaped(bytes: Buffer, start: number, end: number): void {
    this.#separate();
    this.#copy(bytes, start, end);
    this.#endField();
  }

  /** The next value is none of its field. */
  refused(reason: string, bytes: Buffer = Buffer.alloc(0)): void {
    this.#separate();
    this.#refuse(reason, bytes);
    this.#endField();
  }

  /** All values of the row are given. */
  endRow(): void {
    const output = this.#output;
    if (output === null) throw new TypeError('a row without a place to go');
    this.rows += 1;
    const keyEnd = this.#putKey();
    const out = this.#out;
    if (this.#bad === null) output.row(out.bytes, keyEnd, out.length);
    else this.#giveDirty(output, keyEnd);
    this.#startRow();
  }

  #startRow(): void {
    if (this.#out.bytes.length > keptBytes) this.#out = new ByteWriter(65_536);
    this.#out.length = 0;
    this.#index = 0;
    this.#rowStart = 0;
    this.#bad = null;
  }

  #separate(): void {
    if (this.#index > 0) this.#out.writeTab();
  }

  #endField(): void {
    this.#index += 1;
    this.#ends[this.#index - 1] = this.#out.length - this.#rowStart;
    if (this.#index !== this.#leading) return;
    // The key is known: it stands in front, and once more as the beginning of the row.
    const out = this.#out;
    const length = out.length;
    out.ensure(length);
    out.bytes.copyWithin(length, 0, length);
    out.length = length * 2;
    this.#rowStart = length;
  }

  #copy(bytes: Buffer, start: number, end: number): void {
    const out = this.#out;
    const length = end - start;
    out.ensure(length);
    const to = out.bytes;
    const at = out.length;
    if (length > 48) bytes.copy(to, at, start, end);
    else for (let i = 0; i < length; i += 1) to[at + i] = bytes[start + i] ?? 0;
    out.length = at + length;
  }

  #escape(bytes: Buffer, start: number, end: number): void {
    const out = this.#out;
    out.ensure((end - start) * 2);
    const to = out.bytes;
    let at = out.length;
    for (let i = start; i < end; i += 1) {
      const byte = bytes[i] ?? 0;
      // Of the bytes that are escaped, only the backslash lies above CR.
      if (byte > 0x0d && byte !== BACKSLASH) {
        to[at] = byte;
        at += 1;
        continue;
      }
      const letter = escapeLetter[byte] ?? 0;
      if (letter !== 0) {
        to[at] = BACKSLASH;
        at += 1;
      }
      to[at] = letter === 0 ? byte : letter;
      at += 1;
    }
    out.length = at;
  }

  #checked(bytes: Buffer, start: number, end: number): void {
    const { fields, zeroDates } = this.#options;
    const { field, form } = fields[this.#index] ?? { field: null, form: 'plain' };
    if (form === 'float32') {
      this.#out.writeText(shortestFloat(bytes.toString('latin1', start, end)));
      return;
    }
    const problem = problemOf(form, { bytes, start, end, field });
    if (problem === null) this.#copy(bytes, start, end);
    else if (problem === zeroDate && zeroDates === 'null' && field !== null) {
      this.#out.writeNull();
      this.#output?.nulled(field.name);
    } else this.#refuse(problem, bytes.subarray(start, end));
  }

  #refuse(reason: string, bytes: Buffer): void {
    this.#out.writeNull();
    this.#bad ??= { index: this.#index, reason, hex: bytes.subarray(0, MAX_HEX_BYTES).toString('hex') };
  }

  /** The record's key in front of the row; returns its end. */
  #putKey(): number {
    const { key } = this.#options;
    if (key.length === this.#leading) return this.#rowStart;
    const out = this.#out;
    const parts = key.map((field) => this.#fieldBytes(field));
    const length = parts.reduce((sum, part) => sum + part.length, key.length - 1);
    const joined = Buffer.allocUnsafe(length);
    let at = 0;
    for (const [index, part] of parts.entries()) {
      if (index > 0) joined[at++] = TAB;
      at += part.copy(joined, at);
    }
    out.ensure(length);
    out.bytes.copyWithin(length, 0, out.length);
    joined.copy(out.bytes, 0);
    out.length += length;
    return length;
  }

  #fieldBytes(field: number): Buffer {
    const start = field === 0 ? 0 : (this.#ends[field - 1] ?? 0) + 1;
    return this.#out.bytes.subarray(this.#rowStart + start, this.#rowStart + (this.#ends[field] ?? 0));
  }

  #giveDirty(output: RowOutput, keyEnd: number): void {
    const bad = this.#bad;
    if (bad === null) return;
    const key = Buffer.from(this.#out.bytes.subarray(0, keyEnd));
    const field = this.#options.fields[bad.index]?.field.name ?? '';
    output.dirty(key, { key: printBytes(key), field, reason: bad.reason, bytesHex: bad.hex });
  }
}

function problemOf(
  form: ValueForm,
  {
    bytes,
    start,
    end,
    field,
  }: { readonly bytes: Buffer; readonly start: number; readonly end: number; readonly field: Field | null },
): string | null {
  switch (form) {
    case 'date':
      return dateProblem(bytes, start, end);
    case 'timestamp':
      return timestampProblem(bytes, start, end);
    case 'time':
      return timeProblem(bytes, start, end);
    case 'boolean':
      return booleanProblem(bytes, start, end);
    default:
      return decimalProblem(bytes, start, end, field);
  }
}
