// Keys of Kafka Connect and of Confluent's JDBC connectors that change data or behaviour there and nothing here: refused by name,
// with what to do instead, unless their value asks for what happens here anyway.
import type { ConfigDef, SentConfig } from '../../core/connector/config-def.ts';

interface Unsupported {
  readonly name: RegExp;
  /** Values, in lower case, that ask for what this worker does. */
  readonly same: readonly string[];
  readonly instead: string;
}

const tryAgain = 'a sink tries again for retry.ms';
const topics = 'topics are made by the executor, or beforehand';
const noTransactions = 'there are no producer transactions';

const unsupported: readonly Unsupported[] = [
  { name: /^(producer|consumer|admin)\.override\./, same: [], instead: 'Kafka is set for the whole worker' },
  {
    name: /^errors\.tolerance$/,
    same: ['none'],
    instead: 'dirty.limit says how many dirty rows a run may have',
  },
  { name: /^errors\.retry\.timeout$/, same: ['0'], instead: tryAgain },
  { name: /^errors\.retry\.delay\.max\.ms$/, same: ['60000'], instead: tryAgain },
  {
    name: /^errors\.deadletterqueue\.(topic\.replication\.factor|context\.headers\.enable)$/,
    same: ['3', 'false'],
    instead: 'dirty rows are kept aside in the target',
  },
  { name: /^topic\.creation\.(?!groups$)/, same: [], instead: topics },
  { name: /^transaction\.boundary$/, same: ['poll'], instead: noTransactions },
  { name: /^transaction\.boundary\.interval\.ms$/, same: [], instead: noTransactions },
  { name: /^offsets\.storage\.topic$/, same: [], instead: 'a standalone worker keeps offsets in files' },
  {
    name: /^fields\.whitelist$/,
    same: [],
    instead: 'map only the fields that you want, in the mapping of the source',
  },
  {
    name: /^delete\.enabled$/,
    same: ['false'],
    instead: 'what is done about deletes is the source’s to say, by its key that ends in .deletes',
  },
  { name: /^auto\.evolve$/, same: ['false'], instead: 'change the target table yourself' },
  { name: /^(db|date)\.timezone$/, same: ['utc', 'z', 'gmt'], instead: 'times are written in UTC' },
  { name: /^quote\.sql\.identifiers$/, same: ['always'], instead: 'names are always quoted' },
  { name: /^(max\.retries|retry\.backoff\.ms)$/, same: [], instead: tryAgain },
  { name: /^connection\.(attempts|backoff\.ms)$/, same: [], instead: tryAgain },
  { name: /^table\.types$/, same: ['table'], instead: 'rows are written to tables' },
  {
    name: /^jdbc\.credentials\.provider\./,
    same: [],
    instead: 'connection.user and connection.password say who logs in',
  },
  {
    name: /^dialect\.name$/,
    same: [],
    instead: 'connection.url says which database it is',
  },
  {
    name: /^timestamp\.(precision\.mode|fields\.list)$/,
    same: [],
    instead: 'times are written with all the digits that their columns keep',
  },
  // Fields have no defaults here, secrets stand in no log, and no SQL Server is written to.
  {
    name: /^(replace\.null\.with\.default|trim\.sensitive\.log|mssql\.use\.merge\.holdlock)$/,
    same: ['true', 'false'],
    instead: 'write true or false',
  },
];

/** Names of the keys above, for those who look for what was meant. */
export const unsupportedNames = [
  'errors.tolerance',
  'fields.whitelist',
  'delete.enabled',
  'auto.evolve',
  'db.timezone',
  'quote.sql.identifiers',
  'max.retries',
  'retry.backoff.ms',
  'connection.attempts',
  'dialect.name',
  'jdbc.credentials.provider.class.name',
];

export interface KeyProblem {
  readonly key: string;
  readonly message: string;
}

/** What a plugin declares itself means there what it says. Values are not repeated: a client's setting may be a password. */
export function unsupportedKeys(sent: SentConfig, def: ConfigDef): readonly KeyProblem[] {
  const declared = new Set(def.map(({ name }) => name));
  return Object.entries(sent).flatMap(([key, value]) => {
    if (declared.has(key)) return [];
    const found = unsupported.find(({ name }) => name.test(key));
    const given = (value ?? '').trim().toLowerCase();
    if (found === undefined || given === '' || found.same.includes(given)) return [];
    return [{ key, message: `Configuration ${key} has no effect here: ${found.instead}; remove it` }];
  });
}

export function isUnsupported(key: string): boolean {
  return unsupported.some(({ name }) => name.test(key));
}

/** Parallelism is inside the one task; Connect too gives one to a source that reads a single file. */
export function tooManyTasks(sent: SentConfig, singleTask: boolean): readonly KeyProblem[] {
  const given = Number(sent['tasks.max'] ?? '1');
  if (singleTask || !(given > 1)) return [];
  const message = `Configuration tasks.max has no effect above 1: the one task reads and writes splits and partitions side by side; write 1`;
  return [{ key: 'tasks.max', message }];
}

/** What a source's converters would have to do, and don't: its rows are written as value.format says, keys and headers as text. */
export function converterProblems(sent: SentConfig): readonly KeyProblem[] {
  const given = (key: string): string => (sent[key] ?? '').trim().replace(/^.*\./, '');
  const format = given('value.format');
  const json = given('value.converter') === 'JsonConverter';
  const problems: KeyProblem[] = [];
  const refuse = (key: string, instead: string): void => {
    problems.push({ key, message: `Configuration ${key} has no effect on this source: ${instead}` });
  };
  if (given('value.converter') !== '' && !json)
    refuse('value.converter', 'rows are written as value.format says (json, json-plain, row); remove it');
  if (json && format === 'row')
    refuse('value.converter', 'value.format=row says another format; remove one of the two');
  if (given('value.converter.schemas.enable').toLowerCase() === 'false' && format !== 'json-plain')
    refuse('value.converter.schemas.enable', 'write value.format=json-plain for values without a schema');
  if (!['', 'StringConverter', 'ByteArrayConverter'].includes(given('key.converter')))
    refuse(
      'key.converter',
      'keys are written as the text of their fields; remove it, or write StringConverter',
    );
  if (!['', 'SimpleHeaderConverter', 'StringConverter'].includes(given('header.converter')))
    refuse('header.converter', 'headers are written as text; remove it, or write SimpleHeaderConverter');
  return problems;
}
