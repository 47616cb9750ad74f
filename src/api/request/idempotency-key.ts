// The header by which a request that is sent twice is known.
import { isDeepStrictEqual } from 'node:util';
import { SyncError } from '../../core/errors.ts';
import type { Run } from '../../core/run.ts';
import type { ApiParts } from '../api-parts.ts';

/** null: there is none. Throws BAD_INPUT. */
export function readIdempotencyKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  if (typeof header === 'string' && header.length >= 1 && header.length <= 128) return header;
  throw new SyncError('BAD_INPUT', {
    message: 'reading Idempotency-Key: it must have 1 to 128 characters',
    field: 'Idempotency-Key',
  });
}

/** One key stands for one request: what would have run then decides, though the job may have changed since. */
export async function refuseOtherRequest(
  { jobs }: ApiParts,
  run: Run,
  {
    mode,
    ...asked
  }: { readonly mode: Run['mode'] | null } & Pick<Run, 'parameters' | 'cluster' | 'executor'>,
): Promise<void> {
  const wanted = mode ?? (await jobs.readVersion(run.jobId, run.jobVersion))?.mode ?? run.mode;
  const before = { parameters: run.parameters, cluster: run.cluster, executor: run.executor };
  const other =
    wanted !== run.mode
      ? `in mode ${run.mode}, and now asks for mode ${wanted}`
      : isDeepStrictEqual(asked, before)
        ? null
        : `with ${JSON.stringify(before)}, and now has ${JSON.stringify(asked)}`;
  if (other === null) return;
  throw new SyncError('CONFLICT', {
    message: `reading Idempotency-Key: it was used for run ${run.id} ${other}; send another key`,
    field: 'Idempotency-Key',
  });
}
