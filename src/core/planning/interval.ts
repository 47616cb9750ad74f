// Data intervals: every fire of a schedule owns the time [the fire before it, itself), which its attempts keep. A run by hand owns none.

/** ms; `from` null: there is no fire before. */
export interface Interval {
  readonly from: number | null;
  readonly to: number;
}
