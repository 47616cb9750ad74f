// How large a configuration may be: beyond it somebody is not configuring a connector.
import type { ConfigProblem } from './config-def.ts';

const MOST_KEYS = 1_000;
const LONGEST_NAME = 200;
const LONGEST_VALUE = 4_000_000;

/** The first thing that is too large, or a name that no screen and no log line would show as it is; null: none. */
export function findOversize(config: Readonly<Record<string, string | null>>): ConfigProblem | null {
  const entries = Object.entries(config);
  if (entries.length > MOST_KEYS)
    return problem('', `${entries.length} keys are more than the ${MOST_KEYS} that a configuration may have`);
  for (const [key, value] of entries) {
    if (key.trim() === '' || key !== key.trim() || unseen.test(key) || key.length > LONGEST_NAME)
      return problem(key.slice(0, LONGEST_NAME).replace(unseenAll, '�'), 'this is no name of a key');
    if (value !== null && value.length > LONGEST_VALUE)
      return problem(
        key,
        `${value.length} characters are more than the ${LONGEST_VALUE} that a value may have`,
      );
  }
  return null;
}

/** Control characters, marks of direction, halves of characters. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const unseenAll = new RegExp(unseen, 'gu');

function problem(key: string, message: string): ConfigProblem {
  return { key, value: null, message };
}
