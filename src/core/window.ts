// The time range a run covers, in the source's clock: [from, to) milliseconds since the epoch.

/**
 * `from` null: a full read (no lower bound). `to` null: a source without a clock; the watermark stays NULL.
 * A full read has no upper bound either, but sets the watermark to `to`.
 */
export interface Window {
  readonly from: number | null;
  readonly to: number | null;
}
