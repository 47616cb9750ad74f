// What every TargetLedger must do, and every target before a run.
import { pluginChecks } from '../../connectors/conformance/target/plugin-checks.ts';
import { ledgerChecks, sqlLedgerChecks } from '../../connectors/conformance/target/target-checks.ts';
import { describeChecks } from './describe-checks.ts';
import type { OpenBed, TargetKind } from './sink-bed.ts';

export function describeTargetLedger(name: string, openBed: OpenBed, kind: TargetKind = 'sql'): void {
  const checks = kind === 'sql' ? sqlLedgerChecks : ledgerChecks;
  // The first check of the ledger needs a target without one.
  describeChecks(`the ledger in ${name}`, { openBed, kind }, [...checks, ...pluginChecks]);
}
