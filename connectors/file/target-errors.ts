// What the file system refuses at a target file, in Syncline's codes, told by the error's code.
import { SyncError } from '../../src/core/errors.ts';

const full = new Set(['ENOSPC', 'EDQUOT']);
/** Too many files are open, the device or its server does not answer: another try may do. */
const passing = new Set(['EIO', 'EMFILE', 'ENFILE', 'ENOMEM', 'EBUSY', 'EAGAIN', 'ESTALE', 'ETIMEDOUT']);
const denied = new Set(['EACCES', 'EPERM', 'EROFS']);

/** Other errors than the file system's are given back as they are. */
export function toTargetError(cause: unknown): unknown {
  if (!(cause instanceof Error) || !('syscall' in cause)) return cause;
  const code = 'code' in cause ? String(cause.code) : '';
  const message = `writing the target file or its ledger: ${cause.message}`;
  if (full.has(code)) return new SyncError('TARGET_FULL', { message, cause });
  return new SyncError(denied.has(code) ? 'TARGET_DENIED' : 'TARGET_FAILED', {
    message,
    cause,
    retriable: passing.has(code),
  });
}
