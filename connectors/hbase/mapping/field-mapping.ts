// The field mapping (`pkuse.hbase.filed.mapping`): JSON text, an array of entries in the contract's spelling.
//   { sourceFiled, targetFiled, fieldType, mark, ispk, limitcondition, maprule, columnId, description, encoding, zone, charset,
//     misfit, byterule }
// sourceFiled names a column or, pseudo-field.ts, something else that a row has. mark, columnId and description have no effect.
// What is wrong is said with the entry's index, key, value and what to write.
import { toSyncError } from '../../../src/core/errors.ts';
import { parseFieldType } from '../../../src/core/connector/field-type.ts';
import type { FieldType, RowSchema } from '../../../src/core/connector/field-type.ts';
import { compileByteRule, noByteRule } from './byte-rule.ts';
import type { ByteRule } from './byte-rule.ts';
import type { ValueWriter } from '../encodings/encoding.ts';
import type { SourceColumn } from './column-name.ts';
import { asPrinted, isPrinted } from './key-digits.ts';
import { compileCondition } from './limit-condition.ts';
import type { Condition } from './limit-condition.ts';
import { compileSource, ownEncoding, readSource } from './pseudo-field.ts';
import type { Pseudo } from './pseudo-field.ts';
import { readMisfit, readValueSettings } from './value-settings.ts';
import type { MisfitPolicy, ValueSettings } from './value-settings.ts';

export interface MappedField {
  /** `sourceFiled` as written. */
  readonly source: string;
  /** null: a bare qualifier, looked up in the table; or no column is named. */
  readonly family: string | null;
  readonly qualifier: string;
  /** Not the value of a column but this; null: the value of a column, or, of a bare name, perhaps the row key. */
  readonly pseudo: Pseudo | null;
  readonly target: string;
  readonly type: FieldType;
  readonly encoding: string;
  readonly settings: ValueSettings;
  readonly misfit: MisfitPolicy;
  /** As written; '' = none. */
  readonly mapRule: string;
  /** Done to the row key before its encoding reads it. */
  readonly byteRule: ByteRule;
  /** Part of the target's key: NULL does not fit. */
  readonly isKey: boolean;
  readonly write: ValueWriter;
  readonly whenMissing: Uint8Array | null;
  readonly condition: { readonly passes: Condition; readonly text: string } | null;
}

export interface FieldMapping {
  readonly fields: readonly MappedField[];
  readonly schema: RowSchema;
  /** The bare name that means the row key where the table has no such column; '' = none. */
  readonly keyName: string;
}

export interface MappingRequest {
  readonly text: string;
  /** `pkuse.hbase.filed.columnsKey`; '' = none. */
  readonly keyName: string;
  /** For entries without an `encoding` of their own. */
  readonly defaultEncoding: string;
}

/** The mapping, or every problem in it as a sentence. */
export function parseFieldMapping(
  request: MappingRequest,
): { readonly mapping: FieldMapping } | { readonly problems: readonly string[] } {
  const entries = readEntries(request.text);
  if (typeof entries === 'string') return { problems: [entries] };
  const problems: string[] = [];
  const keys = keySources(entries, request.keyName);
  const fields = entries.map((entry, index) => {
    const report: Report = (key, problem) => {
      problems.push(`entry ${index + 1}, ${key} '${entry[key] ?? ''}': ${problem}`);
    };
    return compileField(entry, { defaultEncoding: request.defaultEncoding, isKey: keys.has(index), report });
  });
  problems.push(...checkTogether(entries, request.keyName));
  const mapped = fields.filter((field) => field !== null);
  if (problems.length > 0) return { problems };
  return { mapping: { fields: mapped, schema: schemaOf(mapped), keyName: request.keyName } };
}

const knownKeys = [
  'sourceFiled',
  'targetFiled',
  'fieldType',
  'mark',
  'ispk',
  'limitcondition',
  'maprule',
  'columnId',
  'description',
  'encoding',
  'zone',
  'charset',
  'misfit',
  'byterule',
] as const;
type EntryKey = (typeof knownKeys)[number];
type Entry = Readonly<Partial<Record<EntryKey, string>>>;
type Report = (key: EntryKey, problem: string) => void;

/** The entries with all values as text, or what is wrong with the whole. */
function readEntries(text: string): readonly Entry[] | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return `not JSON: ${toSyncError(error).message}; write an array of entries {sourceFiled, targetFiled, fieldType, …}`;
  }
  if (!Array.isArray(parsed) || parsed.length === 0)
    return 'not an array with at least one entry {sourceFiled, targetFiled, fieldType, …}';
  const entries: Entry[] = [];
  for (const [index, value] of (parsed as readonly unknown[]).entries()) {
    const entry = readEntry(value);
    if (typeof entry === 'string') return `entry ${index + 1}: ${entry}`;
    entries.push(entry);
  }
  return entries;
}

function readEntry(value: unknown): Entry | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not an object';
  const entry: Partial<Record<EntryKey, string>> = {};
  for (const [name, content] of Object.entries(value)) {
    const key = knownKeys.find((known) => known === name);
    if (key === undefined) return `unknown key '${name}'; known: ${knownKeys.join(', ')}`;
    if (content === null) continue;
    if (typeof content === 'object') return `${name}: not text`;
    entry[key] = String(content);
  }
  return entry;
}

