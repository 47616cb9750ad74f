// The executor's side of a target file's ledger.
import { createDocumentLedger } from '../../src/core/ledger/document-access.ts';
import type { TargetLedger } from '../../src/core/ledger/ledger.ts';
import { isOvertaken, openLedgerFile } from './ledger-file.ts';

/** Another writer may be first; the decision is then taken again on what it wrote. */
const ATTEMPTS = 10;

export function openFileTargetLedger(target: string): TargetLedger {
  const file = openLedgerFile(target);
  return createDocumentLedger({
    look: () => file.look(),
    read: () => file.read(),
    change: async (work) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await file.change(({ ledger }) => work(ledger));
        } catch (error) {
          if (!isOvertaken(error) || attempt === ATTEMPTS) throw error;
        }
      }
    },
    close: () => Promise.resolve(),
  });
}
