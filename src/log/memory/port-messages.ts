// What a lane and the memory log say to each other over a port: one request, one answer with the same id.
import type { ErrorShape } from '../../core/errors.ts';
import type { BatchLimit, NewTopic, PartitionOffset, PartitionRange } from '../../core/ports/record-log.ts';
import type { SharedBytes } from './shared-bytes.ts';

/** Batches are shared memory: a message carries no copy of them. */
export interface SharedBatch {
  readonly partition: number;
  readonly shared: SharedBytes;
  readonly from: number;
  readonly next: number;
}

/** Each act with what it asks and what it gets. `handle` names a producer or reader that the port opened. */
export interface PortActs {
  createTopic: { ask: NewTopic; get: null };
  readBatchLimit: { ask: { topic: string }; get: BatchLimit };
  readOffsets: {
    ask: { topic: string };
    get: { incarnation: string; partitions: readonly PartitionRange[] };
  };
  openProducer: { ask: null; get: number };
  append: {
    ask: { handle: number; topic: string; partition: number; shared: SharedBytes; records: number };
    /** Free memory for a later batch. */
    get: SharedArrayBuffer | null;
  };
  openReader: { ask: { topic: string; from: readonly PartitionOffset[] }; get: number };
  poll: { ask: { handle: number; maxWaitMs: number }; get: readonly SharedBatch[] };
  setPaused: { ask: { handle: number; partitions: readonly number[] }; get: null };
  /** Ends the poll that waits, as the abort of the reader's signal does within a thread. */
  stop: { ask: { handle: number }; get: null };
  close: { ask: { handle: number }; get: null };
}

export type PortAct = keyof PortActs;

export type PortRequest = {
  [Act in PortAct]: { readonly id: number; readonly act: Act; readonly ask: PortActs[Act]['ask'] };
}[PortAct];

export type PortAnswer =
  | { readonly id: number; readonly got: PortActs[PortAct]['get'] }
  | { readonly id: number; readonly error: ErrorShape };