/** Indexes of the entries that make the key: those with ispk, else the one that `keyName` names. */
function keySources(entries: readonly Entry[], keyName: string): ReadonlySet<number> {
  const marked = [...entries.keys()].filter((index) => isMarkedKey(entries[index] ?? {}));
  if (marked.length > 0) return new Set(marked);
  return new Set(
    [...entries.keys()].filter((index) => keyName !== '' && entries[index]?.sourceFiled === keyName),
  );
}

function isMarkedKey(entry: Entry): boolean {
  return entry.ispk === '1' || entry.ispk === 'true';
}

function compileField(
  entry: Entry,
  context: { readonly defaultEncoding: string; readonly isKey: boolean; readonly report: Report },
): MappedField | null {
  const { report, isKey } = context;
  const source = (entry.sourceFiled ?? '').trim();
  const target = (entry.targetFiled ?? '').trim();
  const named = readSource(source);
  if (typeof named === 'string') report('sourceFiled', named);
  if (target === '') report('targetFiled', 'write the name of the target column');
  if (!['', '0', '1', 'true', 'false'].includes(entry.ispk ?? '')) report('ispk', 'write 1 or 0');
  const type = readType(entry.fieldType ?? '', report);
  if (typeof named === 'string' || type === null) return null;
  const { pseudo } = named;
  const encoding = blankTo(entry.encoding, ownEncoding(pseudo, type) ?? context.defaultEncoding);
  const mapRule = (entry.maprule ?? '').trim();
  const misfit = readMisfit(entry.misfit ?? '', isKey, (problem) => report('misfit', problem));
  const settings = readSettings(entry, { encoding, type, mapRule, report });
  const byteRule = readByteRule(entry.byterule ?? '', pseudo, report);
  const value = compileSource(pseudo, { encoding, type, mapRule, settings });
  const text = (entry.limitcondition ?? '').trim();
  const passes = compileCondition({ text, type, names: [source, target, named.qualifier] });
  if (typeof passes === 'string') report('limitcondition', passes);
  if ('problem' in value) {
    report(value.key, value.key === 'encoding' ? `encoding '${encoding}' ${value.problem}` : value.problem);
    return null;
  }
  const condition =
    passes === null || typeof passes === 'string' ? null : { passes, text: `${target}: ${text}` };
  const { whenMissing } = value;
  const isExact = isKey && pseudo?.kind === 'row-key' && isPrinted({ encoding, type, mapRule });
  const write = byteRule.apply(isExact ? asPrinted(value.write) : value.write);
  const rest = { target, type, encoding, settings, mapRule, byteRule };
  // What the decoder reads for every value stands first, in no spread, so that V8 keeps it in the object itself: 4 % of its time.
  return { write, whenMissing, condition, isKey, misfit, source, ...named, ...rest };
}

function readByteRule(text: string, pseudo: Pseudo | null, report: Report): ByteRule {
  const rule = compileByteRule(text);
  if (typeof rule === 'string') report('byterule', rule);
  else if (rule !== noByteRule && pseudo?.kind !== 'row-key')
    report('byterule', 'works on the row key only; write rowkey() as sourceFiled');
  return typeof rule === 'string' ? noByteRule : rule;
}

function readSettings(
  { zone = '', charset = '' }: Entry,
  field: {
    readonly encoding: string;
    readonly type: FieldType;
    readonly mapRule: string;
    readonly report: Report;
  },
): ValueSettings {
  const { encoding, type, mapRule, report } = field;
  const namesZone = /\bdate\([^)]*XXX/.test(mapRule);
  return readValueSettings({ zone: zone.trim(), charset: charset.trim(), encoding, type, namesZone }, report);
}

function readType(text: string, report: Report): FieldType | null {
  try {
    return parseFieldType(text, 'the entry');
  } catch (error) {
    report('fieldType', toSyncError(error).message);
    return null;
  }
}

function blankTo(text: string | undefined, fallback: string): string {
  const trimmed = (text ?? '').trim();
  return trimmed === '' ? fallback : trimmed;
}

function checkTogether(entries: readonly Entry[], keyName: string): string[] {
  const problems: string[] = [];
  const targets = new Map<string, number>();
  for (const [index, { targetFiled }] of entries.entries()) {
    const target = (targetFiled ?? '').trim().toLowerCase();
    const earlier = targets.get(target);
    if (target !== '' && earlier !== undefined)
      problems.push(
        `entry ${index + 1}, targetFiled '${targetFiled ?? ''}': entry ${earlier + 1} fills it already`,
      );
    else targets.set(target, index);
  }
  if (keyName !== '' && !entries.some((entry) => entry.sourceFiled?.trim() === keyName))
    problems.push(
      `no entry has the sourceFiled '${keyName}' that pkuse.hbase.filed.columnsKey names; add one`,
    );
  return problems;
}

function schemaOf(fields: readonly MappedField[]): RowSchema {
  return {
    fields: fields.map((field) => ({ name: field.target, type: field.type, optional: !field.isKey })),
    key: fields.filter((field) => field.isKey).map((field) => field.target),
  };
}

/** A bare name that turned out to be the row key: its field, as a key takes it. rowkey() is known to be it from the start. */
export function asKeyField(field: MappedField, column: SourceColumn | null): MappedField {
  if (!field.isKey || field.pseudo !== null || column !== null || !isPrinted(field)) return field;
  return { ...field, write: asPrinted(field.write) };
}
