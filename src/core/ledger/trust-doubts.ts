// What keeps a run from being proved, by what its job may believe of its target (target-trust.ts), in words for the user.
import type { Followed } from '../deletes.ts';
import type { FoundRows } from './found-rows.ts';
import { BEGINNING } from '../position.ts';
import type { Position } from '../position.ts';
import { counted } from '../text.ts';
import type { Text } from '../text.ts';

export interface Gap {
  readonly from: Position | null;
  readonly to: Position;
}

export interface Remade {
  readonly since: Position | null;
  /** No full run was complete since. */
  readonly unread: boolean;
}

export interface Change {
  /** The job's version with which it came; null: nobody knows whether there was one (a run by hand). */
  readonly version: number | null;
  /** Watermark at that time. */
  readonly since: Position | null;
}

interface OpenRows {
  readonly open: readonly { readonly key: string }[];
  readonly openBeyond: number;
}

function shown(position: Position | null): Text {
  if (position === BEGINNING) return { en: 'the beginning', zh: '最初' };
  return { en: position ?? '–', zh: position ?? '–' };
}

export function doubtMapping({ version, since }: Change): Text {
  if (version === null)
    return {
      en: `a run was begun by hand, and whether it has the mapping of the rows unchanged since ${shown(since).en} is not known: run in full, or as a job`,
      zh: `曾手动启动运行，无法得知其映射是否与自 ${shown(since).zh} 起未变更的行相同：请全量运行，或以作业方式运行`,
    };
  return {
    en: `mapping changed in version ${version}: rows unchanged since ${shown(since).en} keep the old columns until the next full run`,
    zh: `映射在版本 ${version} 中改变：自 ${shown(since).zh} 起未变更的行仍保留旧列，直到下一次全量运行`,
  };
}

export function doubtAdded(columns: readonly string[]): Text {
  const names = columns.join(', ');
  return {
    en: `${names} came with later rows: rows that were there hold NULL in ${columns.length === 1 ? 'it' : 'them'} unless they were read since`,
    zh: `${names} 是后来的行才有的列：此前已有、此后未再读取的行在其中为 NULL`,
  };
}

export function doubtSaid({ en, zh }: Text): Text {
  return {
    en: `in doubt since an earlier run, until a full one: ${en}`,
    zh: `自此前的运行起存疑，直到下一次全量运行：${zh}`,
  };
}

export function doubtFormer({ version }: Change): Text {
  if (version === null)
    return {
      en: 'a run was begun by hand, and whether it has the source, target and key mapping of the rows of before is not known: rows that the source does not have may be in the target; compare keys, where its source can, or empty the target and run in full',
      zh: '曾手动启动运行，无法得知其源、目标和主键映射是否与此前的行相同：目标中可能有源没有的行；请在源支持时比对主键，或清空目标后全量运行',
    };
  return {
    en: `a run of version ${version} had another source, target or key mapping than the one before, or other values in its templates: rows of before, which the source may not have, are still in the target; empty it and run in full, or compare keys, where its source can`,
    zh: `版本 ${version} 的一次运行与其前一次相比，源、目标、主键映射或模板的取值不同：此前写入、源可能没有的行仍在目标中；请清空目标后全量运行，或在源支持时比对主键`,
  };
}

export const doubtForeign: Text = {
  en: 'rows were in the target before the first run of this job, which the source may not have; empty it and run in full, or compare keys, where its source can',
  zh: '本作业首次运行之前目标中已有行，源可能没有这些行；请清空目标后全量运行，或在源支持时比对主键',
};

export function doubtGap({ from, to }: Gap): Text {
  return {
    en: `the watermark was moved by hand from ${shown(from).en} to ${to}: changes between are not read until the next full run`,
    zh: `水位线被手动从 ${shown(from).zh} 移到 ${to}：其间的变更在下一次全量运行之前不会读取`,
  };
}

export function doubtOpen({ open, openBeyond }: OpenRows): Text {
  const rows = open.length + openBeyond;
  if (open.length === 0)
    return {
      en: `${isOrAre(rows, 'refused row')} open ${rows === 1 ? 'whose key was not kept: it stays so until a full run comes through without it' : 'whose keys were not kept: they stay so until a full run comes through without them'}`,
      zh: `有 ${rows} 行被拒绝且尚未解决，其键未保留：直到全量运行未再遇到它们`,
    };
  const keys = firstKeys({ keys: open.slice(0, 3).map(({ key }) => key) });
  return {
    en: `${isOrAre(rows, 'refused row')} open${keys.en}: each stays so until a run writes it, it is gone, or a full run comes through without it`,
    zh: `有 ${rows} 行被拒绝且尚未解决${keys.zh}：直到某次运行写入它、它消失，或全量运行未再遇到它`,
  };
}

