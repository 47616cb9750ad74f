// What a run does about rows of the target that are gone in the source, or that their limitcondition lets pass no more: both are
// deletes to the target. Decided with the plan, and said in the run's report, here alone.
import type { PlanRequest, SourcePlan } from '../../../src/core/connector/contract.ts';
import type { Followed } from '../../../src/core/deletes.ts';
import { BEGINNING } from '../../../src/core/position.ts';
import type { Position } from '../../../src/core/position.ts';
import type { Text } from '../../../src/core/text.ts';
import type { Window } from '../../../src/core/window.ts';
import type { FieldMapping } from '../mapping/field-mapping.ts';
import type { GrowingColumn } from './growing-column.ts';
import { positionsOf } from './positions.ts';

/**
 * `ignore`: rows deleted in the source stay in the target. `markers`: followed while the source still knows of the delete.
 * `reconcile`: the keys of source and target are compared.
 */
export const deletePolicies = ['ignore', 'markers', 'reconcile'] as const;
export type DeletePolicy = (typeof deletePolicies)[number];

/** What of the source's configuration it depends on. */
interface Source {
  readonly deletes: DeletePolicy;
  readonly growing: GrowingColumn | null;
  readonly mapping: FieldMapping;
}

export interface FollowedDeletes {
  /** Rows may be gone since before an increment's window: it follows every marker, as a full read does. */
  readonly earlier: boolean;
  /** A row that was read and does not pass is told to the target as gone. */
  readonly removesRefused: boolean;
  readonly follows: Pick<SourcePlan, 'follows'>;
  readonly note: Text;
}

export function planDeletes(config: Source, request: PlanRequest, window: Window): FollowedDeletes {
  const { deletes } = config;
  const hasConditions = config.mapping.fields.some(({ condition }) => condition !== null);
  const earlier = hasEarlierDeletes(config, request, window);
  const { from } = window;
  const isPartial = earlier && hasConditions;
  return {
    earlier,
    removesRefused: hasConditions && removesRefused(config, request, window),
    follows: deletes === 'ignore' ? {} : { follows: followed(config, request, { from, isPartial }) },
    note: noteDeletes(config, window, hasConditions),
  };
}

/** Has the target rows whose deletes an increment does not find? A full read follows every marker. */
function hasEarlierDeletes(
  { deletes, growing }: Source,
  { deletesFrom }: PlanRequest,
  { from }: Window,
): boolean {
  if (deletes !== 'markers' || from === null || deletesFrom === undefined) return false;
  return deletesFrom === BEGINNING || positionsOf(growing).compare(deletesFrom, from) < 0;
}

/**
 * A comparison of keys finds such rows, too: in full reads, and by a column's value, where an increment does not meet them all. A
 * full read into a target that no run wrote to has none to remove.
 */
function removesRefused(
  { deletes, growing }: Source,
  { deletesFrom, previous }: PlanRequest,
  { from }: Window,
): boolean {
  if (deletes === 'ignore' || growing !== null) return false;
  if (from !== null) return true;
  return deletes === 'markers' && (deletesFrom !== undefined || previous !== undefined);
}

/**
 * Rows of before the window that pass no more have no marker. Who is not told from where on deletes are asked for, as by hand, follows
 * them from the window's start.
 */
function followed(
  { deletes }: Source,
  { deletesFrom }: PlanRequest,
  { from, isPartial }: { readonly from: Position | null; readonly isPartial: boolean },
): Followed {
  if (deletes === 'reconcile') return 'keys';
  return from === null || (deletesFrom !== undefined && !isPartial) ? 'all' : { since: from };
}

function noteDeletes({ deletes }: Source, { from }: Window, hasConditions: boolean): Text {
  if (deletes === 'ignore') return hasConditions ? ignoredWithConditions : ignored;
  if (deletes === 'markers') return byMarkers;
  return from === null ? byKeys : byKeysAndMarkers;
}

const lost: Text = {
  en: 'lost before a run sees them: markers that a major compaction, or a minor one of all files of a store, took away; and unseen: rows or columns that expired or were truncated, and single versions deleted after a run had read them, whose markers bear the time of the version',
  zh: '在运行看到之前会失去的：已被 major compaction 或合并某个 store 全部文件的 minor compaction 清除的标记；看不到的：过期或被 truncate 的行与列，以及在被读取之后才删除的单个版本（其标记带有该版本的时间）',
};
const ignored: Text = {
  en: 'deletes not followed: rows deleted in the source stay in the target',
  zh: '不跟随删除：源中已删除的行仍留在目标中',
};
const ignoredWithConditions: Text = {
  en: 'deletes not followed: rows deleted in the source, and rows that were sent and pass their limitcondition no more, stay in the target',
  zh: '不跟随删除：源中已删除的行，以及发送后不再满足 limitcondition 的行，仍留在目标中',
};
const byMarkers: Text = {
  en: `deletes followed by their markers; what has none stays in the target. ${lost.en}`,
  zh: `按删除标记同步删除；没有标记的仍留在目标中。${lost.zh}`,
};
const byKeys: Text = {
  en: 'deletes followed by comparing the keys of source and target',
  zh: '通过比对源与目标的键同步删除',
};
const byKeysAndMarkers: Text = {
  en: `deletes of rows followed by comparing the keys of source and target; of single columns, in an increment, by their markers at best. ${lost.en}`,
  zh: `通过比对源与目标的键同步行的删除；增量运行中单列的删除最多依据删除标记。${lost.zh}`,
};
