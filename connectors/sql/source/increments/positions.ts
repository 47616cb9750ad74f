// Positions of an SQL source: a time, written as an ISO instant with microseconds, or the number at which the next run begins.
import { SyncError } from '../../../../src/core/errors.ts';
import type { Position, Positions } from '../../../../src/core/position.ts';
import type { IncrementColumns } from '../config.ts';
import { instantText, readInstant } from './time-text.ts';

/** Clocks differ a little; more than this is no clock's matter. */
export const toleranceMicros = 60_000_000;

export function positionsOf({ mode }: IncrementColumns): Positions {
  if (mode === 'bulk') return noPositions;
  return mode === 'incrementing' ? numberPositions : timePositions;
}

/** Throws BAD_INPUT for a text that is no time. */
export function microsOf(position: Position): number {
  const micros = readInstant(position);
  if (micros !== null) return micros;
  throw refuse(
    `'${position}' is no time; write an instant as 2025-11-25T01:00:00Z, or milliseconds since 1970`,
  );
}

/** More are compared exactly by no server. */
const mostDigits = 65;

/** Throws BAD_INPUT for a text that is no whole number, or of too many digits: of a column at its type's end there is none behind it. */
export function numberOf(position: Position): bigint {
  const digits = /^-?(\d+)$/.exec(position)?.[1];
  if (digits === undefined)
    throw refuse(`'${position}' is no whole number; write the number at which the next run begins`);
  if (digits.length <= mostDigits) return BigInt(position);
  throw refuse(
    `'${position.slice(0, 80)}' has more than ${mostDigits} digits, which servers do not compare exactly: no run could begin there; choose another column`,
  );
}

const timePositions: Positions = {
  read: (text, now) => {
    const micros = microsOf(text);
    if (micros <= now * 1000 + toleranceMicros) return instantText(micros);
    throw refuse(
      `${text} is still to come: runs would read nothing until then; write a time that has passed`,
    );
  },
  readLastValue: (text) => instantText(microsOf(text) + 1),
  compare: (a, b) => microsOf(a) - microsOf(b),
};

const numberPositions: Positions = {
  read: (text) => String(numberOf(text)),
  readLastValue: (text) => String(numberOf(text) + 1n),
  compare: (a, b) => {
    const [left, right] = [numberOf(a), numberOf(b)];
    return left < right ? -1 : left > right ? 1 : 0;
  },
};

const noPositions: Positions = {
  read: () => {
    throw refuse(
      'mode is bulk: every run reads everything, from no position; choose another mode to have increments',
    );
  },
  compare: () => 0,
};

function refuse(message: string): SyncError {
  return new SyncError('BAD_INPUT', { message });
}
