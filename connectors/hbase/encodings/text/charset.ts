// Texts of other charsets: GBK and ISO 8859-1, to UTF-8 and back. Bytes that are no character are none here either, never U+FFFD.
// ASCII is the same in all of them, so values without other bytes pass through untouched.
import { ByteWriter } from '../../../../src/core/record/row-format.ts';
import type { ValueWriter } from '../encoding.ts';

export const charsets = ['utf-8', 'gbk', 'latin1'] as const;
export type Charset = (typeof charsets)[number];

/** A reader of UTF-8 text as a reader of text in `charset`. */
export function inCharset(charset: Charset, write: ValueWriter): ValueWriter {
  if (charset === 'utf-8') return write;
  const decode = charset === 'gbk' ? decodeGbk : decodeLatin1;
  const text = new ByteWriter(256);
  return (out, bytes, start, end) => {
    const first = findNonAscii(bytes, start, end);
    if (first === end) return write(out, bytes, start, end);
    text.length = 0;
    text.ensure((end - start) * 2);
    for (let at = start; at < first; at += 1) text.bytes[text.length++] = bytes[at] ?? 0;
    if (!decode(text, bytes, first, end)) return `not valid ${charset}`;
    return write(out, text.bytes, 0, text.length);
  };
}

/** UTF-8 text in `charset`; in words, which character it does not have. */
export function encodeCharset(charset: Charset, utf8: Buffer): Buffer | string {
  if (charset === 'utf-8' || findNonAscii(utf8, 0, utf8.length) === utf8.length) return utf8;
  const bytes = Buffer.allocUnsafe(utf8.length);
  let length = 0;
  for (const character of utf8.toString('utf8')) {
    const code = codeOf(charset, character.codePointAt(0) ?? 0);
    if (code < 0) return `'${character}' is no character of ${charset}`;
    if (code > 0xff) bytes[length++] = code >> 8;
    bytes[length++] = code & 0xff;
  }
  return bytes.subarray(0, length);
}

function findNonAscii(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] ?? 0) < 0x80) at += 1;
  return at;
}

/** Appends `bytes[start, end)`, for which there is room; false: it is no text of the charset. */
type Decode = (out: ByteWriter, bytes: Uint8Array, start: number, end: number) => boolean;

const decodeLatin1: Decode = (out, bytes, start, end) => {
  for (let at = start; at < end; at += 1) put(out, bytes[at] ?? 0);
  return true;
};

const decodeGbk: Decode = (out, bytes, start, end) => {
  const { characters } = gbk();
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x80) {
      put(out, byte);
      continue;
    }
    at += 1;
    const character = at < end ? (characters[(byte << 8) | (bytes[at] ?? 0)] ?? 0) : 0;
    if (character === 0) return false;
    put(out, character);
  }
  return true;
};

/** One character of the first plane. Two bytes of GBK become three, so room for twice the bytes is room enough. */
function put(out: ByteWriter, character: number): void {
  const { bytes } = out;
  if (character < 0x80) {
    bytes[out.length++] = character;
    return;
  }
  if (character < 0x800) bytes[out.length++] = 0xc0 | (character >> 6);
  else {
    bytes[out.length++] = 0xe0 | (character >> 12);
    bytes[out.length++] = 0x80 | ((character >> 6) & 0x3f);
  }
  bytes[out.length++] = 0x80 | (character & 0x3f);
}

function codeOf(charset: Exclude<Charset, 'utf-8'>, character: number): number {
  if (character < 0x80) return character;
  if (charset === 'latin1') return character < 0x100 ? character : -1;
  return character < 0x1_0000 ? gbk().codes[character] || -1 : -1;
}

interface GbkTables {
  /** By both bytes; 0: none. */
  readonly characters: Uint16Array;
  /** By character; 0: none. */
  readonly codes: Uint16Array;
}

let tables: GbkTables | null = null;

/**
 * Java's GBK, from Node's: pairs of bytes only (80 and ff are no characters), and where the two differ, U+20AC at a2e3 and U+2641
 * at a892. One-to-one, user-defined characters included (U+E000 and up).
 */
function gbk(): GbkTables {
  if (tables !== null) return tables;
  const decoder = new TextDecoder('gbk', { fatal: true });
  const readPair = (pair: Buffer): number => {
    try {
      const text = decoder.decode(pair);
      return text.length === 1 ? text.charCodeAt(0) : 0;
    } catch {
      return 0;
    }
  };
  const characters = new Uint16Array(0x1_0000);
  const codes = new Uint16Array(0x1_0000);
  const pair = Buffer.alloc(2);
  for (let code = 0x8140; code <= 0xfefe; code += 1) {
    pair.writeUInt16BE(code);
    characters[code] = (pair[1] ?? 0) < 0x40 ? 0 : readPair(pair);
  }
  characters[0xa2e3] = 0x20ac;
  characters[0xa892] = 0x2641;
  for (let code = 0x8140; code <= 0xfefe; code += 1) codes[characters[code] ?? 0] = code;
  codes[0] = 0;
  tables = { characters, codes };
  return tables;
}
