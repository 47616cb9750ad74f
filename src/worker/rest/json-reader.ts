// Reads JSON as the original's parser (Jackson) does: numbers keep their text, objects become maps, what follows the first
// value is not looked at, and complaints are worded like Jackson's, up to the place they name.
import { HttpError } from './http-error.ts';

export type JsonValue = null | boolean | string | JsonNumber | JsonArray | JsonObject;
type JsonArray = readonly JsonValue[];
export type JsonObject = ReadonlyMap<string, JsonValue>;

export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const DEEPEST = 1_000;
const SOURCE = 'at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)';
const tokens = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

/** undefined: an empty body. Throws HttpError 500, as Connect answers malformed JSON. */
export function readJson(text: string): JsonValue | undefined {
  return text === '' ? undefined : new JsonReader(text).read();
}

/** The value as plain JavaScript. */
export function toPlain(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return Number(value.text);
  if (Array.isArray(value)) return (value as JsonArray).map(toPlain);
  if (value instanceof Map)
    return Object.fromEntries([...(value as JsonObject)].map(([key, entry]) => [key, toPlain(entry)]));
  return value;
}

class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): JsonValue {
    this.#skipBlanks();
    if (this.#at >= this.#text.length) throw this.#complain('No content to map due to end-of-input');
    return this.#value(0);
  }

  #value(depth: number): JsonValue {
    if (depth > DEEPEST)
      throw this.#complain(
        `Document nesting depth (${depth}) exceeds the maximum allowed (${DEEPEST}, from \`StreamReadConstraints.getMaxNestingDepth()\`)`,
      );
    const char = this.#text[this.#at] ?? '';
    if (char === '{') return this.#object(depth);
    if (char === '[') return this.#array(depth);
    if (char === '"') return this.#string();
    const number = this.#match(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y);
    return number === null ? this.#word() : new JsonNumber(number);
  }

  #word(): JsonValue {
    const start = this.#at;
    const word = this.#match(/[\p{L}\p{N}_$]+/uy);
    if (word === 'null') return null;
    if (word === 'true' || word === 'false') return word === 'true';
    if (word !== null && !/^\d/.test(word))
      throw this.#complain(`Unrecognized token '${word}': was expecting ${tokens}`, start);
    throw this.#unexpected(`expected a valid value ${tokens}`, start);
  }

  #object(depth: number): JsonObject {
    const start = this.#at;
    const entries = new Map<string, JsonValue>();
    this.#at += 1;
    for (let first = true; !this.#closes('}', 'Object', start); first = false) {
      if (!first) this.#expect(',', 'was expecting comma to separate Object entries', 'Object');
      this.#needMore('Object');
      if (this.#text[this.#at] !== '"')
        throw this.#unexpected('was expecting double-quote to start field name');
      const key = this.#string();
      this.#skipBlanks();
      this.#expect(':', 'was expecting a colon to separate field name and value', 'Object');
      this.#needMore('Object');
      entries.set(key, this.#value(depth + 1));
    }
    return entries;
  }

  #array(depth: number): JsonArray {
    const start = this.#at;
    const items: JsonValue[] = [];
    this.#at += 1;
    for (let first = true; !this.#closes(']', 'Array', start); first = false) {
      if (!first) this.#expect(',', 'was expecting comma to separate Array entries', 'Array');
      this.#needMore('Array');
      items.push(this.#value(depth + 1));
    }
    return items;
  }

  /** True when the collection ends here; complains when the text does. */
  #closes(bracket: string, kind: string, start: number): boolean {
    this.#skipBlanks();
    if (this.#at >= this.#text.length)
      throw this.#complain(
        `Unexpected end-of-input: expected close marker for ${kind} (start marker ${this.#place(start)})`,
      );
    if (this.#text[this.#at] !== bracket) return false;
    this.#at += 1;
    return true;
  }

  #expect(char: string, wish: string, kind: string): void {
    if (this.#at >= this.#text.length) throw this.#endWithin(kind);
    if (this.#text[this.#at] !== char) throw this.#unexpected(wish);
    this.#at += 1;
  }

  #needMore(kind: string): void {
    this.#skipBlanks();
    if (this.#at >= this.#text.length) throw this.#endWithin(kind);
  }

  #endWithin(kind: string): HttpError {
    return this.#complain(`Unexpected end-of-input within/between ${kind} entries`);
  }

  #string(): string {
    const start = this.#at;
    this.#at += 1;
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined)
        throw this.#complain('Unexpected end-of-input: was expecting closing quote for a string value');
      if (char < ' ')
        throw this.#complain(
          `Illegal unquoted character ((CTRL-CHAR, code ${char.charCodeAt(0)})): has to be escaped using backslash to be included in string value`,
        );
      if (char === '\\') this.#escape();
      else this.#at += 1;
      if (char === '"') return JSON.parse(this.#text.slice(start, this.#at)) as string;
    }
  }

  #escape(): void {
    if (this.#match(/\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y) !== null) return;
    const char = this.#text[this.#at + 1] ?? '';
    throw this.#complain(`Unrecognized character escape ${naming(char)}`, this.#at + 1);
  }

  #skipBlanks(): void {
    this.#match(/[ \t\r\n\uFEFF]*/y);
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) return null;
    this.#at += found.length;
    return found;
  }

  #unexpected(wish: string, at = this.#at): HttpError {
    return this.#complain(`Unexpected character (${naming(this.#text[at] ?? '')}): ${wish}`, at);
  }

  #complain(message: string, at = this.#at): HttpError {
    return new HttpError(500, `${message}\n ${this.#place(at)}`);
  }

  #place(at: number): string {
    const before = this.#text.slice(0, at).split('\n');
    return `${SOURCE}; line: ${before.length}, column: ${(before.at(-1)?.length ?? 0) + 1}]`;
  }
}

function naming(char: string): string {
  return `'${char}' (code ${char.charCodeAt(0)})`;
}
