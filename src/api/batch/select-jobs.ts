// The jobs that a batch hits, what it would do to each, and a digest by which the act is held to what was shown.
import { createHash } from 'node:crypto';
import { SyncError } from '../../core/errors.ts';
import type { JobHead } from '../../core/job.ts';
import type { Text } from '../../core/text.ts';
import type { ApiParts } from '../api-parts.ts';
import { maxBatch, type BatchAct, type SelectBody } from '../schemas/batch-schemas.ts';

export interface Selection {
  /** By name. */
  readonly jobs: readonly JobHead[];
  readonly digest: string;
}

/** Throws NOT_FOUND where an id is none, BAD_INPUT where nothing or too much is chosen. */
export async function selectJobs({ jobs }: ApiParts, act: BatchAct, select: SelectBody): Promise<Selection> {
  const { ids, ...filter } = select;
  const found = await jobs.listHeads({
    ...filter,
    ...(ids === undefined ? {} : { ids }),
    limit: maxBatch + 1,
  });
  const unknown =
    Object.keys(filter).length > 0 ? [] : (ids ?? []).filter((id) => !found.some((job) => job.id === id));
  if (unknown.length > 0)
    throw new SyncError('NOT_FOUND', {
      message: `there is no job ${unknown.join(', ')}`,
      field: 'select.ids',
    });
  if (found.length === 0)
    throw new SyncError('BAD_INPUT', {
      message: `${JSON.stringify(select)} chooses no job; GET /api/v1/jobs lists groups and labels`,
      field: 'select',
    });
  if (found.length > maxBatch)
    throw new SyncError('BAD_INPUT', {
      message: `${JSON.stringify(select)} chooses more than ${maxBatch} jobs: choose less, for example by a label more`,
      field: 'select',
    });
  const hash = createHash('sha256').update(act);
  for (const { id, version } of [...found].sort((a, b) => (a.id < b.id ? -1 : 1)))
    hash.update(`\n${id} ${version}`);
  return { jobs: found, digest: hash.digest('hex').slice(0, 16) };
}

/** null: the act leaves the job as it is. */
export function effectOf(
  act: BatchAct,
  { paused, pausedUntil, deleting }: JobHead,
  now: number,
): Text | null {
  if (deleting && act !== 'delete') return null;
  switch (act) {
    case 'pause':
      return paused ? null : { en: 'fires no more', zh: '不再触发' };
    case 'resume':
      return paused || (pausedUntil ?? 0) > now ? { en: 'fires again', zh: '恢复触发' } : null;
    case 'trigger':
      return { en: 'runs once, after what goes or waits', zh: '运行一次，排在正在进行和等待的运行之后' };
    case 'delete':
      return {
        en: 'goes with its runs, connectors and ledger rows; the target keeps its data',
        zh: '连同其运行、连接器和账本行一并删除；目标中的数据保留',
      };
  }
}
