// What every target must do, whoever wrote it: `for (const { name, run } of sqlTargetChecks(openBed)) test(name, run)`, with any test runner.
import { onOwnBeds, type Check } from '../check.ts';
import { beginChecks, byHandChecks } from './begin-checks.ts';
import { compareChecks, deleteChecks } from './delete-checks.ts';
import { documentChecks, type DocumentTargetBed } from './document-checks.ts';
import { fieldValuesChecks } from './field-values-checks.ts';
import { keysChecks, otherKeysChecks } from './key-checks.ts';
import { abortChecks, historyChecks, upkeepChecks } from './ledger-checks.ts';
import { lookingChecks } from './look-checks.ts';
import { pluginChecks } from './plugin-checks.ts';
import { insertModesChecks, refusalsChecks } from './refusal-checks.ts';
import { restoredRowsChecks } from './restored-rows.ts';
import { runChecks } from './run-checks.ts';
import {
  completionChecks,
  fenceChecks,
  ledgerRowsChecks,
  overtakingChecks,
  transactionsChecks,
} from './store-checks.ts';
import {
  alteredChecks,
  evolvedChecks,
  fitChecks,
  makingChecks,
  marksChecks,
  sourceKeysChecks,
} from './table-checks.ts';
import type { SqlTargetBed, SqlTargetCheck, TargetCheck } from './target-bed.ts';
import { namesChecks, numberChecks, textChecks } from './value-checks.ts';

/** Of any target's ledger. The first one needs a place without a ledger. */
export const ledgerChecks: readonly TargetCheck[] = [
  ...lookingChecks,
  ...beginChecks,
  ...byHandChecks,
  ...abortChecks,
  ...upkeepChecks,
];

export const sqlLedgerChecks: readonly SqlTargetCheck[] = [...ledgerChecks, ...historyChecks];

/** Of any target's rows. */
export const rowChecks: readonly TargetCheck[] = [
  ...transactionsChecks,
  ...completionChecks,
  ...ledgerRowsChecks,
  ...textChecks,
  ...numberChecks,
  ...refusalsChecks,
  ...fieldValuesChecks,
  ...deleteChecks,
  ...restoredRowsChecks,
  ...runChecks,
];

/** Of targets that are tables: of columns or of cells. */
export const tableChecks: readonly TargetCheck[] = [...makingChecks, ...sourceKeysChecks];

/** Of targets whose transactions don't lock one another out. */
export const documentRowChecks: readonly TargetCheck[] = [...rowChecks, ...overtakingChecks];

export const sqlRowChecks: readonly SqlTargetCheck[] = [
  ...rowChecks,
  ...tableChecks,
  ...namesChecks,
  ...insertModesChecks,
  ...fitChecks,
  ...marksChecks,
  ...alteredChecks,
  ...evolvedChecks,
  ...keysChecks,
  ...otherKeysChecks,
  ...compareChecks,
  ...fenceChecks,
];

/** Of a target that `defineSqlTarget` gives. */
export function sqlTargetChecks(openBed: () => Promise<SqlTargetBed> | SqlTargetBed): readonly Check[] {
  return onOwnBeds([...pluginChecks, ...sqlLedgerChecks, ...sqlRowChecks], openBed);
}

/** Of a target that `defineDocumentTarget` gives. */
export function documentTargetChecks(
  openBed: () => Promise<DocumentTargetBed> | DocumentTargetBed,
): readonly Check[] {
  return onOwnBeds([...pluginChecks, ...ledgerChecks, ...documentRowChecks, ...documentChecks], openBed);
}
