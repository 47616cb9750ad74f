// Places that all tasks of a worker share, whatever thread they run in: how many of them may work on one server at a time.

export interface SlotRequest {
  /** host:port of the server that is worked on. */
  readonly server: string;
  /** Name of the cluster it belongs to: equal for all tasks that mean the same one. */
  readonly cluster: string;
  /** As many as the task wants on this server at most; the worker's own limits hold besides. */
  readonly perServer: number;
}

export interface SharedSlots {
  /** Runs `work` as soon as there is room for it on server and cluster. Rejects with the signal's reason when aborted before. */
  run<T>(request: SlotRequest, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}
