// A schedule's text as it was parsed, and what is known of each field of a cron expression.
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
  /** Its second, minute or hour is `*` or has a step: it goes on through both passes of a clock put back. Else its times are fixed. */
  readonly interval: boolean;
}

/** What a schedule's text means. */
export type Timing =
  /** `ignored`: what stands in the text without a meaning, each as `field 6 (day-of-week): "DAY"`. */
  | { readonly kind: 'cron'; readonly cron: Cron; readonly ignored: readonly string[] }
  /** At each whole multiple since 1970, UTC. */
  | { readonly kind: 'rate'; readonly seconds: number }
  /** After the end of the job's last run. */
  | { readonly kind: 'delay'; readonly seconds: number };

export interface CronField {
  /** From 1. */
  readonly position: number;
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Where `n/step` ends. */
  readonly openEnd: number;
  /** Names of the values from `min` on. */
  readonly names: readonly string[];
  /** How many values a range that runs over the end comes round after, as in 22-2; null: it may not. */
  readonly turn: number | null;
  readonly maxStep: number;
  /** Text without a meaning is refused; else it is ignored, as Quartz does. */
  readonly strict: boolean;
  /** For messages. */
  readonly allowed: string;
  readonly example: string;
}
