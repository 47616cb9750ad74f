// What goes wrong at a PostgreSQL server that is read from, in Syncline's codes: as at one that is written to, with other rights.
import type { ErrorCode } from '../../../src/core/errors.ts';
import { SyncError } from '../../../src/core/errors.ts';
import type { ServerPlace } from '../session/server-errors.ts';
import { stateOf, toTargetError } from '../session/server-errors.ts';

const codes: Partial<Record<ErrorCode, ErrorCode>> = {
  TARGET_UNREACHABLE: 'SOURCE_UNREACHABLE',
  TARGET_LOGIN: 'SOURCE_LOGIN',
  TARGET_DENIED: 'SOURCE_DENIED',
  TARGET_FAILED: 'SOURCE_FAILED',
  TARGET_FULL: 'SOURCE_FAILED',
  TARGET_SCHEMA: 'SOURCE_SCHEMA',
};

/** `doing` in gerund: `reading shop.orders`. */
export function toSourceError(error: unknown, doing: string, place: ServerPlace): SyncError {
  if (error instanceof SyncError) return error;
  const failure = toTargetError(error, doing, place);
  const said = error instanceof Error ? error.message : String(error);
  const state = stateOf(error);
  // Without the right to read; a table that is not there is no request to make one.
  const message =
    state === '42501'
      ? `${doing}: ${said}. Let an administrator run: GRANT USAGE ON SCHEMA … and GRANT SELECT ON the table to ${place.user}`
      : state.startsWith('3') || state.startsWith('42')
        ? `${doing}: ${said}`
        : failure.message;
  return new SyncError(codes[failure.code] ?? failure.code, {
    message,
    cause: error,
    retriable: failure.retriable,
  });
}
