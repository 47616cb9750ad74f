// Work on something that must be closed afterwards: whatever fails, all of it is closed, and the first error is the one that is told.

export interface Closable {
  close(): Promise<void>;
}

/** Does `work`, then closes what `open` holds by then, the last first. Throws the work's error, else the first of a close. */
export async function closeAll<T>(work: () => Promise<T>, open: readonly Closable[]): Promise<T> {
  const errors: unknown[] = [];
  let result: { readonly value: T } | null = null;
  try {
    result = { value: await work() };
  } catch (error) {
    errors.push(error);
  }
  for (const each of [...open].reverse()) await each.close().catch((error: unknown) => errors.push(error));
  if (result !== null && errors.length === 0) return result.value;
  throw errors[0];
}
