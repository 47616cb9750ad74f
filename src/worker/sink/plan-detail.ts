// What the ledger keeps of a plan as it was given: a sink that restarts inside a split reads it back, and the run's end needs it.
import type { Followed } from '../../core/deletes.ts';
import type { RowSchema } from '../../core/connector/field-type.ts';
import type { BeginControl, ValueFormat } from '../../core/record/headers.ts';
import type { LedgerPlan } from '../../core/ledger/ledger.ts';

interface PlanDetail {
  readonly format: ValueFormat;
  readonly schema: RowSchema;
  readonly follows: Followed | null;
  readonly sourceMark: string | null;
}

export function planDetail({ format, schema, follows, sourceMark }: BeginControl): PlanDetail {
  return { format, schema, follows, sourceMark };
}

export function readPlanDetail({ detail }: LedgerPlan): PlanDetail {
  return JSON.parse(detail) as PlanDetail;
}
