// Fields of a run's rows as columns: no two may be one, and the key must tell the source's rows apart.
import { SyncError } from '../errors.ts';
import type { RowSchema } from './field-type.ts';
import type { EverySink } from './every-sink.ts';
import type { TableSinkConfig } from './table-sink-config.ts';
import type { Text } from '../text.ts';

export interface TableKey {
  /** Empty: rows have no key. */
  readonly fields: readonly string[];
  /** Why two rows of the source may meet in one of the target all the same; empty: they can't, as far as the key's fields go. */
  readonly merging: readonly Text[];
}

/** `table` for messages. Throws TARGET_SCHEMA when the key can't be had from the rows, KEYS_MAY_MERGE. */
export function chooseKey(
  config: Pick<TableSinkConfig, 'keyMode' | 'keyFields'> & Pick<EverySink, 'keysMayMerge'>,
  schema: RowSchema,
  table: string,
): TableKey {
  if (config.keyMode === 'none') return { fields: [], merging: [] };
  const fields = config.keyFields.length > 0 ? config.keyFields : schema.key;
  if (fields.length === 0)
    throw new SyncError('TARGET_SCHEMA', {
      message: `${table}: rows have no key: mark a field of the mapping with ispk=1, or name it in pk.fields`,
      field: 'pk.fields',
    });
  const known = schema.fields.map((field) => field.name);
  const unknown = fields.find((field) => !known.includes(field));
  if (unknown !== undefined)
    throw new SyncError('TARGET_SCHEMA', {
      message: `${table}: pk.fields names ${unknown}, which rows do not have; they have ${known.join(', ')}`,
      field: 'pk.fields',
    });
  const merging = findMerging(fields, schema);
  if (merging === null) return { fields, merging: [] };
  if (!merging.chosen && !config.keysMayMerge)
    throw new SyncError('KEYS_MAY_MERGE', { message: `${table}: ${merging.reason.en}`, field: 'pk.fields' });
  return { fields, merging: [merging.reason] };
}

/** Rows of an attempt that was broken off can't be told from those of the next. */
export function doubtNoKey(table: string): Text {
  return {
    en: `${table}: rows have no key (pk.mode=none): rows of a reading that was broken off and begun again stand twice`,
    zh: `${table}：行没有主键（pk.mode=none）：读取中断后重新开始时，已写入的行会重复`,
  };
}

/** SQL does not tell upper from lower case in column names. Throws TARGET_SCHEMA. */
export function refuseTwinFields(schema: RowSchema, table: string): void {
  const seen = new Map<string, string>();
  for (const { name } of schema.fields) {
    const twin = seen.get(name.toLowerCase());
    if (twin !== undefined)
      throw new SyncError('TARGET_SCHEMA', {
        message: `${table}: fields ${twin} and ${name} are the same column; rename one in the mapping`,
        field: name,
      });
    seen.set(name.toLowerCase(), name);
  }
}

/** null: rows can't merge. */
function findMerging(fields: readonly string[], schema: RowSchema): NonNullable<RowSchema['merging']> | null {
  const refused = (reason: Text) => ({ reason, chosen: false });
  if (schema.key.length === 0)
    return refused({
      en: `the source does not say that ${fields.join(', ')} tells its rows apart`,
      zh: `源未说明 ${fields.join(', ')} 能区分其各行`,
    });
  const same = schema.key.length === fields.length && schema.key.every((field) => fields.includes(field));
  if (same) return schema.merging ?? null;
  return refused({
    en: `pk.fields is ${fields.join(', ')}, the source's rows are told apart by ${schema.key.join(', ')}`,
    zh: `pk.fields 为 ${fields.join(', ')}，而源的各行由 ${schema.key.join(', ')} 区分`,
  });
}
