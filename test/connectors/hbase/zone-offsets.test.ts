// Local times of zones to UTC, by java.time's rule for gaps and overlaps.
import { expect, it } from 'vitest';
import { findZone } from '../../../connectors/hbase/encodings/zone-offsets.ts';

const toUtc = (zone: string, local: string): string =>
  new Date(findZone(zone)?.toUtc(Date.parse(`${local}Z`)) ?? NaN).toISOString();

it('reads fixed offsets and named zones, in winter and summer', () => {
  expect(toUtc('+08:00', '2026-01-01T08:00:00')).toBe('2026-01-01T00:00:00.000Z');
  expect(toUtc('Asia/Shanghai', '2026-01-01T08:00:00')).toBe('2026-01-01T00:00:00.000Z');
  expect(toUtc('Europe/Berlin', '2026-01-15T12:00:00')).toBe('2026-01-15T11:00:00.000Z');
  expect(toUtc('Europe/Berlin', '2026-07-15T12:00:00')).toBe('2026-07-15T10:00:00.000Z');
});

it('moves a skipped time forward by the gap, and takes the first of a repeated one', () => {
  expect(toUtc('Europe/Berlin', '2026-03-29T02:30:00')).toBe('2026-03-29T01:30:00.000Z');
  expect(toUtc('Europe/Berlin', '2026-10-25T02:30:00')).toBe('2026-10-25T00:30:00.000Z');
});

it('knows no zone that is none', () => {
  expect(findZone('Mars/Olympus')).toBeNull();
  expect(findZone('+19:00')).toBeNull();
});
