// The closed list of value encodings; a new one is a file beside this and an entry here.
import { kindName } from '../../../src/core/connector/field-type.ts';
import type { FieldType } from '../../../src/core/connector/field-type.ts';
import { bytesBigDecimal } from './bytes/bytes-bigdecimal.ts';
import { bytesBoolean } from './bytes/bytes-boolean.ts';
import { bytesFloats } from './bytes/bytes-float.ts';
import { bytesIntegers } from './bytes/bytes-integer.ts';
import { bytesUnsigned } from './bytes/bytes-unsigned.ts';
import type { Encoding, TextSettings, ValueWriter } from './encoding.ts';
import { plainText } from './encoding.ts';
import { epochs } from './bytes/epoch.ts';
import { json } from './text/json.ts';
import { ordered } from './phoenix/ordered.ts';
import { phoenix } from './phoenix/phoenix.ts';
import { base64, binaryString, hex, rawBytes } from './bytes/raw-bytes.ts';
import { text } from './text/text.ts';
import { checkLength } from './text/text-string.ts';

const all: readonly Encoding[] = [
  text,
  ...bytesIntegers,
  ...bytesUnsigned,
  ...bytesFloats,
  bytesBoolean,
  bytesBigDecimal,
  rawBytes,
  hex,
  base64,
  binaryString,
  json,
  ...epochs,
  ...phoenix,
  ...ordered,
];

export const encodingNames: readonly string[] = all.map((encoding) => encoding.name);

/** The writer for values of this encoding in a field of this type, or in words why there is none. */
export function compileEncoding(
  name: string,
  type: FieldType,
  settings: TextSettings = plainText,
): ValueWriter | string {
  const encoding = findEncoding(name);
  if (encoding === undefined) return `unknown; known: ${listNames(all)}`;
  if (encoding.kinds.includes(type.kind)) {
    const write = encoding.compile(type, settings);
    const printsNumbers = encoding !== text && encoding.kinds.includes('decimal');
    return printsNumbers && type.kind === 'string' && type.length > 0
      ? withinLength(write, type.length)
      : write;
  }
  const fitting = all.filter((candidate) => candidate.kinds.includes(type.kind));
  return `cannot fill a field of type ${kindName(type.kind)}; encodings that can: ${listNames(fitting)}`;
}

/** For writers of ASCII. */
function withinLength(write: ValueWriter, limit: number): ValueWriter {
  return (out, bytes, start, end) => {
    const before = out.length;
    const problem = write(out, bytes, start, end);
    return problem ?? checkLength(out.length - before, limit);
  };
}

export function findEncoding(name: string): Encoding | undefined {
  return all.find((candidate) => candidate.name === name);
}

function listNames(encodings: readonly Encoding[]): string {
  const names = encodings.map((encoding) => encoding.name).filter((name) => !name.endsWith(' desc'));
  return names.length === encodings.length ? names.join(', ') : `${names.join(', ')}; ${ascDesc}`;
}

const ascDesc = `phoenix:… and ordered:… also with ' desc' behind, for values that sort downwards`;
