// Port: wake-ups of executors (memory, BullMQ).

export interface RunQueue {
  /** Tells some executor that the run may be claimed; of several that wait, one of a higher priority (0 if absent) goes first. Losing it is harmless: rescue finds the row. May throw QUEUE_UNREACHABLE. */
  wake(runId: string, priority?: number): Promise<void>;
  /** Calls `onWake` for wake-ups, `concurrency` at a time, until stopped. */
  listen(listener: { concurrency: number; onWake: (runId: string) => Promise<void> }): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
}
