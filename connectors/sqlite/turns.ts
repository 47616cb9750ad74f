// Turns at a file's write lock, in the order of asking: without them one writer of a thread could keep the other waiting for ever.
const last = new Map<string, Promise<void>>();

/** Resolves when it is the caller's turn; the returned function ends it and must be called. */
export async function takeTurn(path: string): Promise<() => void> {
  const before = last.get(path) ?? Promise.resolve();
  let end: () => void = () => undefined;
  const mine = new Promise<void>((resolve) => (end = resolve));
  const queue = before.then(() => mine);
  last.set(path, queue);
  await before;
  return () => {
    if (last.get(path) === queue) last.delete(path);
    end();
  };
}
