// What an HBase table does with cells besides keeping the newest: then nobody can say that it shows what was put. HBase acts on no other
// attributes of this kind; all else (VERSIONS, KEEP_DELETED_CELLS, compression, blocks, replication, …) changes no reader's view of the newest.
import type { Text } from '../../../src/core/text.ts';
import type { TableSchema } from '../client/messages/table-schema.ts';
import { writesLate } from './write-durability.ts';

/** TTL of a family that has none. */
const forever = 0x7fffffff;

/** `families`: those that are written to. */
export function tableDoubts(table: TableSchema, families: readonly string[]): readonly Text[] {
  const written = table.families.filter(({ name }) => families.includes(name.toString()));
  return [
    ...doubtDurability(table),
    ...doubtCoprocessors(table),
    ...written.flatMap(({ name, attributes }) => doubtFamily(table.table, name.toString(), attributes)),
  ];
}

/** Of what is not in the write-ahead log when HBase acknowledges it, nobody can say that it is there. */
function doubtDurability({ table, attributes }: TableSchema): readonly Text[] {
  const durability = attributes.get('DURABILITY') ?? '';
  if (!writesLate(durability)) return [];
  return [
    {
      en: `${table} has DURABILITY ${durability}: rows that HBase acknowledged are lost when a region server dies`,
      zh: `表 ${table} 的 DURABILITY 为 ${durability}：region server 宕机时会丢失已确认的行`,
    },
  ];
}

/** Attributes `coprocessor$1`, …: jar, class, priority and arguments between bars. */
function doubtCoprocessors({ table, attributes }: TableSchema): readonly Text[] {
  const classes = [...attributes].flatMap(([name, value]) =>
    /^coprocessor\$\d+$/i.test(name) ? [value.split('|')[1] ?? value] : [],
  );
  if (classes.length === 0) return [];
  return [
    {
      en: `${table} has coprocessors (${classes.join(', ')}): they can change or drop what is put`,
      zh: `表 ${table} 有协处理器（${classes.join(', ')}）：它们可能改变或丢弃写入的内容`,
    },
  ];
}

function doubtFamily(table: string, family: string, attributes: TableSchema['attributes']): readonly Text[] {
  const ttl = attributes.get('TTL') ?? String(forever);
  const isKept =
    /^forever$/i.test(ttl) || Number(ttl) === forever || Number(attributes.get('MIN_VERSIONS') ?? 0) > 0;
  const countsDeletes = attributes.get('NEW_VERSION_BEHAVIOR')?.toLowerCase() === 'true';
  return [
    ...(isKept
      ? []
      : [
          {
            en: `${table}: family ${family} has TTL ${ttl}: its cells are gone so many seconds after their timestamp`,
            zh: `表 ${table} 的列族 ${family} 的 TTL 为 ${ttl}：单元格在其时间戳之后该秒数即消失`,
          },
        ]),
    ...(countsDeletes
      ? [
          {
            en: `${table}: family ${family} has NEW_VERSION_BEHAVIOR: a late write can bring back what was deleted`,
            zh: `表 ${table} 的列族 ${family} 启用了 NEW_VERSION_BEHAVIOR：迟到的写入可能使已删除的内容重新出现`,
          },
        ]
      : []),
  ];
}
