// The header lists of the records a source sends; `currentIndex` always last.
import { HEADER } from '../../core/record/headers.ts';

export type HeaderList = readonly (readonly [string, string])[];

/** Headers that all rows of one split attempt have in common. */
export function rowHeaders(row: { taskId: string; predictedTotal: string; split: string }): HeaderList {
  return [
    [HEADER.taskId, row.taskId],
    [HEADER.predictedTotal, row.predictedTotal],
    [HEADER.isEnd, 'false'],
    [HEADER.split, row.split],
  ];
}

/** Headers of one record that is not an ordinary row. */
export function markedHeaders(
  common: HeaderList,
  record: { currentIndex: number; isEnd: boolean; mark: readonly [string, string] | null },
): HeaderList {
  return [
    ...common.map(([name, value]) => [name, name === HEADER.isEnd ? String(record.isEnd) : value] as const),
    ...(record.mark === null ? [] : [record.mark]),
    [HEADER.currentIndex, String(record.currentIndex)],
  ];
}