function isOrAre(rows: number, one: string): string {
  return `${counted(rows, one)} ${rows === 1 ? 'is' : 'are'}`;
}

function firstKeys({ keys }: Pick<FoundRows, 'keys'>): Text {
  const all = (without: string): string => keys.map((key) => (key === '' ? without : key)).join(', ');
  return { en: ` (first keys: ${all('NULL or empty')})`, zh: `（前几个键：${all('NULL 或空')}）` };
}

export function doubtLost(found: FoundRows): Text {
  const { rows } = found;
  const { en, zh } = firstKeys(found);
  return {
    en: `${rows} of the rows that this job wrote and looked for again ${rows === 1 ? 'is' : 'are'} not in the target any more${en}: somebody removed rows there; only a full run brings them back`,
    zh: `本作业写入并再次查找的行中有 ${rows} 行已不在目标中${zh}：有人删除了目标中的行；只有全量运行才能恢复`,
  };
}

export function doubtOverwritten(found: FoundRows): Text {
  const { rows } = found;
  const { en, zh } = firstKeys(found);
  return {
    en: `${rows} of the rows that this job wrote and looked at again ${rows === 1 ? 'holds' : 'hold'} other values than it left${en}: somebody changed rows in the target, or restored older ones; only a full run puts them right`,
    zh: `本作业写入并再次查看的行中有 ${rows} 行的值与其写入时不同${zh}：有人修改了目标中的行或恢复了旧行；只有全量运行才能纠正`,
  };
}

export const doubtBlind: Text = {
  en: 'none of the rows that this job wrote last is known any more (all were deleted since, or their keys are too long to be kept): whether somebody emptied or restored the target is not noticed until a full run',
  zh: '本作业最近写入的行均已无从查找（此后都被删除，或主键过长无法保留）：在下一次全量运行之前无法察觉目标是否被清空或恢复',
};

export const doubtLacking: Text = {
  en: 'the target lacks rows that the source had before the window ended: they were written with timestamps of the past, or refused or removed in the target; run the job with mode full',
  zh: '目标缺少源中在窗口结束之前就已有的行：它们以过去的时间戳写入，或被目标拒绝或移除；请以 full 模式运行该作业',
};

export function doubtStray(rows: number): Text {
  return {
    en: `a run that failed had written ${counted(rows, 'row')} more than its source counted: rows that the source does not have may be in the target; empty it and run in full, or compare keys, where its source can`,
    zh: `某次失败的运行写入的行比源所计多 ${rows} 行：目标中可能有源没有的行；请清空目标后全量运行，或在源支持时比对主键`,
  };
}

export const doubtAltered: Text = {
  en: 'the target table was, or may have been, altered or made anew since a run of this job was planned: values that were cut or converted, or rows of an older copy, are put right by a full run only',
  zh: '自本作业上一次规划运行以来，目标表已被（或可能被）修改结构或重建：被截断或转换的值，以及旧副本中的行，只有全量运行才能纠正',
};

export function doubtRemade({ since }: Remade): Text {
  return {
    en: `the source table was, or may have been, made anew since ${shown(since).en}: rows of it that no increment reads may be missing or old in the target, and rows of before may still be there; run once with mode full`,
    zh: `自 ${shown(since).zh} 起，源表已被（或可能被）重建：增量不会读取的行在目标中可能缺失或为旧值，此前的行也可能仍在目标中；请以 full 模式运行一次`,
  };
}

export function doubtBeforeRemade({ since }: Remade): Text {
  return {
    en: `rows of the source table as it was before it was made anew (since ${shown(since).en}) may still be in the target: they left no trace to follow; empty it and run in full, or compare keys, where its source can`,
    zh: `源表重建（自 ${shown(since).zh} 起）之前的行可能仍在目标中：它们没有留下可同步的删除痕迹；请清空目标后全量运行，或在源支持时比对主键`,
  };
}

export function doubtDeletes(deletesFrom: Position | null, follows: Followed): Text {
  const asked = shown(deletesFrom);
  const from = typeof follows === 'string' ? follows : follows.since;
  return {
    en: `rows deleted in the source since ${asked.en} may still be in the target: this run followed deletes from ${from} on only; compare keys, where its source can`,
    zh: `源中自 ${asked.zh} 起删除的行可能仍在目标中：本次运行只跟随了 ${from} 之后的删除；请在源支持时比对主键`,
  };
}
