// Points in time as a count since 1970-01-01T00:00Z, from a row's `YYYY-MM-DD[ HH:MM:SS[.ffffff]]` (UTC).
import type { ValueEncoder } from './encoder.ts';

/** Finer than the unit is refused, not cut off. */
export function encodeEpoch(unitMs: 1 | 1000, form: 'long' | 'text'): ValueEncoder {
  return (raw) => {
    const ms = epochMsOf(raw.toString('latin1'));
    if (ms === null) return 'not a date and time';
    if (!Number.isInteger(ms / unitMs)) return `finer than ${unitMs === 1 ? 'a millisecond' : 'a second'}`;
    const count = BigInt(ms / unitMs);
    if (form === 'text') return Buffer.from(count.toString());
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeBigInt64BE(count);
    return bytes;
  };
}

/** ms since the epoch, with a fraction where the text has microseconds; null: it is no point in time. */
export function epochMsOf(text: string): number | null {
  const match = /^(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?)?$/.exec(text);
  if (match === null) return null;
  const [, date = '', time = '00:00:00', fraction = ''] = match;
  const seconds = Date.parse(`${date}T${time}Z`);
  const micros = Number(fraction.padEnd(6, '0'));
  return Number.isNaN(seconds) ? null : seconds + micros / 1000;
}
