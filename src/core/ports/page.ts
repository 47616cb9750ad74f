// A part of a list.

/** Keyset page, newest first: rows before the cursor, which is the `id` of the last row seen. */
export interface Page {
  readonly limit: number;
  readonly before: string | null;
}
