// The header by which a change is held to the version that its author read.
import { SyncError } from '../../core/errors.ts';

/** Throws BAD_INPUT. */
export function readVersion(header: string | undefined): number {
  const version = /^"?(\d+)"?$/.exec(header ?? '')?.[1];
  if (version !== undefined) return Number(version);
  const wanted = 'send the version that you read (its ETag)';
  throw new SyncError('BAD_INPUT', {
    message: `reading If-Match: ${header === undefined ? 'the header is missing' : `'${header}' is no version`}; ${wanted}`,
    field: 'If-Match',
  });
}
