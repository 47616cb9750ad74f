// The other direction: from a field's text in a row to a cell's bytes, for the sink. The closed list of what can be written; every
// encoder here is the inverse of the reader of the same name.
import { kindName } from '../../../src/core/connector/field-type.ts';
import type { ValueEncoder } from './encoding.ts';
import type { FieldType } from '../../../src/core/connector/field-type.ts';
import { ByteWriter } from '../../../src/core/record/row-format.ts';
import { utc } from '../../../src/core/time/time-zone.ts';
import type { Zone } from '../../../src/core/time/time-zone.ts';
import { compileEncoding } from './all-encodings.ts';
import { encodeCharset } from './text/charset.ts';
import type { Charset } from './text/charset.ts';
import { encodeBigDecimal, encodeFloat, encodeInteger } from './bytes/encode-numbers.ts';
import { encodeEpoch, encodeLocalTime } from './bytes/encode-epoch.ts';
import type { FieldKind } from './encoding.ts';
import { integerKinds } from './encoding.ts';

/** Appends the cell's bytes for the field's text `bytes[start, end)`, unescaped; what is wrong with it, or null. Throws nothing. */
export type CellWriter = (out: ByteWriter, bytes: Buffer, start: number, end: number) => string | null;

/**
 * The closed table of what can be written: an encoding and the kinds of field it holds. Each value is in its cell unchanged, or refused:
 * of most kinds by what the encoder itself refuses (a range, a fraction, digits that a float has not); a string, whose every character
 * counts, by reading the cell again. Nothing else is written: '007' as an int would come back as 7, and be one row key with it.
 */
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
  { name: 'float', kinds: floats, encoder: (type) => exactly('float', encodeFloat(4), type) },
  { name: 'double', kinds: floats, encoder: (type) => exactly('double', encodeFloat(8), type) },
  { name: 'boolean', kinds: ['boolean'], encoder: () => encodeBoolean },
  { name: 'bigdecimal', kinds: numbers, encoder: encodeBigDecimal },
  { name: 'bytes', kinds: ['bytes'], encoder: () => asIs },
  { name: 'hex', kinds: ['string', 'bytes'], encoder: ({ kind }) => encodePrinted('hex', kind) },
  { name: 'base64', kinds: ['string', 'bytes'], encoder: ({ kind }) => encodePrinted('base64', kind) },
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
): CellWriter | string {
  const found = all.find((candidate) => candidate.name === name);
  if (found === undefined) return `cannot be written; what can: ${writableEncodings.join(', ')}`;
  if (found.kinds?.includes(type.kind) === false)
    return `cannot hold a field of type ${kindName(type.kind)}; it holds ${found.kinds.map(kindName).join(', ')}`;
  const check = compileCheck(type);
  const encode = found.encoder(type, settings);
  const write = toWriter(type.kind === 'string' && name !== 'text' ? readingBack(name, encode) : encode);
  return (out, bytes, start, end) => check(bytes, start, end) ?? write(out, bytes, start, end);
}

function toWriter(encode: ValueEncoder): CellWriter {
  if (encode === asIs)
    return (out, bytes, start, end) => {
      append(out, bytes, start, end);
      return null;
    };
  return (out, bytes, start, end) => {
    const encoded = encode(bytes.subarray(start, end));
    if (typeof encoded === 'string') return encoded;
    append(out, encoded, 0, encoded.length);
    return null;
  };
}

function append(out: ByteWriter, bytes: Buffer, start: number, end: number): void {
  out.ensure(end - start);
  out.length += bytes.copy(out.bytes, out.length, start, end);
}

/** What is wrong with the text of a field of this type: what the reader of text says of it. */
function compileCheck(type: FieldType): (bytes: Buffer, start: number, end: number) => string | null {
  const read = compileEncoding('text', type);
  if (typeof read === 'string') throw new TypeError(`text does not hold ${type.kind}: ${read}`);
  const scratch = new ByteWriter();
  return (bytes, start, end) => {
    scratch.length = 0;
    return read(scratch, bytes, start, end);
  };
}

function encodeText(type: FieldType, { zone, charset }: EncoderSettings): ValueEncoder {
  if (type.kind === 'timestamp' && zone !== utc) return encodeLocalTime(zone);
  return charset === 'utf-8' ? asIs : (raw) => encodeCharset(charset, raw);
}

function encodeBoolean(raw: Buffer): Buffer | string {
  if (raw.length === 1 && (raw[0] === 0x31 || raw[0] === 0x30)) return Buffer.of(raw[0] === 0x31 ? 0xff : 0);
  return `write 1 or 0, not '${raw.toString('utf8')}'`;
}

/** Refuses a text that the encoding's own reader would give back as another one. */
function readingBack(name: string, encode: ValueEncoder): ValueEncoder {
  const read = compileEncoding(name, { kind: 'string', length: 0 });
  if (typeof read === 'string') throw new TypeError(read);
  const found = new ByteWriter();
  return (raw) => {
    const bytes = encode(raw);
    if (typeof bytes === 'string') return bytes;
    found.length = 0;
    const problem = read(found, bytes, 0, bytes.length);
    if (problem !== null) return problem;
    const back = found.bytes.subarray(0, found.length);
    return back.equals(raw) ? bytes : `it would be read back as '${back.toString('utf8')}'`;
  };
}

/** Numbers must be read back as they are, doubles in a float too. */
function exactly(name: 'float' | 'double', encode: ValueEncoder, { kind }: FieldType): ValueEncoder {
  const refusal = `more digits than a ${name} keeps`;
  if (kind === 'float64' && name === 'float')
    return (raw) => {
      const value = Number(raw.toString('latin1'));
      return Number.isFinite(value) && Number.isFinite(Math.fround(value)) && Math.fround(value) !== value
        ? refusal
        : encode(raw);
    };
  if (kind !== 'decimal' && !integerKinds.some((integer) => integer === kind)) return encode;
  const decimal = { kind: 'decimal', precision: 65, scale: 30 } as const;
  const [asText, asCell] = [compileEncoding('text', decimal), compileEncoding(name, decimal)];
  if (typeof asText === 'string' || typeof asCell === 'string') throw new TypeError('no decimals');
  const [text, cell] = [new ByteWriter(), new ByteWriter()];
  return (raw) => {
    const bytes = encode(raw);
    if (typeof bytes === 'string') return bytes;
    text.length = 0;
    cell.length = 0;
    const problem = asText(text, raw, 0, raw.length) ?? asCell(cell, bytes, 0, bytes.length);
    const isSame = text.bytes.subarray(0, text.length).equals(cell.bytes.subarray(0, cell.length));
    return problem ?? (isSame ? bytes : refusal);
  };
}

/** A string field holds the print of the cell's bytes; a bytes field's cell holds the print of its bytes. */
function encodePrinted(form: 'hex' | 'base64', kind: FieldKind): ValueEncoder {
  if (kind === 'bytes') return (raw) => Buffer.from(raw.toString(form));
  return (raw) => {
    const text = raw.toString('latin1');
    const bytes = Buffer.from(text, form);
    return bytes.toString(form).length === text.length ? bytes : `not ${form} text`;
  };
}
