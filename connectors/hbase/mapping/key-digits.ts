// Numbers and dates from text, in a key: 7 and 007 are one number, so a key takes a text only as it would be printed.
import type { FieldType } from '../../../src/core/connector/field-type.ts';
import type { ValueWriter } from '../encodings/encoding.ts';

const printedKinds: readonly string[] = ['int8', 'int16', 'int32', 'int64', 'date'];

/** Does one value have one printed text, which a writer of keys can insist on? */
export function isPrinted({
  encoding,
  type,
  mapRule,
}: {
  readonly encoding: string;
  readonly type: FieldType;
  readonly mapRule: string;
}): boolean {
  return encoding === 'text' && mapRule === '' && printedKinds.includes(type.kind);
}

/** The writer, taking only bytes that are what it writes. */
export function asPrinted(write: ValueWriter): ValueWriter {
  return (out, bytes, start, end) => {
    const before = out.length;
    const problem = write(out, bytes, start, end);
    if (problem !== null) return problem;
    let same = out.length - before === end - start;
    for (let i = 0; same && i < end - start; i += 1) same = out.bytes[before + i] === bytes[start + i];
    if (same) return null;
    const printed = out.bytes.toString('utf8', before, out.length);
    return `in a key it must be written '${printed}', or two row keys could be one; make the field a string`;
  };
}
