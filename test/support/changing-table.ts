// A source table under change: versions with the instant they were stamped with and the later one they became visible at. A unique
// value belongs to each key, also while it has no row; two keys may exchange theirs.

export interface Version {
  readonly version: number;
  readonly at: number;
  readonly wroteAt: number;
  readonly visibleAt: number;
  /** The row is gone from here on. */
  readonly gone: boolean;
  readonly unique: string;
}

export interface Stamps {
  readonly from: number | null;
  readonly to: number;
}

/** A time before any server wrote. */
const LONG_AGO = -1000;

export class ChangingTable {
  readonly #rows = new Map<number, Version[]>();
  readonly #unique = new Map<number, string>();

  /** `delay`: how much later than written the version is visible; less than the lag of the readers. */
  write(key: number, now: number, delay: number): void {
    this.#add(key, { at: now, now, delay, gone: false });
  }

  /** A row that is there goes. */
  remove(key: number, now: number, delay: number): void {
    if (this.versions(key).at(-1)?.gone === false) this.#add(key, { at: now, now, delay, gone: true });
  }

  /** A new row whose writer stamps its cells with a time of the past; a row that was there would hide them. */
  writeLongAgo(key: number, now: number): void {
    if (this.versions(key).length === 0) this.#add(key, { at: LONG_AGO, now, delay: 0, gone: false });
  }

  /** A new row whose writer's clock is far ahead. */
  writeAhead(key: number, now: number, ahead: number): void {
    if (this.versions(key).length === 0) this.#add(key, { at: now + ahead, now, delay: 0, gone: false });
  }

  exchange(keys: readonly [number, number], now: number, delay: number): void {
    const [a, b] = keys;
    const [ofA, ofB] = [this.#uniqueOf(a), this.#uniqueOf(b)];
    this.#unique.set(a, ofB);
    this.#unique.set(b, ofA);
    for (const key of keys) if (this.versions(key).at(-1)?.gone === false) this.write(key, now, delay);
  }

  versions(key: number): readonly Version[] {
    return this.#rows.get(key) ?? [];
  }

  keys(): number[] {
    return [...this.#rows.keys()];
  }

  /** Keys with a version inside the window that is visible now: what a windowed scan finds. */
  changed({ from, to }: Stamps, now: number, counts: (row: Version) => boolean = () => true): number[] {
    const isFound = (row: Version): boolean =>
      row.visibleAt <= now && row.at >= (from ?? -Infinity) && row.at < to && counts(row);
    return this.keys().filter((key) => this.versions(key).some(isFound));
  }

  /** Whole rows are read unbounded: the newest visible version. */
  newest(key: number, now: number): Version | null {
    return this.versions(key).findLast((row) => row.visibleAt <= now) ?? null;
  }

  /** Rows whose newest cells bear a time that no server gave them: of long ago, or ahead of the clock. */
  countOdd(now: number): { readonly ahead: number; readonly behind: number } {
    const stamps = this.keys().map((key) => this.newest(key, now)?.at ?? 0);
    return { ahead: stamps.filter((at) => at > now).length, behind: stamps.filter((at) => at < 0).length };
  }

  #uniqueOf(key: number): string {
    return this.#unique.get(key) ?? `u${key}`;
  }

  #add(key: number, made: { at: number; now: number; delay: number; gone: boolean }): void {
    const versions = this.#rows.get(key) ?? [];
    const last = versions.at(-1);
    versions.push({
      version: (last?.version ?? 0) + 1,
      at: made.at,
      wroteAt: made.now,
      // One row's versions become visible in the order they were written.
      visibleAt: Math.max(made.now + made.delay, last?.visibleAt ?? 0),
      gone: made.gone,
      unique: this.#uniqueOf(key),
    });
    this.#rows.set(key, versions);
  }
}
