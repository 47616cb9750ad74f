// Points in time as a count since 1970-01-01T00:00Z, from a row's `YYYY-MM-DD[ HH:MM:SS[.ffffff]]` (UTC).
import { localToUtc, utcToLocal } from '../../../../src/core/time/time-zone.ts';
import type { Zone } from '../../../../src/core/time/time-zone.ts';
import type { ValueEncoder } from '../encoding.ts';
import { firstMs, lastMs } from './epoch.ts';

const msPerDay = 86_400_000;

/** Finer than the unit is refused, not cut off. `zone`: in which a date begins; timestamps are in UTC. */
export function encodeEpoch(unitMs: 1 | 1000, form: 'long' | 'text', zone: Zone): ValueEncoder {
  return (raw) => {
    const instant = readInstant(raw.toString('latin1'));
    if (instant === null) return 'not a date and time';
    const { ms: written, micros } = instant;
    const ms = raw.length > 10 ? written : localToUtc(zone, written);
    if (ms < firstMs || ms > lastMs) return 'a year outside 1 to 9999';
    if (raw.length <= 10 && utcToLocal(zone, ms) - written >= msPerDay)
      return `a day that ${zone.name} left out`;
    if (micros !== 0 || !Number.isInteger(ms / unitMs))
      return `finer than ${unitMs === 1 ? 'a millisecond' : 'a second'}`;
    const count = BigInt(ms / unitMs);
    if (form === 'text') return Buffer.from(count.toString());
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeBigInt64BE(count);
    return bytes;
  };
}

/** A timestamp's text in the zone's local time. The second of two equal local times is refused: it would be read as the first. */
export function encodeLocalTime(zone: Zone): ValueEncoder {
  return (raw) => {
    const text = raw.toString('latin1');
    const instant = readInstant(text);
    if (instant === null) return 'not a date and time';
    const { ms } = instant;
    const local = utcToLocal(zone, ms);
    if (local < firstMs || local > lastMs) return `a year outside 1 to 9999 in ${zone.name}`;
    if (localToUtc(zone, local) !== ms) return `a time that ${zone.name} has twice, and the second of them`;
    return Buffer.from(new Date(local).toISOString().slice(0, 19).replace('T', ' ') + text.slice(19));
  };
}

/** ms since the epoch, and the microseconds below them, apart: together they pass what a number keeps. null: it is no point in time. */
function readInstant(text: string): { readonly ms: number; readonly micros: number } | null {
  const match = /^(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?)?$/.exec(text);
  if (match === null) return null;
  const [, date = '', time = '00:00:00', digits = ''] = match;
  const fraction = digits.padEnd(6, '0');
  const ms = Date.parse(`${date}T${time}.${fraction.slice(0, 3)}Z`);
  return Number.isNaN(ms) ? null : { ms, micros: Number(fraction.slice(3)) };
}
