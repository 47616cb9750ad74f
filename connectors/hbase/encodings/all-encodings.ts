// The closed list of value encodings; a new one is a file beside this and an entry here.
import type { FieldType } from '../../../src/core/field-type.ts';
import { bytesBigDecimal } from './bytes-bigdecimal.ts';
import { bytesBoolean } from './bytes-boolean.ts';
import { bytesFloats } from './bytes-float.ts';
import { bytesIntegers } from './bytes-integer.ts';
import type { Encoding, ValueWriter } from './encoding.ts';
import { epochs } from './epoch.ts';
import { base64, hex, rawBytes } from './raw-bytes.ts';
import { text } from './text.ts';

const all: readonly Encoding[] = [
  text,
  ...bytesIntegers,
  ...bytesFloats,
  bytesBoolean,
  bytesBigDecimal,
  rawBytes,
  hex,
  base64,
  ...epochs,
];

export const encodingNames: readonly string[] = all.map((encoding) => encoding.name);

/** The writer for values of this encoding in a field of this type, or in words why there is none. */
export function compileEncoding(name: string, type: FieldType): ValueWriter | string {
  const encoding = all.find((candidate) => candidate.name === name);
  if (encoding === undefined) return `unknown; known: ${encodingNames.join(', ')}`;
  if (encoding.kinds.includes(type.kind)) return encoding.compile(type);
  const fitting = all
    .filter((candidate) => candidate.kinds.includes(type.kind))
    .map((candidate) => candidate.name);
  return `cannot fill a field of kind ${type.kind}; encodings that can: ${fitting.join(', ')}`;
}
