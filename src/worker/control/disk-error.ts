// What the worker's own disk refuses, in Syncline's codes.
import { SyncError } from '../../core/errors.ts';
import type { ErrorCode } from '../../core/errors.ts';

const full = new Set(['ENOSPC', 'EDQUOT']);
const denied = new Set(['EACCES', 'EPERM', 'EROFS']);

/** `doing`: in gerund. `fallback`: for what is neither full nor denied. */
export function toDiskError(
  cause: unknown,
  {
    doing,
    folder,
    fallback,
  }: { readonly doing: string; readonly folder: string; readonly fallback: ErrorCode },
): SyncError {
  if (cause instanceof SyncError) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (full.has(code))
    return new SyncError('DISK_FULL', {
      message: `${doing}: the disk of ${folder}, or the quota there, is full`,
      place: folder,
      cause,
    });
  if (denied.has(code))
    return new SyncError('DATA_DIR_UNUSABLE', {
      message: `${doing}: the disk does not let this user write to ${folder}`,
      place: folder,
      cause,
    });
  return new SyncError(fallback, { message: doing, cause });
}
