// Large buffers for reuse: allocating a megabyte per batch or answer costs more than filling it.

export interface BufferPool {
  /** A buffer of at least `size` bytes with memory of its own. */
  take(size: number): Buffer;
  /** Gives the memory under `view` back, once per take; a view of foreign memory is ignored. */
  give(view: Buffer): void;
}

/** `minSize`: what small requests get, so that all buffers fit all requests. `keep`: most free buffers held. */
export function createBufferPool(options: { minSize: number; keep: number }): BufferPool {
  const free: Buffer[] = [];
  const lent = new Set<ArrayBufferLike>();
  return {
    take(size) {
      const fitting = free.findIndex((buffer) => buffer.length >= size);
      const found = fitting === -1 ? undefined : free.splice(fitting, 1)[0];
      const buffer = found ?? Buffer.allocUnsafeSlow(Math.max(size, options.minSize));
      lent.add(buffer.buffer);
      return buffer;
    },
    give(view) {
      if (!lent.delete(view.buffer)) return;
      free.push(Buffer.from(view.buffer));
      // The smallest goes: what stays serves every request that the one let go could have served.
      if (free.length > options.keep) free.sort((a, b) => b.length - a.length).pop();
    },
  };
}
