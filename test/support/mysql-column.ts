import type { Column } from '../../connectors/mysql/table/table-schema.ts';

/** A VARCHAR(20) that may be NULL, changed as wanted. */
export function columnOf(name: string, more: Partial<Column> = {}): Column {
  return {
    name,
    dataType: 'varchar',
    declared: more.dataType ?? 'varchar(20)',
    nullable: true,
    optional: true,
    generated: false,
    generation: '',
    autoIncrement: false,
    numericPrecision: 0,
    numericScale: 0,
    fractionDigits: 0,
    length: 20,
    charset: 'utf8mb4',
    collation: 'utf8mb4_nopad_bin',
    ...more,
  };
}
