// What the worker needs of every sink: declared here once, joined to each sink's own keys.
import type { ValueOf } from './config.ts';
import { config, flag, list, whole } from './config.ts';
import { KEY } from './keys.ts';

/** Of the target's rows. */
const REMOVAL_PERCENT = 20;
const DEFAULT_BATCH_ROWS = 20_000;

/** Connect's own key; a sink that makes its table's name of the topic reads it too. */
export const topicsKey = list(KEY.topics, {
  default: '',
  importance: 'HIGH',
  doc: { en: 'Topics to read, separated by commas.', zh: '要读取的 topic，以逗号分隔。' },
  displayName: 'Topics',
  width: 'LONG',
  group: 'Common',
});

export type EverySink = ValueOf<ReturnType<typeof everySink>>;

/** `batchRows`: the default of the sink, where it writes best with other transactions than most. */
export function everySink(batchRows = DEFAULT_BATCH_ROWS) {
  const group = 'Writing';
  return config({
    batchRows: whole(KEY.batchSize, {
      default: batchRows,
      min: 1,
      max: 100_000,
      doc: { en: 'Most rows of one transaction.', zh: '一个事务最多写入的行数。' },
      group,
      displayName: 'Batch size',
    }),
    retryMs: whole(KEY.retryMs, {
      default: 60_000,
      min: 1,
      max: 3_600_000,
      importance: 'LOW',
      doc: {
        en: 'A transaction that fails for so long, in milliseconds, for reasons that may pass, fails the run.',
        zh: '事务因可能恢复的原因持续失败达到该时长（毫秒）后，运行失败。',
      },
      group,
      displayName: 'Try again for',
    }),
    keysMayMerge: flag(KEY.keysMayMerge, {
      default: 'false',
      importance: 'LOW',
      doc: {
        en: 'Accept a target key under which different source keys can be one row; its runs are delivered, not proved.',
        zh: '接受可能把不同源键合并为同一行的目标键；此类运行为“已送达”，不为“已证明”。',
      },
      group,
      displayName: 'Keys may merge',
    }),
    removalLimit: whole(KEY.removalLimit, {
      default: REMOVAL_PERCENT,
      min: 1,
      max: 100,
      doc: {
        en: 'Where the source compares keys: the most rows of the target, in percent, that a run may remove; beyond it the run fails and removes none. Up to 50 rows may always go, but never all. 100: no limit.',
        zh: '源比对键时，一次运行最多可删除的目标行百分比；超出则运行失败且不删除任何行。50 行以内始终允许，但不允许删光；100 表示不限。',
      },
      group,
      displayName: 'Removal limit',
    }),
    dirtyLimit: whole(KEY.dirtyLimit, {
      default: 0,
      min: 0,
      type: 'LONG',
      doc: {
        en: 'Rows that may be refused before the run fails; they are kept beside the ledger. A job says it as policy.dirtyLimit.',
        zh: '运行失败前允许被拒绝的行数，被拒绝的行保存在账本旁；作业中以 policy.dirtyLimit 设置。',
      },
      group,
      displayName: 'Dirty rows allowed',
    }),
  });
}
