// What goes wrong at an SQLite file that is read from, in Syncline's codes.
import type { ErrorCode } from '../../../src/core/errors.ts';
import { SyncError, toSyncError } from '../../../src/core/errors.ts';

const codes: Partial<Record<ErrorCode, ErrorCode>> = {
  TARGET_UNREACHABLE: 'SOURCE_UNREACHABLE',
  TARGET_DENIED: 'SOURCE_DENIED',
  TARGET_FAILED: 'SOURCE_FAILED',
  TARGET_FULL: 'SOURCE_FAILED',
  TARGET_SCHEMA: 'SOURCE_SCHEMA',
};

export function toSourceError(error: unknown): SyncError {
  const { code, message, retriable } = toSyncError(error, 'SOURCE_FAILED');
  return new SyncError(codes[code] ?? code, { message, cause: error, retriable });
}
