// Instants as a source of SQL writes them: microseconds since 1970 ↔ ISO text with six digits, in UTC or as local time of a zone.
import { localToUtc, utcToLocal } from '../../../../src/core/time/time-zone.ts';
import type { Zone } from '../../../../src/core/time/time-zone.ts';

const perSecond = 1_000_000;
const iso = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,6}))?(Z|[+-]\d\d:\d\d)$/;

/** `2026-01-01T00:00:00.000000Z` */
export function instantText(micros: number): string {
  return `${wallText(micros, 0).replace(' ', 'T')}Z`;
}

/** null: it is no instant. Milliseconds since 1970 are one, too. */
export function readInstant(text: string): number | null {
  if (/^\d{1,14}$/.test(text)) return Number(text) * 1000;
  const [, day, clock, fraction = '', offset] = iso.exec(text) ?? [];
  if (day === undefined || clock === undefined || offset === undefined) return null;
  const ms = Date.parse(`${day}T${clock}${offset}`);
  return Number.isNaN(ms) ? null : ms * 1000 + Number(fraction.padEnd(6, '0'));
}

/** `2026-01-01 00:00:00.000000`, of the zone. */
export function localText(micros: number, zone: Zone): string {
  return wallText(micros, zone.segmentAt(Math.floor(micros / perSecond)).offset);
}

export const daySeconds = 86_400;

/** Down to what the column can tell apart, `unit` µs: of days to where one begins in the zone, whose offsets are whole seconds. */
export function floorTo(micros: number, unit: number, zone: Zone): number {
  if (unit < daySeconds * perSecond) return Math.floor(micros / unit) * unit;
  const dayMs = daySeconds * 1000;
  const local = utcToLocal(zone, Math.floor(micros / 1000));
  return localToUtc(zone, Math.floor(local / dayMs) * dayMs) * 1000;
}

/** Seconds and the rest are put together: a Date holds milliseconds only. */
function wallText(micros: number, offset: number): string {
  const seconds = Math.floor(micros / perSecond);
  const rest = String(micros - seconds * perSecond).padStart(6, '0');
  const shown = new Date((seconds + offset) * 1000).toISOString();
  return `${shown.slice(0, 19).replace('T', ' ')}.${rest}`;
}
