// Names of families and qualifiers. HBase has bytes there; people read and write text. Each name has one text, in which it is printed
// everywhere and accepted everywhere: text that can be seen stands for itself, other bytes stand as `\xHH`, the backslash as `\x5C`.
import { isUtf8 } from 'node:buffer';
import { printKey, readKey } from './printable-key.ts';

/** Characters that nobody sees, the backslash, blanks at an end. */
const needsBytes = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\\]|^\s|\s$/u;
/** What stands for a whole family in a mapping. */
const star = '*';

/** Names as they are printed (column-name.ts). */
export interface SourceColumn {
  readonly family: string;
  readonly qualifier: string;
}

/** The one text of a name. */
export function printName(bytes: Uint8Array): string {
  const text = isUtf8(bytes) ? Buffer.from(bytes).toString('utf8') : null;
  if (text === star) return '\\x2A';
  return text === null || needsBytes.test(text) ? escapeEnds(printKey(bytes)) : text;
}

/** The bytes of a printed name. */
export function bytesOfName(name: string): Buffer {
  return readKey(name) ?? Buffer.from(name);
}

/** A name as people write it, as it is printed; null: a backslash in it stands for nothing. */
export function readName(text: string): string | null {
  const bytes = readKey(text);
  return bytes === null ? null : printName(bytes);
}

function escapeEnds(text: string): string {
  return text.replace(/^ | $/g, '\\x20');
}
