// Phoenix's points in time: milliseconds since the epoch as 8 bytes; a TIMESTAMP has the nanoseconds below them in 4 more.
import { counted } from '../../../../src/core/text.ts';
import type { FieldType } from '../../../../src/core/connector/field-type.ts';
import { utcToLocal } from '../../../../src/core/time/time-zone.ts';
import { readInt32 } from '../bytes/bytes-integer.ts';
import { dateTypeOf, Moment, writeMoment } from '../calendar.ts';
import type { Encoding, TextSettings, ValueWriter } from '../encoding.ts';
import { unexpectedKind } from '../encoding.ts';
import { firstMs, lastMs, zoneOfInstants } from '../bytes/epoch.ts';

export const phoenixDates: readonly Encoding[] = ['date', 'time', 'timestamp'].flatMap((name) => {
  const width = name === 'timestamp' ? 12 : 8;
  return [date(name, { width, signed: true }), date(`unsigned_${name}`, { width, signed: false })];
});

interface DateFormat {
  readonly width: number;
  /** With the sign bit flipped. */
  readonly signed: boolean;
}

function date(name: string, format: DateFormat): Encoding {
  return {
    name,
    kinds: ['timestamp', 'date', 'time'],
    compile: (type, settings) => compileDate({ name, ...format }, type, settings),
    oneToOne: ({ kind }) => kind === 'timestamp',
  };
}

function compileDate(
  { name, width, signed }: DateFormat & { readonly name: string },
  type: FieldType,
  settings: TextSettings,
): ValueWriter {
  const dateType = dateTypeOf(type) ?? unexpectedKind(name, type);
  const moment = new Moment();
  const zone = zoneOfInstants(dateType, settings);
  const problem = `a Phoenix ${name} takes ${counted(width, 'byte')}, the value has `;
  return (out, bytes, start, end) => {
    if (end - start !== width) return problem + String(end - start);
    const high = signed ? readInt32(bytes, start) ^ 0x8000_0000 : readInt32(bytes, start);
    const ms = high * 0x1_0000_0000 + (readInt32(bytes, start + 4) >>> 0);
    if (ms < firstMs || ms > lastMs) return 'a year outside 1 to 9999';
    moment.setEpochMs(zone === null ? ms : utcToLocal(zone, ms));
    if (width === 12) {
      const nanos = readInt32(bytes, start + 8);
      if (nanos < 0 || nanos > 999_999) return `${nanos} nanoseconds within a millisecond`;
      moment.nanos += nanos;
    }
    return writeMoment(out, moment, dateType);
  };
}
