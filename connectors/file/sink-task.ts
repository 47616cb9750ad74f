// One writer of a target file: rows become lines at its end, in the same commit as the ledger's change. A file only grows: the lines of
// a run stand behind all that was there, and those of a read that was begun again stay, too; then the run is not proved, and says so.
import { counted } from '../../src/core/text.ts';
import type { Finding } from '../../src/core/connector/check-steps.ts';
import type { Field, RowSchema } from '../../src/core/connector/field-type.ts';
import { createDocumentTransaction, requireRun } from '../../src/core/ledger/document-transaction.ts';
import type { SinkStore, SinkTransaction } from '../../src/core/connector/sink-store.ts';
import type { Text } from '../../src/core/text.ts';
import type { LedgerDraft } from './ledger-file.ts';
import { foreseeSize, openLedgerFile } from './ledger-file.ts';
import { writeLines } from './lines.ts';

const appended: Text = {
  en: 'lines are appended: a full run adds every line again',
  zh: '按行追加：全量运行会再次写入每一行',
};

const changed: Text = {
  en: 'something else wrote to the file, cut it or removed it since the last run: an increment fails (TARGET_CHANGED), a full run writes every line again',
  zh: '自上次运行以来，文件被其他程序写入、截断或删除：增量运行会失败（TARGET_CHANGED），全量运行会重新写入每一行',
};

export function openFileSinkStore(target: string): SinkStore {
  const file = openLedgerFile(target);
  let fields: readonly Field[] = [];
  return {
    prepareTable: (schema) => {
      fields = schema.fields;
      return Promise.resolve({ doubts: [], notes: [appended], key: [], replaceable: false });
    },
    transaction: (work) =>
      file.change((draft) => work(createTransaction(draft, { fields, mark: () => file.mark() }))),
    close: () => Promise.resolve(),
  };
}

function createTransaction(
  draft: LedgerDraft,
  { fields, mark }: { readonly fields: readonly Field[]; readonly mark: () => Promise<string> },
): SinkTransaction {
  const { ledger, rows, size } = draft;
  const transaction = createDocumentTransaction(ledger, {
    writeRows: (batch) => Promise.resolve(writeLines(rows, batch, fields)),
    // Lines have no key to look for; whether the file is as it was left is seen by its length.
    digestRows: (batch) => Promise.resolve(new Array<string>(batch.rows).fill('')),
    markTable: mark,
    isEmpty: () => Promise.resolve(size === 0 && rows.length === 0),
  });
  return {
    ...transaction,
    setPlan: async (key, plan) => {
      const isFirst = requireRun(ledger, key).plan === null;
      await transaction.setPlan(key, plan);
      if (!isFirst) return;
      // A full run brings every line; an increment rests on those that are there.
      if (plan.window.from === null) draft.adopt();
      else await draft.requireAsLeft();
      if (size > 0) await transaction.addDoubts(key, [sayBefore(size)]);
    },
    completeRun: async (key, to) => {
      await draft.requireAsLeft();
      const isComplete = await transaction.completeRun(key, to);
      if (isComplete) draft.endRun();
      return isComplete;
    },
  };
}

/** What a run that writes such rows would meet, as a step of the check. */
export async function foreseeLines(target: string, { fields }: RowSchema): Promise<Finding<null>> {
  const { size, isAsLeft } = await foreseeSize(target);
  const [only] = fields;
  const noNull =
    fields.length === 1 && only?.optional === true ? `; a row without ${only.name} is refused` : '';
  const doubts = [...(isAsLeft ? [] : [changed]), ...(size > 0 ? [sayBefore(size)] : [])];
  return { detail: `${appended.en}${noNull}`, doubts, value: null };
}

function sayBefore(bytes: number): Text {
  return {
    en: `the file held ${counted(bytes, 'byte')} when this run began: its lines stand behind those, also where they are the same`,
    zh: `本次运行开始时文件已有 ${bytes} 字节：本次的行追加在其后，内容相同的行也会重复`,
  };
}
