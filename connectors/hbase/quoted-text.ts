// The small language inside `limitcondition` and `maprule`: names, signs, numbers and quoted text.
//   token = name / number / text / sign
//   text  = "'" *( any character but "'" / "''" ) "'"

export type Token =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'number' | 'name' | 'sign'; readonly value: string };

const pattern =
  /\s*(?:'((?:[^']|'')*)'|([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)|([\p{L}_][\p{L}\p{N}_:.-]*)|(!=|<=|>=|[=<>(),|]))/iuy;

/** null: something stands there that is no token. */
export function readTokens(source: string): readonly Token[] | null {
  const tokens: Token[] = [];
  const text = source.trimEnd();
  pattern.lastIndex = 0;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (match === null) return null;
    const [, quoted, number, name, sign] = match;
    if (quoted !== undefined) tokens.push({ kind: 'text', value: quoted.replaceAll("''", "'") });
    else if (number !== undefined) tokens.push({ kind: 'number', value: number });
    else if (name !== undefined) tokens.push({ kind: 'name', value: name });
    else tokens.push({ kind: 'sign', value: sign ?? '' });
  }
  return tokens;
}
