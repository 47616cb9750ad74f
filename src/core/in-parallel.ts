/**
 * Does `work` on every item, so many at a time, in their order. Rejects as soon as one does; what is under way then goes on, and
 * the other places go on taking items: whoever must end sooner gives `work` a signal.
 */
export async function inParallel<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values();
  const place = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, place));
}
