// A run as the API shows it: what a user can do about its reason stands beside it.
import { hintOf } from '../core/errors.ts';
import type { Run, RunReason } from '../core/run.ts';

export interface ShownRun extends Omit<Run, 'reason'> {
  readonly reason: (RunReason & { readonly hint: ReturnType<typeof hintOf> }) | null;
}

export function showRun(run: Run): ShownRun {
  const { reason } = run;
  return { ...run, reason: reason === null ? null : { ...reason, hint: hintOf(reason.code) } };
}
