// Small pieces of the completeness simulation: what a row, a fresh sink and a plan look like in it.
import { planDetail } from '../../src/worker/sink/plan-detail.ts';
import type { RowSchema } from '../../src/core/connector/field-type.ts';
import type { BeginControl } from '../../src/core/record/headers.ts';
import type { LedgerPlan } from '../../src/core/ledger/ledger.ts';

export const simulatedSchema: RowSchema = {
  fields: [
    { name: 'id', type: { kind: 'int32' }, optional: false },
    { name: 'version', type: { kind: 'int32' }, optional: false },
    { name: 'mapping', type: { kind: 'int32' }, optional: false },
    { name: 'unique', type: { kind: 'string', length: 10 }, optional: false },
    { name: 'plan', type: { kind: 'string', length: 10 }, optional: false },
  ],
  key: ['id'],
};

/** Index of the field that no two rows of the target have the same value in. */
export const UNIQUE_FIELD = 3;

export interface SimulatedRow {
  readonly key: number;
  readonly version: number;
  /** Of the mapping that made the row. */
  readonly mapping: number;
  readonly unique: string;
  readonly plan: string;
}

export function readSimulatedRow(row: string): SimulatedRow {
  const [key, version, mapping, unique = '', plan = ''] = row.split('\t');
  return { key: Number(key), version: Number(version), mapping: Number(mapping), unique, plan };
}

export function planOf(begin: BeginControl): LedgerPlan {
  return {
    id: begin.plan,
    splits: begin.splits,
    window: { from: begin.from, to: begin.to },
    detail: JSON.stringify(planDetail(begin)),
  };
}
