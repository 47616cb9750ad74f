// A boolean as Bytes.toBytes writes it: one byte, 0xFF for true; any byte but zero is read as true, as in Java.
import { ZERO } from '../digits.ts';
import type { Encoding, ValueWriter } from '../encoding.ts';
import { integerKinds, never } from '../encoding.ts';

export const bytesBoolean: Encoding = {
  name: 'boolean',
  kinds: ['boolean', ...integerKinds],
  compile: () => writeBoolean,
  oneToOne: never,
};

const writeBoolean: ValueWriter = (out, bytes, start, end) => {
  if (end - start !== 1) return `boolean takes 1 byte, the value has ${end - start}`;
  out.ensure(1);
  out.bytes[out.length] = bytes[start] === 0 ? ZERO : ZERO + 1;
  out.length += 1;
  return null;
};
