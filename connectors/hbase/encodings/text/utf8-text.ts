// UTF-8 text, checked, counted and escaped in one pass.
import { escapeLetter } from '../../../../src/core/record/row-format.ts';
import { viewOf } from '../block-view.ts';
import type { ByteWriter } from '../../../../src/core/record/row-format.ts';

const BACKSLASH = 0x5c;

/** Writes `bytes[start, end)` with the escapes of the row format. Returns the number of characters, -1 when it is not UTF-8. */
export function writeUtf8(out: ByteWriter, bytes: Uint8Array, start: number, end: number): number {
  out.ensure((end - start) * 2);
  const to = out.bytes;
  const [from, toView] = [viewOf(bytes), out.view];
  let at = out.length;
  let characters = end - start;
  let i = start;
  while (i < end) {
    if (i + 4 <= end) {
      const word = from.getInt32(i);
      if (isPlain(word)) {
        toView.setInt32(at, word);
        at += 4;
        i += 4;
        continue;
      }
    }
    const byte = bytes[i] ?? 0;
    if (byte < 0x80) {
      const letter = escapeLetter[byte] ?? 0;
      if (letter === 0) to[at++] = byte;
      else {
        to[at] = BACKSLASH;
        to[at + 1] = letter;
        at += 2;
      }
      i += 1;
      continue;
    }
    const length = sequenceLength(bytes, i, end);
    if (length === 0) return -1;
    for (const stop = i + length; i < stop; i += 1) to[at++] = bytes[i] ?? 0;
    characters -= length - 1;
  }
  out.length = at;
  return characters;
}

/** Are all four bytes ASCII that stands for itself: no control character, no backslash? */
function isPlain(word: number): boolean {
  // With no top bit set, a subtraction borrows into one exactly where a byte is below 0x20, or equal to the backslash.
  const [controls, backslashes] = [word - 0x20202020, (word ^ 0x5c5c5c5c) - 0x01010101];
  return ((word | controls | backslashes) & 0x80808080) === 0;
}

/** Length of the well-formed sequence of 2 to 4 bytes at `at`; 0: there is none (overlong, surrogate, cut off, above U+10FFFF). */
function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at] ?? 0;
  const second = at + 1 < end ? (bytes[at + 1] ?? 0) : 0;
  if (first >= 0xc2 && first <= 0xdf) return isTail(second) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const low = first === 0xe0 ? 0xa0 : 0x80;
    const high = first === 0xed ? 0x9f : 0xbf;
    return second >= low && second <= high && tailAt(bytes, at + 2, end) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const low = first === 0xf0 ? 0x90 : 0x80;
    const high = first === 0xf4 ? 0x8f : 0xbf;
    return second >= low && second <= high && tailAt(bytes, at + 2, end) && tailAt(bytes, at + 3, end)
      ? 4
      : 0;
  }
  return 0;
}

function tailAt(bytes: Uint8Array, at: number, end: number): boolean {
  return at < end && isTail(bytes[at] ?? 0);
}

function isTail(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
