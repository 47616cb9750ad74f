// Calendars: on which days the jobs that name one may fire. Days are those of a schedule's own zone.
//
//  a day is open   where it stands in `include`, or is one of `weekdays` and stands not in `exclude`
//
// So the Chinese working days are MON-FRI without the holidays and with the working Saturdays.

export const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] as const;
export type Weekday = (typeof weekdays)[number];

export interface CalendarSpec {
  /** Its identity: jobs name it. */
  readonly name: string;
  readonly description: string;
  readonly weekdays: readonly Weekday[];
  readonly exclude: readonly DayRange[];
  readonly include: readonly DayRange[];
}

export interface DayRange {
  /** `2027-02-05`, the first day. */
  readonly from: string;
  /** The last; absent: the first. */
  readonly to?: string;
  /** What it is called. */
  readonly name?: string;
}

export interface Calendar {
  readonly spec: CalendarSpec;
  /** Raised by one with each change. */
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

const msPerDay = 86_400_000;

/** Days since 1970; null: there is no such day. */
export function dayOf(text: string): number | null {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  // Date.parse takes 30 February for 2 March.
  return Number.isNaN(at) || textOfDay(at / msPerDay) !== text ? null : at / msPerDay;
}

export function textOfDay(day: number): string {
  return new Date(day * msPerDay).toISOString().slice(0, 10);
}
