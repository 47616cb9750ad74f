// What is different between a scan forwards and one backwards: where it begins, which region it enters, how it goes on.
//   forwards:  position = first key still wanted (inclusive)        next region: at the region's end key
//   backwards: position = key that all rows still wanted lie before next region: before the region's start key; empty = from the end
import { endBeforeRegion, keyAfter, maxRowKeyBytes, startBehindRegion } from '../key-range.ts';
import type { KeyRange } from '../key-range.ts';
import type { RegionInfo } from '../messages/region-info.ts';
import type { Scan } from '../messages/scan-request.ts';

type RegionBounds = Pick<RegionInfo, 'startKey' | 'endKey'>;

export interface Direction {
  /** Finds the region of a position. */
  readonly locate: 'locate' | 'locateBefore';
  begin(range: KeyRange): Buffer;
  bounds(
    position: Buffer,
    range: KeyRange,
  ): Pick<Scan, 'startRow' | 'includeStartRow' | 'stopRow' | 'includeStopRow' | 'reversed'>;
  /** The position behind a region read to its end; undefined: the scan is over. */
  leave(region: RegionBounds, range: KeyRange): Buffer | undefined;
  /** The position after a failure: `lastRow` is done, whatever of `position` lies before it too. */
  resume(lastRow: Buffer, position: Buffer): Buffer;
}

export const forwards: Direction = {
  locate: 'locate',
  begin: (range) => range.start,
  bounds: (position, range) => {
    // Only the longest possible key has no room for another byte.
    const includeStartRow = position.length <= maxRowKeyBytes;
    const startRow = includeStartRow ? position : position.subarray(0, maxRowKeyBytes);
    return { startRow, includeStartRow, stopRow: range.stop };
  },
  leave: (region, range) => startBehindRegion(region.endKey, range.stop),
  resume: (lastRow, position) => (lastRow.compare(position) >= 0 ? keyAfter(lastRow) : position),
};

export const backwards: Direction = {
  locate: 'locateBefore',
  begin: (range) => range.stop,
  bounds: (position, range) => ({
    reversed: true,
    startRow: position,
    includeStartRow: position.length === 0,
    stopRow: range.start,
    includeStopRow: true,
  }),
  leave: (region, range) => endBeforeRegion(region.startKey, range.start),
  resume: (lastRow, position) =>
    position.length === 0 || lastRow.compare(position) < 0 ? lastRow : position,
};
