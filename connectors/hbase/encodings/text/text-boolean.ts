// A boolean as text, letters in any case.
import type { ValueWriter } from '../encoding.ts';
import { ZERO } from '../digits.ts';

const words: Readonly<Record<string, boolean>> = {
  true: true,
  t: true,
  yes: true,
  y: true,
  '1': true,
  false: false,
  f: false,
  no: false,
  n: false,
  '0': false,
};
const known = Object.keys(words).join(', ');

export function compileTextBoolean(): ValueWriter {
  const entries = Object.entries(words).map(([word, value]) => ({ word: Buffer.from(word), value }));
  return (out, bytes, start, end) => {
    for (const { word, value } of entries) {
      if (!equalsWord(word, bytes, start, end)) continue;
      out.ensure(1);
      out.bytes[out.length] = ZERO + (value ? 1 : 0);
      out.length += 1;
      return null;
    }
    return `not a boolean; known: ${known}`;
  };
}

function equalsWord(word: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== word.length) return false;
  for (let i = 0; i < word.length; i += 1) {
    const byte = bytes[start + i] ?? 0;
    const lower = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
    if (lower !== word[i]) return false;
  }
  return true;
}
