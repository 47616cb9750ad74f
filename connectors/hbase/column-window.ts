// The window of a run whose increments go by a column's value, and what the report says of it.
import type { PlanRequest } from '../../src/core/connector/contract.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { Window } from '../../src/core/window.ts';
import { patternBelow } from './below-pattern.ts';
import type { SourceColumn } from './cell-decoder.ts';
import type { GrowingColumn } from './growing-column.ts';
import type { CellSelection } from './rpc/messages/selection.ts';
import type { SettledValue } from './settled-value.ts';

/** @throws SyncError MAPPING_INVALID when the field is the row key */
export function requireColumn({ field }: GrowingColumn, column: SourceColumn | null): SourceColumn {
  if (column !== null) return column;
  throw new SyncError('MAPPING_INVALID', {
    message: `planning increments by ${field.source}: it is the row key; name a column, or leave it blank to read by cell timestamp`,
    field: 'pkuse.incrementreadfields',
  });
}

/** A window never ends before it begins; without any settled value the next run reads all again. */
export function columnWindow(request: PlanRequest, settled: SettledValue): Window {
  const from = request.mode === 'full' ? null : request.base;
  const { position } = settled;
  if (position === null) return { from, to: request.base };
  return { from, to: Math.max(position, request.base ?? position) };
}

/** Rows from `from` on, as far as the server can tell; the rest is seen by the decoder's condition. */
export function selectFrom(
  growing: GrowingColumn,
  column: SourceColumn,
  { from, selection }: { readonly from: number; readonly selection: CellSelection },
): CellSelection {
  const pattern = patternBelow(growing, from);
  if (pattern === null) return selection;
  const [family, qualifier] = [Buffer.from(column.family), Buffer.from(column.qualifier)];
  const byValue = { kind: 'value-not-matching', family, qualifier, pattern } as const;
  const { filter } = selection;
  return {
    ...selection,
    filter: filter === undefined ? byValue : { kind: 'all', filters: [byValue, filter] },
  };
}

export function noteColumnWindow(growing: GrowingColumn, { from, to }: Window, whole: boolean): string[] {
  const { field, textOf } = growing;
  const name = field.source;
  const next =
    to === null
      ? `${whole ? `${name} has no value older than the lag` : `no value of ${name} older than the lag was found in the time for it`}: the next run reads all rows`
      : `the next run starts at ${name} ${textOf(to)}, the greatest value older than the lag${whole ? '' : ' that was found in the time for it'}`;
  if (from === null) return ['full read: whole rows by a scan', next];
  const where =
    patternBelow(growing, from) === null
      ? 'compared here, as servers cannot compare values of this encoding or map rule'
      : 'filtered on the servers';
  return [
    `increment by the value of ${name}: rows from ${textOf(from)} on, ${where}; rows without it are seen by full reads only`,
    next,
  ];
}
