// Texts that stand in a statement may be somebody's secret; what a server says of the statement repeats them, whole or cut off.
import { createScrub, type Scrub } from '../../../src/core/secrets/scrub.ts';
import { MASK } from '../../../src/core/secrets/secrets.ts';
import { statementHead } from './statement-head.ts';

/** So much of a text tells it from others, where its end was cut off. */
const part = 8;

/** Takes the statement's texts out of what is said of it. `doubleQuotes`: what they enclose is a text, too. */
export function withoutTexts(statement: string, { doubleQuotes }: { readonly doubleQuotes: boolean }): Scrub {
  const texts = new Set<string>();
  const masked = statement.replaceAll(
    literals,
    (literal, quote: string | undefined, tag: string | undefined) => {
      if (quote === '"' && !doubleQuotes) return literal;
      const open = tag ?? quote ?? '';
      const inside = literal.slice(
        open.length,
        literal.endsWith(open) && literal.length > open.length ? -open.length : undefined,
      );
      texts.add(inside);
      texts.add(inside.replaceAll(quote === undefined ? open : quote + quote, open));
      return `${open}${MASK}${open}`;
    },
  );
  const whole = createScrub([...texts]);
  const [head, maskedHead] = [statementHead(statement), statementHead(masked)];
  return (said) =>
    [...texts].reduce(
      withoutParts,
      whole(said.replaceAll(statement, () => masked).replaceAll(head, () => maskedHead)),
    );
}

/** A text without an end goes to the end. Backslashes escape in MySQL alone: elsewhere what follows is a text or is taken for one. */
const literals = /('|")(?:[^'"\\]|\\[^]|(?!\1)['"]|\1\1)*(?:\1|$)|(\$\w*\$)[^]*?(?:\2|$)/g;

/** Also where no more than its beginning stands. */
function withoutParts(said: string, text: string): string {
  const beginning = text.slice(0, part);
  let left = said;
  if (beginning.length < part) return left;
  for (let at = left.indexOf(beginning); at >= 0; at = left.indexOf(beginning, at + MASK.length)) {
    let end = part;
    while (end < text.length && left[at + end] === text[end]) end += 1;
    left = left.slice(0, at) + MASK + left.slice(at + end);
  }
  return left;
}
