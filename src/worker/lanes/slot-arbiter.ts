// Who may work on a server now: all tasks of the worker ask here, on the main thread, whatever lane they run in.
//   take ─► waiting ─room on server and cluster─► held ─give─► gone          the holder ends: all it holds or waits for is gone
// Room goes to the task that holds the fewest, of those to the one that waits longest: no job starves behind a larger one, and
// none waits for a server while another server has room.
import type { SlotRequest } from '../../core/connector/shared-slots.ts';

export interface SlotLimits {
  /** Work on one server at a time, by all tasks together. */
  readonly perServer: number;
  /** The same for all servers of a cluster. */
  readonly perCluster: number;
}

export interface SlotTicket extends SlotRequest {
  /** The task that asks. */
  readonly holder: number;
  /** Tells the holder's own requests apart. */
  readonly ask: number;
}

interface Waiter {
  readonly ticket: SlotTicket;
  readonly onGranted: () => void;
}

export class SlotArbiter {
  readonly #limits: SlotLimits;
  #held: SlotTicket[] = [];
  /** In the order they came. */
  #waiting: Waiter[] = [];

  constructor(limits: SlotLimits) {
    this.#limits = limits;
  }

  /** Calls `onGranted` once there is room, perhaps before it returns. */
  take(ticket: SlotTicket, onGranted: () => void): void {
    this.#waiting.push({ ticket, onGranted });
    this.#grant();
  }

  /** The work is done, or not wanted any more. */
  give(holder: number, ask: number): void {
    this.#drop((ticket) => ticket.holder === holder && ticket.ask === ask);
  }

  /** The task has ended, whichever way. */
  release(holder: number): void {
    this.#drop((ticket) => ticket.holder === holder);
  }

  /** Tickets that are remembered: held and waiting. */
  get size(): number {
    return this.#held.length + this.#waiting.length;
  }

  #drop(gone: (ticket: SlotTicket) => boolean): void {
    this.#held = this.#held.filter((ticket) => !gone(ticket));
    this.#waiting = this.#waiting.filter(({ ticket }) => !gone(ticket));
    this.#grant();
  }

  #grant(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const granted = next;
      this.#waiting = this.#waiting.filter((waiter) => waiter !== granted);
      this.#held.push(granted.ticket);
      granted.onGranted();
    }
  }

  #next(): Waiter | undefined {
    const fitting = this.#waiting.filter(({ ticket }) => this.#hasRoom(ticket));
    const heldBy = ({ ticket }: Waiter): number => this.#count(({ holder }) => holder === ticket.holder);
    return fitting.reduce<Waiter | undefined>(
      (best, waiter) => (best === undefined || heldBy(waiter) < heldBy(best) ? waiter : best),
      undefined,
    );
  }

  #hasRoom({ holder, server, cluster, perServer }: SlotTicket): boolean {
    const own = this.#count((held) => held.server === server && held.holder === holder);
    return (
      own < perServer &&
      this.#count((held) => held.server === server) < this.#limits.perServer &&
      this.#count((held) => held.cluster === cluster) < this.#limits.perCluster
    );
  }

  #count(which: (ticket: SlotTicket) => boolean): number {
    return this.#held.filter(which).length;
  }
}
