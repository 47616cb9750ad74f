// The lifecycle contract of everything that runs: scheduler, executor, worker, API.

export interface Service {
  readonly name: string;
  /** Resolves when it serves; throws SyncError when it can't. */
  start(): Promise<void>;
  /** Stops taking work, finishes or gives back what it holds, releases everything. Legal before start and twice. */
  stop(): Promise<void>;
}
