// All columns of a family as one JSON object, in HBase's order, so that equal rows have equal text. Nothing is lost:
//   object = "{" [ member *( "," member ) ] "}"       ; member = name ":" value
//   value  = the cell's text, or, where it is not UTF-8, {"hex":"…"}
//   name   = the qualifier's text, or, where it is not UTF-8 or has a backslash, as HBase's shell prints it (`\xHH`, `\x5C`)
import { isUtf8 } from 'node:buffer';
import { readInt32 } from '../encodings/bytes/bytes-integer.ts';
import type { ValueWriter } from '../encodings/encoding.ts';
import { printKey } from './printable-key.ts';

/** Takes whole cells, all of one family, where other writers take a value. */
export function compileFamilyJson(write: ValueWriter): ValueWriter {
  return (out, bytes, start, end) => {
    const text = Buffer.from(writeFamily(bytes, start, end));
    return write(out, text, 0, text.length);
  };
}

function writeFamily(block: Uint8Array, start: number, end: number): string {
  const members: string[] = [];
  for (let at = start; at < end; at += 4 + readInt32(block, at)) {
    const valueAt = at + 12 + readInt32(block, at + 4);
    const familyAt = at + 14 + (((block[at + 12] ?? 0) << 8) | (block[at + 13] ?? 0));
    const qualifier = slice(block, familyAt + 1 + (block[familyAt] ?? 0), valueAt - 9);
    const value = slice(block, valueAt, valueAt + readInt32(block, at + 8));
    members.push(`${JSON.stringify(nameOf(qualifier))}:${JSON.stringify(valueOf(value))}`);
  }
  return `{${members.join(',')}}`;
}

/** No two qualifiers have one name: printed ones hold a backslash, the others none. */
function nameOf(qualifier: Buffer): string {
  return isUtf8(qualifier) && !qualifier.includes(0x5c) ? qualifier.toString('utf8') : printKey(qualifier);
}

function valueOf(value: Buffer): string | { readonly hex: string } {
  return isUtf8(value) ? value.toString('utf8') : { hex: value.toString('hex') };
}

function slice(block: Uint8Array, start: number, end: number): Buffer {
  return Buffer.from(block.buffer, block.byteOffset + start, end - start);
}
