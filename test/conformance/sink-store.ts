// What every SinkStore must do: transactions, fence, positions, values, tables, removals, whole runs.
import {
  documentRowChecks,
  sqlRowChecks,
  tableChecks,
} from '../../connectors/conformance/target/target-checks.ts';
import { describeChecks } from './describe-checks.ts';
import type { OpenBed, TargetKind } from './sink-bed.ts';

export function describeSinkStore(name: string, openBed: OpenBed, kind: TargetKind = 'sql'): void {
  const checks = kind === 'sql' ? sqlRowChecks : [...documentRowChecks, ...tableChecks];
  describeChecks(`the store in ${name}`, { openBed, kind }, checks);
}
