// Floating-point numbers as Bytes.toBytes writes them: IEEE 754, big-endian. Text is the shortest that reads back equal.
import type { FieldType } from '../../../../src/core/connector/field-type.ts';
import type { ByteWriter } from '../../../../src/core/record/row-format.ts';
import { DecimalDigits, readDecimalText, writeDecimal } from '../decimal-digits.ts';
import { POINT, writeDigits, writeMinus, writePadded } from '../digits.ts';
import type { Encoding, ValueWriter } from '../encoding.ts';
import { never, unexpectedKind } from '../encoding.ts';

const scratch = new DataView(new ArrayBuffer(8));
const scratchBytes = new Uint8Array(scratch.buffer);

interface FloatFormat {
  readonly name: 'float' | 'double';
  readonly width: number;
  readonly read: () => number;
  /** Shortest text of a finite value. */
  readonly write: (out: ByteWriter, value: number) => void;
}

const formats: readonly FloatFormat[] = [
  { name: 'float', width: 4, read: () => scratch.getFloat32(0), write: writeFloat32 },
  { name: 'double', width: 8, read: () => scratch.getFloat64(0), write: writeFloat64 },
];

export const bytesFloats: readonly Encoding[] = formats.map((format) => ({
  name: format.name,
  kinds: ['float32', 'float64', 'decimal', 'string'],
  compile: (type) => compileFloat(format, type),
  oneToOne: never,
}));

function compileFloat(format: FloatFormat, type: FieldType): ValueWriter {
  switch (type.kind) {
    case 'float32':
      return compileNumber(format, (value) => Number.isFinite(Math.fround(value)));
    case 'float64':
      // A float's bits mean one double exactly; its shortest text as a float would read back as another one.
      return compileNumber({ ...format, write: writeFloat64 }, () => true);
    case 'string':
      return compileNumber(format, () => true);
    case 'decimal':
      return compileDecimal(format, type);
    default:
      return unexpectedKind(format.name, type);
  }
}

function compileNumber(format: FloatFormat, fits: (value: number) => boolean): ValueWriter {
  const { width, read, write } = format;
  const problem = `${format.name} takes ${width} bytes, the value has `;
  return (out, bytes, start, end) => {
    if (end - start !== width) return problem + String(end - start);
    for (let i = 0; i < width; i += 1) scratchBytes[i] = bytes[start + i] ?? 0;
    const value = read();
    if (!Number.isFinite(value)) return `${String(value)} has no text that a target reads`;
    if (!fits(value)) return 'out of the range of float';
    write(out, value);
    return null;
  };
}

function compileDecimal(format: FloatFormat, type: Extract<FieldType, { kind: 'decimal' }>): ValueWriter {
  const write = compileNumber(format, () => true);
  const value = new DecimalDigits();
  return (out, bytes, start, end) => {
    const before = out.length;
    let problem = write(out, bytes, start, end);
    if (problem !== null) return problem;
    problem = readDecimalText(value, out.bytes, before, out.length);
    out.length = before;
    return problem ?? writeDecimal(out, value, type);
  };
}

/** 10^0, 10^2, …: numbers of money and measurements have few digits behind the point. */
const scales = [1, 100, 10_000, 1_000_000];

function writeFloat64(out: ByteWriter, value: number): void {
  // A decimal of at most 15 digits that reads back equal is the only one so short, hence the shortest: no string is needed.
  const magnitude = Math.abs(value);
  for (let i = 0; i < scales.length; i += 1) {
    const scale = scales[i] ?? 1;
    const digits = Math.round(magnitude * scale);
    if (digits >= 1e15) break;
    if (digits / scale !== magnitude) continue;
    if (value < 0 || Object.is(value, -0)) writeMinus(out);
    writeScaled(out, digits, scale, i * 2);
    return;
  }
  const text = String(value);
  out.ensure(text.length);
  out.length += out.bytes.write(text, out.length, 'latin1');
}

/** digits / scale, where scale = 10^places, without zeros at the end. */
function writeScaled(out: ByteWriter, digits: number, scale: number, places: number): void {
  const whole = Math.floor(digits / scale);
  writeDigits(out, whole);
  let fraction = digits - whole * scale;
  if (fraction === 0) return;
  let width = places;
  while (fraction % 10 === 0) {
    fraction /= 10;
    width -= 1;
  }
  out.ensure(1);
  out.bytes[out.length] = POINT;
  out.length += 1;
  writePadded(out, fraction, width);
}

function writeFloat32(out: ByteWriter, value: number): void {
  for (let digits = 1; digits < 9; digits += 1) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) {
      writeFloat64(out, rounded);
      return;
    }
  }
  writeFloat64(out, Number(value.toPrecision(9)));
}
