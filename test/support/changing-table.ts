// A source table under change: versions with the instant they were written and the later one they became visible at.

interface Version {
  readonly version: number;
  readonly at: number;
  readonly visibleAt: number;
}

export class ChangingTable {
  readonly #rows = new Map<number, Version[]>();

  /** `delay`: how much later than written the version is visible; less than the lag of the readers. */
  write(key: number, now: number, delay: number): void {
    const versions = this.#rows.get(key) ?? [];
    const last = versions.at(-1);
    versions.push({
      version: (last?.version ?? 0) + 1,
      at: now,
      // One row's versions become visible in the order they were written.
      visibleAt: Math.max(now + delay, last?.visibleAt ?? 0),
    });
    this.#rows.set(key, versions);
  }

  /** Keys with a version inside the window that is visible now: what a windowed scan finds. */
  changed(window: { readonly from: number | null; readonly to: number }, now: number): number[] {
    const { from, to } = window;
    return [...this.#rows]
      .filter(([, versions]) =>
        versions.some((row) => row.visibleAt <= now && row.at >= (from ?? 0) && row.at < to),
      )
      .map(([key]) => key);
  }

  /** Whole rows are read unbounded: the newest visible version, 0 when there is none. */
  newest(key: number, now: number): number {
    return (this.#rows.get(key) ?? []).findLast((row) => row.visibleAt <= now)?.version ?? 0;
  }

  /** What the target must hold at least once everything before `to` was synced. */
  due(to: number): [key: number, version: number][] {
    return [...this.#rows].map(([key, versions]) => [
      key,
      versions.findLast((row) => row.at < to)?.version ?? 0,
    ]);
  }
}
