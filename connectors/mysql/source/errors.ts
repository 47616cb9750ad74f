// What goes wrong at a MySQL or MariaDB server that is read from, in Syncline's codes: as at one that is written to, with other rights.
import type { ErrorCode } from '../../../src/core/errors.ts';
import { SyncError } from '../../../src/core/errors.ts';
import type { ServerPlace } from '../session/server-errors.ts';
import { errnoOf, grantStatement, toTargetError } from '../session/server-errors.ts';

const codes: Partial<Record<ErrorCode, ErrorCode>> = {
  TARGET_UNREACHABLE: 'SOURCE_UNREACHABLE',
  TARGET_LOGIN: 'SOURCE_LOGIN',
  TARGET_DENIED: 'SOURCE_DENIED',
  TARGET_FAILED: 'SOURCE_FAILED',
  TARGET_FULL: 'SOURCE_FAILED',
  TARGET_SCHEMA: 'SOURCE_SCHEMA',
};
/** The table is another one than it was when the view was opened. */
const changed = new Set([1412, 1146, 1054, 1109]);

/** `doing` in gerund: `reading shop.orders`. */
export function toSourceError(error: unknown, doing: string, place: ServerPlace): SyncError {
  if (error instanceof SyncError) return error;
  const errno = errnoOf(error);
  const said = error instanceof Error ? error.message : String(error);
  if (errno !== null && changed.has(errno))
    return new SyncError('SOURCE_SCHEMA', {
      message: `${doing}: ${said}`,
      cause: error,
      retriable: errno === 1412,
    });
  if (errno === 1049) return new SyncError('SOURCE_SCHEMA', { message: `${doing}: ${said}`, cause: error });
  const failure = toTargetError(error, doing, place);
  const { code, retriable } = failure;
  const account = code === 'TARGET_DENIED' && errno !== null ? place.account : null;
  const message =
    account === null
      ? failure.message
      : `${doing}: ${said} (error ${errno}). Let an administrator run: ${grantStatement(place.database, account, 'SELECT')}`;
  return new SyncError(codes[code] ?? code, { message, cause: error, retriable });
}
