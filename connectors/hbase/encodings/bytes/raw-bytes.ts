// Bytes as they are, and bytes printed. `hex`, `base64` and `binarystring`
// (as HBase's Bytes.toStringBinary prints) work by the field's type: a string field gets the cell's bytes printed
// so; a bytes field gets the bytes that the cell's text stands for.
import type { ByteWriter } from '../../../../src/core/record/row-format.ts';
import type { Encoding, ValueWriter } from '../encoding.ts';
import { always, unexpectedKind } from '../encoding.ts';
import { checkLength, compileRawBytes } from '../text/text-string.ts';

const BACKSLASH = 0x5c;

export const rawBytes: Encoding = {
  name: 'bytes',
  kinds: ['bytes'],
  compile: (type) => (type.kind === 'bytes' ? compileRawBytes(type.length) : unexpectedKind('bytes', type)),
  oneToOne: always,
};

export const hex: Encoding = printed('hex', { print: writeHex, parse: parseHex });

export const base64: Encoding = printed('base64', { print: writeBase64, parse: parseBase64 });

export const binaryString: Encoding = printed('binarystring', { print: writeBinary, parse: parseBinary });

interface Print {
  readonly print: (out: ByteWriter, bytes: Uint8Array, start: number, end: number) => void;
  /** null: the text is not of this form. */
  readonly parse: (bytes: Uint8Array) => Buffer | null;
}

function printed(name: string, { print, parse }: Print): Encoding {
  return {
    name,
    kinds: ['string', 'bytes'],
    compile: (type) => {
      if (type.kind === 'string') return compilePrint(print, type.length);
      if (type.kind === 'bytes') return compileParse(name, parse, type.length);
      return unexpectedKind(name, type);
    },
    oneToOne: ({ kind }) => kind === 'string',
  };
}

function compilePrint(print: Print['print'], length: number): ValueWriter {
  const limit = length === 0 ? Infinity : length;
  return (out, bytes, start, end) => {
    const before = out.length;
    print(out, bytes, start, end);
    let characters = 0;
    for (let at = before; at < out.length; at += 1) {
      characters += 1;
      if (out.bytes[at] === BACKSLASH) at += 1;
    }
    return checkLength(characters, limit);
  };
}

function compileParse(name: string, parse: Print['parse'], length: number): ValueWriter {
  const write = compileRawBytes(length);
  return (out, bytes, start, end) => {
    const raw = parse(bytes.subarray(start, end));
    return raw === null ? `not ${name} text` : write(out, raw, 0, raw.length);
  };
}

const hexDigits = Buffer.from('0123456789abcdef');

function writeHex(out: ByteWriter, bytes: Uint8Array, start: number, end: number): void {
  out.ensure((end - start) * 2);
  let at = out.length;
  for (let i = start; i < end; i += 1) {
    const byte = bytes[i] ?? 0;
    out.bytes[at] = hexDigits[byte >> 4] ?? 0;
    out.bytes[at + 1] = hexDigits[byte & 15] ?? 0;
    at += 2;
  }
  out.length = at;
}

function parseHex(bytes: Uint8Array): Buffer | null {
  const text = Buffer.from(bytes).toString('latin1');
  return text.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(text) ? Buffer.from(text, 'hex') : null;
}

function writeBase64(out: ByteWriter, bytes: Uint8Array, start: number, end: number): void {
  out.writeText(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('base64'));
}

function parseBase64(bytes: Uint8Array): Buffer | null {
  const text = Buffer.from(bytes).toString('latin1');
  const wellFormed = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
  return wellFormed ? Buffer.from(text, 'base64') : null;
}

const upperDigits = Buffer.from('0123456789ABCDEF');

/** Printable ASCII but the backslash as it is, every other byte as `\\xHH`; the backslash of it is escaped for the row. */
function writeBinary(out: ByteWriter, bytes: Uint8Array, start: number, end: number): void {
  out.ensure((end - start) * 5);
  let at = out.length;
  for (let i = start; i < end; i += 1) {
    const byte = bytes[i] ?? 0;
    if (byte >= 0x20 && byte < 0x7f && byte !== BACKSLASH) {
      out.bytes[at++] = byte;
      continue;
    }
    out.bytes[at++] = BACKSLASH;
    out.bytes[at++] = BACKSLASH;
    out.bytes[at++] = 0x78;
    out.bytes[at++] = upperDigits[byte >> 4] ?? 0;
    out.bytes[at++] = upperDigits[byte & 15] ?? 0;
  }
  out.length = at;
}

function parseBinary(bytes: Uint8Array): Buffer | null {
  const text = Buffer.from(bytes).toString('latin1');
  if (!/^(?:[\x20-\x5b\x5d-\x7e]|\\x[0-9a-fA-F]{2})*$/.test(text)) return null;
  return Buffer.from(
    text.replaceAll(/\\x(..)/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16))),
    'latin1',
  );
}
