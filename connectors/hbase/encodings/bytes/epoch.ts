// Points in time as a count since 1970-01-01T00:00Z: `epoch-ms`, `epoch-s` an 8-byte big-endian long, with `-text` its digits. A
// timestamp is that instant in UTC; a date or a time of day is the one that the field's zone had then.
import type { FieldType } from '../../../../src/core/connector/field-type.ts';
import { utc, utcToLocal } from '../../../../src/core/time/time-zone.ts';
import type { Zone } from '../../../../src/core/time/time-zone.ts';
import { readInt32 } from './bytes-integer.ts';
import { dateTypeOf, Moment, writeMoment } from '../calendar.ts';
import type { DateType } from '../calendar.ts';
import { isDigit, MINUS, ZERO } from '../digits.ts';
import type { Encoding, TextSettings, ValueWriter } from '../encoding.ts';
import { unexpectedKind } from '../encoding.ts';

/** First and last millisecond of the years 1 to 9999. */
export const firstMs = -62_135_596_800_000;
export const lastMs = 253_402_300_799_999;

/** The count; NaN when the bytes hold none. */
type CountReader = (bytes: Uint8Array, start: number, end: number) => number;

export const epochs: readonly Encoding[] = [
  makeEpoch('epoch-ms', { unitMs: 1, read: readLong, shape: 'an 8-byte long' }),
  makeEpoch('epoch-s', { unitMs: 1000, read: readLong, shape: 'an 8-byte long' }),
  makeEpoch('epoch-ms-text', { unitMs: 1, read: readDigits, shape: 'digits' }),
  makeEpoch('epoch-s-text', { unitMs: 1000, read: readDigits, shape: 'digits' }),
];

function makeEpoch(name: string, format: { unitMs: number; read: CountReader; shape: string }): Encoding {
  return {
    name,
    kinds: ['timestamp', 'date', 'time'],
    compile: (type, settings) => compileEpoch({ name, ...format }, type, settings),
    oneToOne: (type) => type.kind === 'timestamp' && format.read === readLong,
  };
}

function compileEpoch(
  { name, unitMs, read, shape }: { name: string; unitMs: number; read: CountReader; shape: string },
  type: FieldType,
  settings: TextSettings,
): ValueWriter {
  const dateType = dateTypeOf(type) ?? unexpectedKind(name, type);
  const moment = new Moment();
  const zone = zoneOfInstants(dateType, settings);
  const problem = `not ${shape}, which ${name} is`;
  return (out, bytes, start, end) => {
    const ms = read(bytes, start, end) * unitMs;
    if (Number.isNaN(ms)) return problem;
    if (ms < firstMs || ms > lastMs) return 'a year outside 1 to 9999';
    moment.setEpochMs(zone === null ? ms : utcToLocal(zone, ms));
    return writeMoment(out, moment, dateType);
  };
}

/** Where days and times of day are asked for; null: instants stay as they are, in UTC. */
export function zoneOfInstants({ kind }: DateType, { zone }: TextSettings): Zone | null {
  return kind === 'timestamp' || zone === utc ? null : zone;
}

/** Exact wherever a date can lie; farther counts may be rounded, but stay outside the range. */
function readLong(bytes: Uint8Array, start: number, end: number): number {
  if (end - start !== 8) return NaN;
  return readInt32(bytes, start) * 0x1_0000_0000 + (readInt32(bytes, start + 4) >>> 0);
}

function readDigits(bytes: Uint8Array, start: number, end: number): number {
  const negative = bytes[start] === MINUS;
  const from = negative ? start + 1 : start;
  if (from >= end || end - from > 19) return NaN;
  let value = 0;
  for (let at = from; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (!isDigit(byte)) return NaN;
    value = value * 10 + byte - ZERO;
  }
  return negative ? -value : value;
}
