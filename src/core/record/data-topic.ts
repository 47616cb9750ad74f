// The topics that Syncline makes for rows: their shape, and the name of a table's. Executor and source make them, whoever comes first: so
// both stand here once.
import { createHash } from 'node:crypto';

/** A row may have 16 MiB, with its key and headers. A topic that was there before keeps its own limit. */
export const dataTopic = {
  partitions: 4,
  retentionMs: 3 * 24 * 3_600_000,
  maxBatchBytes: 16 * 1024 * 1024,
} as const;

/** Kafka keeps no two topics whose names its metrics can't tell apart, where '.' is '_'. */
export function topicsCollide(one: string, other: string): boolean {
  return one !== other && one.replaceAll('.', '_') === other.replaceAll('.', '_');
}

const LONGEST_NAME = 249;
const HASH_DIGITS = 32;

/** Kafka's rule, its reserved names left out. */
export function isTopicName(text: string): boolean {
  return /^[A-Za-z0-9._-]{1,249}$/.test(text) && text !== '.' && text !== '..';
}

/**
 * prefix + namespace + `_` + table, where those are letters, digits, `_` and `-` (and the namespace has no `_`): as the contract has it.
 * Anything else is escaped, so that different tables have different topics, whose names Kafka takes side by side: to Kafka `pay.log` and
 * `pay_log` are the same. What becomes too long ends in a hash.
 */
export function tableTopic(table: { prefix: string; namespace: string; name: string }): string {
  const topic = `${table.prefix}${escape(table.namespace, /[A-Za-z0-9-]/)}_${escape(table.name, /[\w-]/)}`;
  if (topic.length <= LONGEST_NAME) return topic;
  const mark = `-x-${createHash('sha256').update(topic).digest('hex').slice(0, HASH_DIGITS)}`;
  return topic.slice(0, LONGEST_NAME - mark.length) + mark;
}

/** Each other character becomes `-x<hex>-`; a name in which that could be read of itself has every `-` escaped, too. */
function escape(text: string, plain: RegExp): string {
  const characters = Array.from(text);
  if (characters.every((each) => plain.test(each)) && !/-x[0-9a-f]*-/.test(text)) return text;
  return characters
    .map((each) =>
      each !== '-' && plain.test(each) ? each : `-x${(each.codePointAt(0) ?? 0).toString(16)}-`,
    )
    .join('');
}
