// For tests of the value encodings: one value through one encoding.
import { parseFieldType } from '../../../src/core/connector/field-type.ts';
import { ByteWriter } from '../../../src/core/record/row-format.ts';
import { compileEncoding } from '../../../connectors/hbase/encodings/all-encodings.ts';

/** The row text of a value, or `! reason`. The value stands inside a larger buffer, as in a cell block. */
export function convert(encoding: string, type: string, value: string | Uint8Array): string {
  const write = compileEncoding(encoding, parseFieldType(type, 'test'));
  if (typeof write === 'string') throw new Error(write);
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  const block = Buffer.concat([Buffer.from('9\\'), bytes, Buffer.from('7\t')]);
  const out = new ByteWriter(1);
  const problem = write(out, block, 2, block.length - 2);
  return problem === null ? out.bytes.toString('utf8', 0, out.length) : `! ${problem}`;
}

export const hex = (text: string): Buffer => Buffer.from(text, 'hex');
