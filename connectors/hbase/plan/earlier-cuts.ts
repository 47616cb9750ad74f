// Where the job's last plan cut the table: an increment comes often and reads little, so it is not worth looking for cuts anew.
import type { PlanRequest } from '../../../src/core/connector/contract.ts';
import { readSplit } from './plan-text.ts';
import { regionContains } from '../client/regions/region-location.ts';
import type { RegionPieces } from './splits.ts';

/** By the start of a region in hex; null: there are none, or the table has outgrown them, or everything is read. */
export function earlierCuts(
  { previous, base, mode }: PlanRequest,
  regions: readonly RegionPieces[],
): ReadonlyMap<string, readonly Buffer[]> | null {
  if (previous === undefined || mode === 'full' || base === null) return null;
  const starts = previous.splits
    .map((text) => readSplit(text).range.start)
    .sort((left, right) => left.compare(right));
  const cuts = new Map<string, readonly Buffer[]>();
  let next = 0;
  for (const { sample, pieces } of regions) {
    const { info } = sample.region;
    const own: Buffer[] = [];
    for (let key = starts[next]; key !== undefined && regionContains(info, key); key = starts[++next])
      if (key.compare(info.startKey) > 0) own.push(key);
    if (own.length + 1 < pieces / 2) return null;
    cuts.set(info.startKey.toString('hex'), own);
  }
  return cuts;
}
