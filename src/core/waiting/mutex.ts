// Work on the same name runs one after the other, in the order it was asked for.

export type Mutex = <T>(name: string, work: () => Promise<T>) => Promise<T>;

export function createMutex(): Mutex {
  const last = new Map<string, Promise<unknown>>();
  return async (name, work) => {
    const before = last.get(name) ?? Promise.resolve();
    const mine = before.then(work, work);
    last.set(name, mine);
    try {
      return await mine;
    } finally {
      if (last.get(name) === mine) last.delete(name);
    }
  };
}
