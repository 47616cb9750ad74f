// Known regions of tables: per table an array in key order, without overlaps; of two that overlap the newer stays.
import { addressOf } from '../messages/server-name.ts';
import { regionEndsAtOrHolds } from './region-location.ts';
import type { RegionLocation, UsableLocation } from './region-location.ts';

export class RegionCache {
  readonly #tables = new Map<string, UsableLocation[]>();

  /** The region that holds the row `bytes[start, end)`, if it is known. */
  find(table: string, bytes: Uint8Array, start = 0, end = bytes.length): UsableLocation | undefined {
    const regions = this.#tables.get(table) ?? [];
    const location = regions[lastAtOrBefore(regions, bytes, start, end)];
    if (location === undefined) return undefined;
    const { endKey } = location.info;
    return endKey.length === 0 || endKey.compare(bytes, start, end) > 0 ? location : undefined;
  }

  /** The region that holds the last row before `row`, or the table's last row when that is empty, if it is known. */
  findBefore(table: string, row: Uint8Array): UsableLocation | undefined {
    const regions = this.#tables.get(table) ?? [];
    const at = row.length === 0 ? regions.length - 1 : lastAtOrBefore(regions, row);
    // A region that begins at the row has only later ones.
    const location =
      regions[at]?.info.startKey.equals(row) === true && at > 0 ? regions[at - 1] : regions[at];
    return location !== undefined && regionEndsAtOrHolds(location.info, row) ? location : undefined;
  }

  /** Takes a location in and drops all it overlaps, unless one of those is newer. */
  add(location: UsableLocation): void {
    const { table } = location.info;
    const regions = this.#tables.get(table) ?? [];
    const overlapping = regions.filter((known) => overlaps(known, location));
    if (overlapping.some((known) => known.info.regionId > location.info.regionId)) return;
    const kept = regions.filter((known) => !overlapping.includes(known));
    kept.splice(lastAtOrBefore(kept, location.info.startKey) + 1, 0, location);
    this.#tables.set(table, kept);
  }

  /** Takes in all regions of a table, given in key order, in the place of what was known of it. */
  replaceTable(table: string, locations: readonly UsableLocation[]): void {
    this.#tables.set(table, []);
    for (const location of locations) {
      const regions = this.#tables.get(table);
      const last = regions?.at(-1);
      if (last === undefined || !overlaps(last, location)) regions?.push(location);
      else this.add(location);
    }
  }

  /** Drops one region, if it is still known at this very place; was it? */
  remove(location: RegionLocation): boolean {
    const { table } = location.info;
    const regions = this.#tables.get(table) ?? [];
    const kept = regions.filter((known) => known !== location);
    this.#tables.set(table, kept);
    return kept.length < regions.length;
  }

  /** Drops all regions of a server. */
  removeServer(address: string): void {
    for (const [table, regions] of this.#tables) {
      this.#tables.set(
        table,
        regions.filter((known) => addressOf(known.server) !== address),
      );
    }
  }

  removeTable(table: string): void {
    this.#tables.delete(table);
  }
}

/** Do the key ranges share a row? An empty end key is after all rows. */
function overlaps(one: RegionLocation, other: RegionLocation): boolean {
  const startsBeforeEnd = (a: RegionLocation, b: RegionLocation): boolean =>
    b.info.endKey.length === 0 || a.info.startKey.compare(b.info.endKey) < 0;
  return startsBeforeEnd(one, other) && startsBeforeEnd(other, one);
}

/** Index of the last region whose start key is ≤ row; −1 when there is none. */
function lastAtOrBefore(
  regions: readonly RegionLocation[],
  row: Uint8Array,
  rowStart = 0,
  rowEnd = row.length,
): number {
  let [low, high] = [0, regions.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const start = regions[middle]?.info.startKey;
    if (start !== undefined && start.compare(row, rowStart, rowEnd) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
