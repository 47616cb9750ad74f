// Where a trigger wants its run: on a Connect cluster, and by an executor.
import { SyncError } from '../../core/errors.ts';
import type { JobSpec } from '../../core/job.ts';
import { nearestName } from '../../core/nearest-name.ts';
import type { ApiParts } from '../api-parts.ts';

export interface ChosenPlace {
  readonly cluster: string | null;
  readonly executor: string | null;
}

/** The job's own cluster is no choice. Throws BAD_INPUT naming `cluster` or `executor`. */
export async function requirePlace(
  { clusters, executors, logKind }: Pick<ApiParts, 'clusters' | 'executors' | 'logKind'>,
  spec: JobSpec,
  { cluster, executor }: ChosenPlace,
): Promise<ChosenPlace> {
  const other = cluster === spec.cluster ? null : cluster;
  if (other !== null && !clusters.has(other))
    throw unknown('cluster', `Connect cluster ${JSON.stringify(other)}`, {
      name: other,
      known: [...clusters.keys()],
    });
  if (other !== null && logKind === 'memory') {
    const message = `${JSON.stringify(other)}: this installation keeps its records in memory, where only its own worker reads them: leave it out, or set SYNCLINE_KAFKA`;
    throw new SyncError('BAD_INPUT', { message, field: 'cluster' });
  }
  if (executor === null) return { cluster: other, executor };
  const known = (await executors.list()).map(({ name }) => name);
  if (!known.includes(executor))
    throw unknown('executor', `executor ${JSON.stringify(executor)}`, { name: executor, known });
  return { cluster: other, executor };
}

function unknown(
  field: string,
  what: string,
  { name, known }: { readonly name: string; readonly known: readonly string[] },
): SyncError {
  const nearest = nearestName(name, known);
  const like = nearest === null ? 'there is none at all' : `the most like it is ${JSON.stringify(nearest)}`;
  const message = `there is no ${what}; ${like} (known: ${known.join(', ')})`;
  return new SyncError('BAD_INPUT', { message, field });
}
