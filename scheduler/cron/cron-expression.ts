// A cron expression as it was parsed, and what is known of each of its fields.
import type { DayRule } from './cron-days.ts';

/** After this year nothing fires. */
export const lastYear = 2199;

/** Bits 0–29 and 30–59 of a minute's seconds or an hour's minutes. */
export interface Sixty {
  readonly low: number;
  readonly high: number;
}

export interface Cron {
  readonly seconds: Sixty;
  readonly minutes: Sixty;
  /** Bits 0–23. */
  readonly hours: number;
  readonly days: DayRule;
  /** Bits 1–12. */
  readonly months: number;
  /** Ascending; null: every year. */
  readonly years: readonly number[] | null;
}

export interface CronField {
  /** From 1. */
  readonly position: number;
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names of the values from `min` on. */
  readonly names: readonly string[];
  /** May a range run over the end, as in 22-2? */
  readonly wraps: boolean;
  readonly maxStep: number;
  /** For messages. */
  readonly allowed: string;
}
