// Memory that all threads can read, used again: the collector gives shared memory back too late for hundreds of MB a second.

/** Batches above this get memory of one size, so that any of it fits any of them. */
const REUSED_FROM_BYTES = 500_000;
export const REUSED_SIZE_BYTES = 1_000_000;

/** A batch in shared memory that may be larger than it. */
export interface SharedBytes {
  readonly memory: SharedArrayBuffer;
  readonly length: number;
}

export interface SharedMemory {
  /** A copy, in memory given back before if some is there. */
  copy(bytes: Uint8Array): SharedBytes;
  /** Memory that nobody reads any more. */
  give(memory: SharedArrayBuffer): void;
  /** One piece to give to another thread; null when none is free. */
  spare(): SharedArrayBuffer | null;
}

/** Holds at most `keep` free pieces. */
export function createSharedMemory(keep: number): SharedMemory {
  const free: SharedArrayBuffer[] = [];
  const take = (length: number): SharedArrayBuffer => {
    const reused = length > REUSED_FROM_BYTES && length <= REUSED_SIZE_BYTES;
    return (reused ? free.pop() : undefined) ?? new SharedArrayBuffer(reused ? REUSED_SIZE_BYTES : length);
  };
  return {
    copy(bytes) {
      const memory = take(bytes.length);
      new Uint8Array(memory).set(bytes);
      return { memory, length: bytes.length };
    },
    give(memory) {
      if (memory.byteLength === REUSED_SIZE_BYTES && free.length < keep) free.push(memory);
    },
    spare: () => free.pop() ?? null,
  };
}

export function viewOf(shared: SharedBytes): Buffer {
  return Buffer.from(shared.memory, 0, shared.length);
}
