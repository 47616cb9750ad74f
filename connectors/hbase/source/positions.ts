// Positions of an HBase source: times of cells, written as ISO instants, or values of the growing column, as its text.
import { SyncError } from '../../../src/core/errors.ts';
import type { Position, Positions } from '../../../src/core/position.ts';
import type { GrowingColumn } from './growing-column.ts';
import { readValue } from './growing-column.ts';

/** Clocks differ a little; more than this is no clock's matter. */
const toleranceMs = 60_000;
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/;

/** `ms`: of cells, since 1970. */
export function timePosition(ms: number): Position {
  return new Date(ms).toISOString();
}

/** Throws BAD_INPUT for a text that is no time. */
export function timeOf(position: Position): number {
  const ms = parseTime(position);
  if (ms !== null) return ms;
  throw new SyncError('BAD_INPUT', {
    message: `'${position}' is no time; write an instant as 2025-11-25T01:00:00Z, or milliseconds since 1970`,
  });
}

function parseTime(text: string): number | null {
  const ms = /^\d{1,16}$/.test(text) ? Number(text) : instant.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(new Date(ms).getTime()) || ms < 0 ? null : ms;
}

export const timePositions: Positions = {
  read: (text, now) => {
    const ms = timeOf(text);
    if (ms <= now + toleranceMs) return timePosition(ms);
    throw new SyncError('BAD_INPUT', {
      message: `${text}${text === timePosition(ms) ? '' : ` is ${timePosition(ms)}, which`} is still to come (it is ${timePosition(now)}): runs would read nothing until then; write a time that has passed`,
    });
  },
  compare: (a, b) => timeOf(a) - timeOf(b),
};

/** null: increments go by cell timestamp. */
export function positionsOf(growing: GrowingColumn | null): Positions {
  return growing === null ? timePositions : columnPositions(growing);
}

function columnPositions(growing: GrowingColumn): Positions {
  const { textOf, behind, positionOf } = growing;
  return {
    read: (text) => textOf(readValue(growing, text)),
    readLastValue: (text) => textOf(behind(readValue(growing, text))),
    compare: (a, b) => positionOf(a) - positionOf(b),
  };
}
