// Text for string, json and bytes fields.
import type { ValueWriter } from '../encoding.ts';
import { writeUtf8 } from './utf8-text.ts';

/** `length`: most characters; 0 = unbounded. */
export function compileTextString(length: number): ValueWriter {
  const limit = length === 0 ? Infinity : length;
  return (out, bytes, start, end) => {
    const characters = writeUtf8(out, bytes, start, end);
    if (characters < 0) return 'not valid utf-8';
    return checkLength(characters, limit);
  };
}

export function checkLength(characters: number, limit: number): string | null {
  return characters > limit ? `${characters} characters where at most ${limit} are allowed` : null;
}

export function compileTextJson(): ValueWriter {
  return (out, bytes, start, end) => {
    const characters = writeUtf8(out, bytes, start, end);
    if (characters < 0) return 'not valid utf-8';
    return isJson(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8'))
      ? null
      : 'not valid JSON';
  };
}

/** `length`: most bytes; 0 = unbounded. */
export function compileRawBytes(length: number): ValueWriter {
  const limit = length === 0 ? Infinity : length;
  return (out, bytes, start, end) => {
    if (end - start > limit) return `${end - start} bytes where at most ${limit} are allowed`;
    out.writeEscaped(bytes, start, end);
    return null;
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
