// What a queued run waits for, looked up whenever somebody asks, so that it is always true.
import type { LimitInUse } from './limit.ts';

export type WaitsFor =
  /** Its delay, ms since 1970. */
  | { readonly kind: 'time'; readonly until: number }
  /** Another run of the job, which goes. */
  | { readonly kind: 'turn'; readonly runId: string }
  /** A place within a limit that is full. */
  | { readonly kind: 'limit'; readonly limit: LimitInUse }
  /** Nothing but an executor that has room; `name`: the one that was chosen, null: any. */
  | { readonly kind: 'executor'; readonly name: string | null };
