// Planned instants that rows stand for: a skipped row may stand for a stretch of them.
import type { Run } from '../../src/core/run.ts';

/** Ascending, of a schedule with a fixed period. */
export function coveredInstants(
  rows: readonly Pick<Run, 'plannedAt' | 'instants'>[],
  periodMs: number,
): readonly number[] {
  return rows
    .flatMap(({ plannedAt, instants }) =>
      Array.from({ length: instants?.count ?? 1 }, (_, n) => plannedAt + n * periodMs),
    )
    .sort((a, b) => a - b);
}
