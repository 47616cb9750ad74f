// Positions of a source that counts: whole numbers, none beyond the clock.
import { SyncError } from '../../src/core/errors.ts';
import type { Positions } from '../../src/core/position.ts';

export const numberPositions: Positions = {
  read: (text, now) => {
    if (!/^\d+$/.test(text)) throw new SyncError('BAD_INPUT', { message: `'${text}' is no whole number` });
    if (Number(text) > now) throw new SyncError('BAD_INPUT', { message: `${text} is still to come` });
    return String(Number(text));
  },
  compare: (a, b) => Number(a) - Number(b),
};
