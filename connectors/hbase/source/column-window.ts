// The window of a run whose increments go by a column's value, and what the report says of it.
import type { PlanRequest } from '../../../src/core/connector/contract.ts';
import { SyncError } from '../../../src/core/errors.ts';
import type { Text } from '../../../src/core/text.ts';
import type { Window } from '../../../src/core/window.ts';
import { patternBelow } from './below-pattern.ts';
import type { SourceColumn } from '../mapping/column-name.ts';
import { bytesOfName } from '../mapping/column-name.ts';
import type { GrowingColumn } from './growing-column.ts';
import type { CellSelection } from '../client/messages/selection.ts';
import type { SettledValue } from './settled-value.ts';

export const fullRead: Text = { en: 'full read: whole rows by a scan', zh: '全量读取：以扫描读取整行' };

/** @throws SyncError MAPPING_INVALID when the field is the row key */
export function requireColumn({ field }: GrowingColumn, column: SourceColumn | null): SourceColumn {
  if (column !== null) return column;
  throw new SyncError('MAPPING_INVALID', {
    message: `planning increments by ${field.source}: it is the row key; name a column, or leave it blank to read by cell timestamp`,
    field: 'pkuse.incrementreadfields',
  });
}

/** A window never ends before it begins; without any settled value the next run reads all again. */
export function columnWindow(growing: GrowingColumn, request: PlanRequest, settled: SettledValue): Window {
  const from = request.mode === 'full' ? null : request.base;
  const { position } = settled;
  if (position === null) return { from, to: request.base };
  const base = request.base === null ? position : growing.positionOf(request.base);
  return { from, to: growing.textOf(Math.max(position, base)) };
}

/** Rows from `from` on, as far as the server can tell; the rest is seen by the decoder's condition. */
export function selectFrom(
  growing: GrowingColumn,
  column: SourceColumn,
  { from, selection }: { readonly from: number; readonly selection: CellSelection },
): CellSelection {
  const pattern = patternBelow(growing, from);
  if (pattern === null) return selection;
  const [family, qualifier] = [bytesOfName(column.family), bytesOfName(column.qualifier)];
  const byValue = { kind: 'value-not-matching', family, qualifier, pattern } as const;
  const { filter } = selection;
  return {
    ...selection,
    filter: filter === undefined ? byValue : { kind: 'all', filters: [byValue, filter] },
  };
}

export function noteColumnWindow(growing: GrowingColumn, { from, to }: Window, whole: boolean): Text[] {
  const { field, positionOf } = growing;
  const name = field.source;
  const next: Text =
    to === null
      ? {
          en: `${whole ? `${name} has no value older than the lag` : `no value of ${name} older than the lag was found in the time for it`}: the next run reads all rows`,
          zh: `${whole ? `${name} 没有早于延迟（lag）的值` : `在限定时间内未找到 ${name} 早于延迟（lag）的值`}：下一次运行读取全部行`,
        }
      : {
          en: `the next run starts at ${name} ${to}, the greatest value older than the lag${whole ? '' : ' that was found in the time for it'}`,
          zh: `下一次运行从 ${name} ${to} 开始，即早于延迟（lag）的最大值${whole ? '' : '（在限定时间内找到的）'}`,
        };
  if (from === null) return [fullRead, next];
  const where: Text =
    patternBelow(growing, positionOf(from)) === null
      ? {
          en: 'compared here, as servers cannot compare values of this encoding or map rule',
          zh: '在本地比较，因为服务器不能比较该编码或映射规则的值',
        }
      : { en: 'filtered on the servers', zh: '在服务器端过滤' };
  return [
    {
      en: `increment by the value of ${name}: rows from ${from} on, ${where.en}; rows without it are seen by full reads only`,
      zh: `按 ${name} 的值增量：自 ${from} 起的行，${where.zh}；没有该列的行只在全量读取时可见`,
    },
    next,
  ];
}
