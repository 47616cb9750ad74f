// From the mapping's names to the table's columns: families are checked against the descriptor, qualifiers against a sample.
//   family:qualifier ─► the family must exist
//   bare qualifier ─► seen in one family: that one · in several: refused, naming them
//                  ─► seen nowhere: the row key if columnsKey names it · else the only family · else refused
//   A column that no sampled row has may be sparse: accepted and said, unless it looks mistyped and no row at all has it.
// What the names came to mean is kept in the plan's splits and means the same in later plans, whatever a sample holds by then; rows
// that contradict it fail the run (cell-decoder.ts).
import { SyncError } from '../../../src/core/errors.ts';
import type { Text } from '../../../src/core/text.ts';
import type { SourceColumn } from './column-name.ts';
import type { FieldMapping, MappedField } from './field-mapping.ts';
import { isRowKey, namesColumn, needsWholeRow } from './pseudo-field.ts';
import type { TableSample } from '../plan/table-sample.ts';
import { findSuspects, noteUnseen } from '../plan/unseen-columns.ts';
import type { Suspect } from '../plan/unseen-columns.ts';

export interface ResolvedColumns {
  /** By field of the mapping; null = the row key, or a pseudo field that names no column. */
  readonly columns: readonly (SourceColumn | null)[];
  /** For the run report. */
  readonly notes: readonly Text[];
  /** The table was empty and some names are bare: what they mean is not known, so rows that appear later fail the run. */
  readonly guessed: boolean;
  /** Fields whose column is in no sampled row, by index; none when the table is empty. */
  readonly unseen: readonly number[];
  /** Those of them that look like a mistyped name: refused if the table has no such cell (typo-check.ts). */
  readonly suspects: readonly Suspect[];
}

export interface ResolutionRequest {
  readonly mapping: FieldMapping;
  readonly table: string;
  readonly families: readonly string[];
  readonly sample: TableSample;
  /** What the names meant in the job's last plan, by `sourceFiled`; null = the row key. Default: there was none. */
  readonly earlier?: ReadonlyMap<string, SourceColumn | null>;
}

/** @throws SyncError MAPPING_INVALID with every name that has no meaning */
export function resolveColumns(request: ResolutionRequest): ResolvedColumns {
  const { mapping, sample, table, earlier = new Map<string, SourceColumn | null>() } = request;
  const isKnown = ({ source }: MappedField): boolean => earlier.has(source);
  const problems: string[] = [];
  const notes: Text[] = [];
  const columns = mapping.fields.map((field, index) => {
    const found = resolveField(field, request);
    if ('problem' in found) {
      problems.push(`entry ${index + 1}, sourceFiled '${field.source}': ${found.problem}`);
      return null;
    }
    if (found.note !== undefined) notes.push(found.note);
    return found.column;
  });
  const mapped = columns.filter((column) => column !== null);
  if (
    problems.length === 0 &&
    sample.rows > 0 &&
    mapped.length > 0 &&
    !mapping.fields.some(needsWholeRow) &&
    !mapping.fields.some(isKnown) &&
    !mapped.some((column) => isSeen(column, sample))
  )
    problems.push(
      `none of the mapped columns is in ${sample.rows} sampled rows; they have ${listSome([...sample.columns.keys()])}`,
    );
  if (problems.length > 0)
    throw new SyncError('MAPPING_INVALID', {
      message: `resolving the columns of ${table}: ${problems.join('; ')}`,
      field: 'pkuse.hbase.filed.mapping',
    });
  const guessed =
    sample.rows === 0 &&
    mapping.fields.some((field) => field.family === null && namesColumn(field) && !isKnown(field));
  if (guessed && !sample.complete)
    throw new SyncError('MAPPING_INVALID', {
      message: `resolving the columns of ${table}: no row was found in the time for it (rows that were deleted are passed over slowly until a major compaction), so bare names can't be looked up; write family:qualifier`,
      field: 'pkuse.hbase.filed.mapping',
    });
  const unseen = [...columns.keys()].filter((index) => {
    const column = columns[index] ?? null;
    return sample.rows > 0 && column !== null && !isSeen(column, sample);
  });
  const names = unseen.map((index) => describeColumn(columns[index] ?? null));
  if (names.length > 0) notes.push(noteUnseen(names, sample.rows));
  const suspects = findSuspects({ mapping, columns, unseen, sample });
  return { columns, notes, guessed, unseen, suspects: suspects.filter(({ source }) => !earlier.has(source)) };
}

type Found = { readonly column: SourceColumn | null; readonly note?: Text } | { readonly problem: string };

function resolveField(field: MappedField, request: ResolutionRequest): Found {
  const { mapping, families, sample, earlier } = request;
  const { qualifier, source, pseudo } = field;
  const family = pseudo?.kind === 'family' ? pseudo.family : field.family;
  if (family !== null && !families.includes(family))
    return { problem: `no family '${family}'; the table has ${families.join(', ')}` };
  if (pseudo !== null && pseudo.kind !== 'cell-time') return { column: null };
  if (family !== null) return { column: { family, qualifier } };
  const known = earlier?.get(source);
  if (known === null && source === mapping.keyName) return isTheRowKey(source);
  if (known != null && families.includes(known.family)) return { column: known };
  const candidates = families.filter((name) => sample.columns.has(`${name}:${qualifier}`));
  const [first, second] = candidates;
  if (second !== undefined)
    return {
      problem: `found in ${candidates.length} families: write ${candidates.map((name) => `${name}:${qualifier}`).join(' or ')}`,
    };
  if (first !== undefined) return { column: { family: first, qualifier } };
  if (source === mapping.keyName) return isTheRowKey(source);
  const [only] = families;
  if (only !== undefined && families.length === 1) return { column: { family: only, qualifier } };
  if (sample.rows === 0) return { column: { family: only ?? '', qualifier } };
  return {
    problem: `not in ${sample.rows} sampled rows, and the table has several families: write family:${qualifier}`,
  };
}

function isTheRowKey(source: string): Found {
  return { column: null, note: { en: `${source} is the row key`, zh: `${source} 为行键` } };
}

function isSeen({ family, qualifier }: SourceColumn, sample: TableSample): boolean {
  return sample.columns.has(`${family}:${qualifier}`);
}

function listSome(names: readonly string[]): string {
  const shown = names.slice(0, 10).join(', ');
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown;
}

/** For people: where a field's value comes from. */
export function describeSource(field: MappedField, column: SourceColumn | null): string {
  const isPlain = field.pseudo === null || isRowKey(field, column);
  return isPlain ? describeColumn(column) : field.source;
}

export function describeColumn(column: SourceColumn | null): string {
  return column === null ? 'the row key' : `${column.family}:${column.qualifier}`;
}
