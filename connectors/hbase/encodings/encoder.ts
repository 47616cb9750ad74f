// The other direction: from a field's text in a row to a cell's bytes, for the sink. The closed list of what can be written; every
// encoder here is the inverse of the reader of the same name.
import type { FieldType } from '../../../src/core/field-type.ts';
import { ByteWriter } from '../../../src/core/row-format.ts';
import { utc } from '../../../src/core/time-zone.ts';
import type { Zone } from '../../../src/core/time-zone.ts';
import { compileEncoding } from './all-encodings.ts';
import { encodeCharset } from './charset.ts';
import type { Charset } from './charset.ts';
import { encodeBigDecimal, encodeFloat, encodeInteger } from './encode-numbers.ts';
import { encodeEpoch, encodeLocalTime } from './encode-epoch.ts';
import type { FieldKind } from './encoding.ts';
import { integerKinds } from './encoding.ts';

/** `raw`: the field's text, unescaped. A string says what is wrong with it. Throws nothing. */
export type ValueEncoder = (raw: Buffer) => Buffer | string;

interface Writable {
  readonly name: string;
  /** null: all of them. */
  readonly kinds: readonly FieldKind[] | null;
  readonly encoder: (type: FieldType, settings: EncoderSettings) => ValueEncoder;
}

/** As the settings of a reader: the zone of local times in cells, and the charset of text. */
export interface EncoderSettings {
  readonly zone: Zone;
  readonly charset: Charset;
}

const numbers: readonly FieldKind[] = [...integerKinds, 'decimal', 'string'];
const floats: readonly FieldKind[] = [...numbers, 'float32', 'float64'];
const moments: readonly FieldKind[] = ['timestamp', 'date'];
const asIs: ValueEncoder = (raw) => raw;

const all: readonly Writable[] = [
  { name: 'text', kinds: null, encoder: encodeText },
  ...integerKinds.map((name) => ({ name, kinds: numbers, encoder: () => encodeInteger(name) })),
  { name: 'float', kinds: floats, encoder: () => encodeFloat(4) },
  { name: 'double', kinds: floats, encoder: () => encodeFloat(8) },
  { name: 'boolean', kinds: ['boolean'], encoder: () => (raw) => Buffer.of(raw[0] === 0x31 ? 0xff : 0) },
  { name: 'bigdecimal', kinds: numbers, encoder: () => encodeBigDecimal },
  { name: 'bytes', kinds: ['bytes'], encoder: () => asIs },
  { name: 'hex', kinds: ['string', 'bytes'], encoder: (type) => encodePrinted('hex', type) },
  { name: 'base64', kinds: ['string', 'bytes'], encoder: (type) => encodePrinted('base64', type) },
  { name: 'epoch-ms', kinds: moments, encoder: (_, { zone }) => encodeEpoch(1, 'long', zone) },
  { name: 'epoch-s', kinds: moments, encoder: (_, { zone }) => encodeEpoch(1000, 'long', zone) },
  { name: 'epoch-ms-text', kinds: moments, encoder: (_, { zone }) => encodeEpoch(1, 'text', zone) },
  { name: 'epoch-s-text', kinds: moments, encoder: (_, { zone }) => encodeEpoch(1000, 'text', zone) },
];

export const writableEncodings: readonly string[] = all.map(({ name }) => name);

/** The encoder, which refuses text that is no value of the field's type; or in words why there is none. */
export function compileEncoder(
  name: string,
  type: FieldType,
  settings: EncoderSettings,
): ValueEncoder | string {
  const found = all.find((candidate) => candidate.name === name);
  if (found === undefined) return `cannot be written; what can: ${writableEncodings.join(', ')}`;
  if (found.kinds?.includes(type.kind) === false)
    return `cannot hold a field of kind ${type.kind}; it holds ${found.kinds.join(', ')}`;
  const check = compileCheck(type);
  const encode = found.encoder(type, settings);
  return (raw) => check(raw) ?? encode(raw);
}

/** What is wrong with the text of a field of this type: what the reader of text says of it. */
function compileCheck(type: FieldType): (raw: Buffer) => string | null {
  const read = compileEncoding('text', type);
  if (typeof read === 'string') throw new TypeError(`text does not hold ${type.kind}: ${read}`);
  const scratch = new ByteWriter();
  return (raw) => {
    scratch.length = 0;
    return read(scratch, raw, 0, raw.length);
  };
}

function encodeText(type: FieldType, { zone, charset }: EncoderSettings): ValueEncoder {
  if (type.kind === 'timestamp' && zone !== utc) return encodeLocalTime(zone);
  return charset === 'utf-8' ? asIs : (raw) => encodeCharset(charset, raw);
}

/** A string field holds the print of the cell's bytes; a bytes field's cell holds the print of its bytes. */
function encodePrinted(form: 'hex' | 'base64', type: FieldType): ValueEncoder {
  if (type.kind === 'bytes') return (raw) => Buffer.from(raw.toString(form));
  return (raw) => {
    const text = raw.toString('latin1');
    const bytes = Buffer.from(text, form);
    return bytes.toString(form) === (form === 'hex' ? text.toLowerCase() : text) ? bytes : `not ${form} text`;
  };
}
