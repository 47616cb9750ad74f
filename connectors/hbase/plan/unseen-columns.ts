// Mapped columns that no sampled row has: sparse ones and mistyped ones look alike, until one looks at the names around them.
import type { SourceColumn } from '../mapping/column-name.ts';
import type { Text } from '../../../src/core/text.ts';
import type { FieldMapping } from '../mapping/field-mapping.ts';
import type { TableSample } from './table-sample.ts';

/** A mapped column that nobody saw, beside one that was seen, is not mapped, and is called almost the same. */
export interface Suspect {
  /** Index of the mapping's entry. */
  readonly entry: number;
  /** `sourceFiled` as written. */
  readonly source: string;
  readonly column: SourceColumn;
  /** `family:qualifier` of the column that may have been meant. */
  readonly near: string;
}

export interface UnseenRequest {
  readonly mapping: FieldMapping;
  readonly columns: readonly (SourceColumn | null)[];
  readonly unseen: readonly number[];
  readonly sample: TableSample;
}

export function findSuspects({ mapping, columns, unseen, sample }: UnseenRequest): readonly Suspect[] {
  const mapped = new Set(columns.map((column) => (column === null ? '' : nameOf(column))));
  const free = [...sample.columns.keys()].filter((name) => !mapped.has(name));
  return unseen.flatMap((entry) => {
    const column = columns[entry] ?? null;
    const near = column === null ? undefined : free.find((name) => isNear(nameOf(column), name));
    if (column === null || near === undefined) return [];
    return [{ entry, source: mapping.fields[entry]?.source ?? '', column, near }];
  });
}

/** For the run's report and the connection test. */
export function noteUnseen(names: readonly string[], rows: number): Text {
  const list = names.join(', ');
  return { en: `not seen in ${rows} sampled rows: ${list}`, zh: `在抽样的 ${rows} 行中未出现：${list}` };
}

/** For the report of a full read that went to its end. */
export function noteAbsent(names: readonly string[], rows: number): Text {
  const list = names.join(', ');
  return { en: `in none of the ${rows} rows read: ${list}`, zh: `读取的 ${rows} 行中均无此列：${list}` };
}

function nameOf({ family, qualifier }: SourceColumn): string {
  return `${family}:${qualifier}`;
}

/** One typing error away, two in long names; the same qualifier in another family, too. Members of a series (c1, c2) are not. */
function isNear(wanted: string, seen: string): boolean {
  const [family, qualifier] = split(wanted);
  const [seenFamily, seenQualifier] = split(seen);
  if (family !== seenFamily) return qualifier === seenQualifier;
  if (withoutDigits(qualifier) === withoutDigits(seenQualifier)) return false;
  if (qualifier.toLowerCase() === seenQualifier.toLowerCase()) return true;
  const allowed = qualifier.length >= 7 ? 2 : qualifier.length >= 3 ? 1 : 0;
  return (
    Math.abs(qualifier.length - seenQualifier.length) <= allowed &&
    countTypos(qualifier, seenQualifier) <= allowed
  );
}

function split(name: string): readonly [string, string] {
  const colon = name.indexOf(':');
  return [name.slice(0, colon), name.slice(colon + 1)];
}

function withoutDigits(text: string): string {
  return text.replaceAll(/\d+/g, '#');
}

/** Letters left out, added, changed, or swapped with their neighbour (optimal string alignment). */
function countTypos(left: string, right: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const same = left[i - 1] === right[j - 1];
      const changed = (previous[j - 1] ?? 0) + (same ? 0 : 1);
      let typos = Math.min(changed, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1])
        typos = Math.min(typos, (before[j - 2] ?? 0) + 1);
      current.push(typos);
    }
    [before, previous] = [previous, current];
  }
  return previous[right.length] ?? 0;
}
