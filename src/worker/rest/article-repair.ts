// Article 003 prints two request bodies that its own line wrapping damaged. They must work as printed, so exactly that damage
// is undone, and only in bodies that hold `pkuse.`:
//
//   in the text, when it is not JSON    \ "maprule\"        a blank between a backslash and its quote
//   in pkuse.hbase.filed.mapping        " [{…"ma prule"…    a blank before the bracket; a blank inside the name maprule
//   in connection.url                   …/test03? auto…     blanks after `?` or `&`
import type { SentConfig } from '../../core/connector/config-def.ts';
import { HttpError } from './http-error.ts';

export interface RepairedBody<T> {
  readonly body: T;
  /** What was undone, in words; empty for a sound body. */
  readonly repairs: readonly string[];
}

/** Reads a body that holds a configuration; throws what `read` throws for a body that is damaged in another way. */
export function readRepaired<T extends { readonly config: SentConfig | null }>(
  text: string,
  read: (text: string) => T,
): RepairedBody<T> {
  if (!text.includes('pkuse.')) return { body: read(text), repairs: [] };
  const { body, repairs } = readRepairedText(text, read);
  if (body.config === null) return { body, repairs };
  const config = repairValues(body.config);
  return { body: { ...body, config: config.value }, repairs: [...repairs, ...config.repairs] };
}

function readRepairedText<T>(text: string, read: (text: string) => T): RepairedBody<T> {
  try {
    return { body: read(text), repairs: [] };
  } catch (error) {
    const sound = joinEscapes(text);
    if (!(error instanceof HttpError) || sound === text) throw error;
    return { body: read(sound), repairs: ['a blank between a backslash and its quote'] };
  }
}

// A backslash before a blank is an escape that JSON does not have; one that is itself escaped is left alone.
function joinEscapes(text: string): string {
  return text.replace(/(?<!\\)((?:\\\\)*\\) "/g, '$1"');
}

interface ValueRepair {
  readonly key: string;
  readonly what: string;
  readonly apply: (value: string) => string;
}

const valueRepairs: readonly ValueRepair[] = [
  {
    key: 'pkuse.hbase.filed.mapping',
    what: 'a blank before the bracket of the mapping',
    apply: (value) => value.replace(/^\s+(?=\[)/, ''),
  },
  {
    key: 'pkuse.hbase.filed.mapping',
    what: 'a blank inside the name maprule',
    apply: (value) => value.replace(/"ma prule"(?=\s*:)/g, '"maprule"'),
  },
  {
    key: 'connection.url',
    what: 'a blank inside the JDBC URL',
    apply: (value) => (value.startsWith('jdbc:') ? value.replace(/([?&])\s+/g, '$1') : value),
  },
];

function repairValues(config: SentConfig): {
  readonly value: SentConfig;
  readonly repairs: readonly string[];
} {
  const repairs: string[] = [];
  const value = Object.entries(config).map(([key, given]): [string, string | null] => {
    let sound = given;
    for (const repair of valueRepairs) {
      if (repair.key !== key || sound === null) continue;
      const next = repair.apply(sound);
      if (next !== sound) repairs.push(repair.what);
      sound = next;
    }
    return [key, sound];
  });
  return { value: Object.fromEntries(value), repairs };
}
