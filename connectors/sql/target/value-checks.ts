// Checks of single values before they are written: for the columns whose server would store another value without a word.
// They look at bytes in place; nothing is made per row or value.
import type { Field } from '../../../src/core/connector/field-type.ts';
import { typeName } from '../../../src/core/connector/field-type.ts';
import { valueProblem } from '../../../src/core/record/value-problem.ts';
import { RowFields } from '../../../src/core/record/row-format.ts';
import type { RowBatch } from '../../../src/core/connector/sink-store.ts';

const BLANK = 0x20;
const COMMA = 0x2c;
const LF = 0x0a;

/** Of the columns that a plan writes; `field` is the index of the row's field. */
export interface FieldCheck extends ValueCheck {
  readonly field: number;
}

export interface ValueCheck {
  /** Why a value is refused. */
  readonly reason: string;
  /** Of `bytes[start, end)`, the value as it is; `bytes` null: NULL. */
  readonly accepts: (bytes: Buffer | null, start: number, end: number) => boolean;
  /**
   * A batch whose rows hold none of them, as they stand in the row format, passes; absent: each value is looked at. Checks that suspect the
   * same share the Buffer: it is searched for once.
   */
  readonly suspects?: readonly Buffer[];
}

/** A row that holds a value its column would not keep. */
export interface Misfit {
  readonly field: number;
  readonly reason: string;
}

const none: ReadonlyMap<number, Misfit> = new Map();

function dueChecks(checks: readonly FieldCheck[], bytes: Buffer): readonly FieldCheck[] {
  const suspected = new Set(checks.flatMap(({ suspects }) => suspects ?? []));
  const held = new Set([...suspected].filter((each) => bytes.includes(each)));
  return checks.filter(({ suspects }) => suspects?.some((each) => held.has(each)) ?? true);
}

/** The misfits of a batch by the index of their row. */
export function findMisfits(
  checks: readonly FieldCheck[],
  { bytes, rows }: RowBatch,
): ReadonlyMap<number, Misfit> {
  const due = dueChecks(checks, bytes);
  if (due.length === 0) return none;
  const found = new Map<number, Misfit>();
  const fields = new RowFields();
  let at = 0;
  for (let row = 0; row < rows; row += 1) {
    const end = bytes.indexOf(LF, at);
    fields.read(bytes, at, end);
    at = end + 1;
    for (const check of due) {
      const { field } = check;
      if (
        field >= fields.count ||
        check.accepts(fields.bytes[field] ?? null, fields.starts[field] ?? 0, fields.ends[field] ?? 0)
      )
        continue;
      found.set(row, { field, reason: check.reason });
      break;
    }
  }
  return found;
}

/** For a column that would take other values than those of the field's type. */
export function validOf(field: Field): ValueCheck {
  return {
    reason: `the value is not of type ${typeName(field.type)}, or longer than its field`,
    accepts: (bytes, start, end) =>
      bytes === null || valueProblem(field, bytes.subarray(start, end)) === null,
  };
}

/** TIMESTAMP and AUTO_INCREMENT columns get the time and the next number for NULL, in strict mode too. */
export const notNull: ValueCheck = {
  reason: 'the column is NOT NULL, and the server would put a value of its own in the place of NULL',
  accepts: (bytes) => bytes !== null,
};

/** CHAR drops blanks at the end, and of a longer text tabs and line ends too, without a word. */
export function textOfChar(length: number): ValueCheck {
  return {
    reason: `the column is CHAR(${length}): it drops blanks at the end, and has no room for more characters; make it VARCHAR`,
    accepts: (bytes, start, end) => {
      if (bytes === null || start === end) return true;
      if (bytes[end - 1] === BLANK) return false;
      if (end - start <= length) return true;
      let characters = 0;
      for (let at = start; at < end; at += 1) if (((bytes[at] ?? 0) & 0xc0) !== 0x80) characters += 1;
      return characters <= length;
    },
  };
}

const MINUS = 0x2d;
const ZERO = 0x30;
const POINT = 0x2e;
const EXPONENT = 0x65;
const minusZeros = ['-0', '-.'].map((text) => Buffer.from(text));

/** Of a floating number: a column in which -0 becomes 0 without a word. */
export const noMinusZero: ValueCheck = {
  reason: 'the value is -0, which the column would store as 0 without a word',
  accepts: (bytes, start, end) => {
    if (bytes === null || bytes[start] !== MINUS) return true;
    for (let at = start + 1; at < end; at += 1) {
      const byte = bytes[at];
      if (byte === undefined || (byte | 0x20) === EXPONENT) break;
      if (byte !== ZERO && byte !== POINT) return true;
    }
    return false;
  },
  suspects: minusZeros,
};

export function exactLength(length: number): ValueCheck {
  return {
    reason: `the column is BINARY(${length}), which fills shorter values up with zeros; make it VARBINARY`,
    accepts: (bytes, start, end) => bytes === null || end - start >= length,
  };
}

/** Other texts a server may take for the number of a member, or for one under the column's collation. */
export function memberOf(members: readonly string[]): ValueCheck {
  const known = new TextTable(members);
  return {
    reason: 'the column is ENUM and has no such member',
    accepts: (bytes, start, end) => bytes === null || known.find(bytes, start, end) >= 0,
  };
}

/** Members by comma, each once and in the column's order: that is how a SET gives them back. */
export function membersOf(members: readonly string[]): ValueCheck {
  const known = new TextTable(members);
  return {
    reason: 'the column is SET, which keeps only its own members, each once and in its order',
    accepts: (bytes, start, end) => {
      if (bytes === null || start === end) return true;
      let last = -1;
      for (let from = start, at = start; at <= end; at += 1) {
        if (at < end && bytes[at] !== COMMA) continue;
        const member = known.find(bytes, from, at);
        if (member <= last) return false;
        last = member;
        from = at + 1;
      }
      return true;
    },
  };
}

/** Texts found by their bytes in place. */
class TextTable {
  readonly #texts: readonly Buffer[];
  /** Indexes of texts by the hash of their bytes, the next free place where several have one; -1: free. */
  readonly #places: Int32Array;

  constructor(texts: readonly string[]) {
    this.#texts = texts.map((text) => Buffer.from(text));
    this.#places = new Int32Array(2 ** Math.ceil(Math.log2(texts.length + 1) + 1)).fill(-1);
    for (const [index, text] of this.#texts.entries()) {
      let place = this.#placeOf(text, 0, text.length);
      while (this.#places[place] !== -1) place = (place + 1) % this.#places.length;
      this.#places[place] = index;
    }
  }

  /** -1: it is none of them. */
  find(bytes: Buffer, start: number, end: number): number {
    for (let place = this.#placeOf(bytes, start, end); ; place = (place + 1) % this.#places.length) {
      const index = this.#places[place] ?? -1;
      const text = this.#texts[index];
      if (text === undefined || text.compare(bytes, start, end) === 0) return index;
    }
  }

  #placeOf(bytes: Buffer, start: number, end: number): number {
    let hash = 0x811c9dc5;
    for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
    return (hash >>> 0) % this.#places.length;
  }
}
