// The inboxes of a sink task's partitions: what was fetched goes in, units come out, each partition's one at a time and in turn.
import type { FetchedBatches } from '../../core/ports/record-log.ts';
import type { SinkInbox, Unit } from './sink-inbox.ts';

/** A unit below this waits up to LINGER_MS for more rows. */
const MIN_ROWS = 5_000;
export const LINGER_MS = 100;
/** A partition stops being fetched while more units wait, the open one included. */
const MAX_DEPTH = 1;

export class Inboxes {
  /** The next search begins with the first: a partition that gave a unit goes to the end. */
  readonly #inboxes: Map<number, SinkInbox>;
  readonly #busy = new Set<number>();

  constructor(inboxes: readonly SinkInbox[]) {
    this.#inboxes = new Map(inboxes.map((inbox) => [inbox.partition, inbox]));
  }

  /** Partitions that are to be left alone until a writer took something. */
  full(): readonly number[] {
    return [...this.#inboxes.values()]
      .filter(({ depth }) => depth > MAX_DEPTH)
      .map(({ partition }) => partition);
  }

  /** Throws RECORD_FOREIGN. */
  accept(fetched: FetchedBatches, now: number): void {
    this.#inboxes.get(fetched.partition)?.accept(fetched, now);
  }

  /** The next unit of a partition that nobody writes; null: none is ready. Give it back with `release`. */
  take(now: number): Unit | null {
    for (const [partition, inbox] of this.#inboxes) {
      if (this.#busy.has(partition)) continue;
      const unit = inbox.take(now, MIN_ROWS, LINGER_MS);
      if (unit === null) continue;
      this.#busy.add(partition);
      this.#inboxes.delete(partition);
      this.#inboxes.set(partition, inbox);
      return unit;
    }
    return null;
  }

  /** A partition waits while another is written. */
  isCrowded(): boolean {
    if (this.#busy.size === 0) return false;
    return [...this.#inboxes].some(([partition, { depth }]) => depth > 0 && !this.#busy.has(partition));
  }

  /** The unit was applied, or is given up. */
  release(unit: Unit): void {
    this.#busy.delete(unit.partition);
    this.#inboxes.get(unit.partition)?.release(unit);
  }
}
