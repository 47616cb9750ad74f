// A short digest of what a target holds of a row: the ledger keeps it to see later whether the row was changed or restored by others.
import { createHash } from 'node:crypto';

/** Of the values as the target's driver gives them, in the order of the columns: equal while they are. */
export function digestRow(values: readonly unknown[]): string {
  const hash = createHash('sha256');
  for (const value of values) {
    const bytes = value instanceof Uint8Array ? value : Buffer.from(JSON.stringify(value));
    hash.update(`${bytes.length}:`).update(bytes);
  }
  return hash.digest('base64').slice(0, 16);
}
