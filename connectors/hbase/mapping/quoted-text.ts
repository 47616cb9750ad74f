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

/** One of the calls that make a rule: `trim`, `substring(1,2)`. */
export interface Call {
  readonly name: string;
  /** null: without brackets. */
  readonly values: readonly Token[] | null;
}

/** calls = call *( "|" call ); call = name [ "(" value *( "," value ) ")" ]; value = text / number. null: something else. */
export function readCalls(source: string): readonly Call[] | null {
  const tokens = readTokens(source);
  if (tokens === null) return null;
  const calls: Call[] = [];
  let rest = tokens;
  for (;;) {
    const bar = rest.findIndex((token) => token.kind === 'sign' && token.value === '|');
    const call = readCall(bar < 0 ? rest : rest.slice(0, bar));
    if (call === null) return null;
    calls.push(call);
    if (bar < 0) return calls;
    rest = rest.slice(bar + 1);
  }
}

function readCall([name, open, ...inside]: readonly Token[]): Call | null {
  if (name?.kind !== 'name') return null;
  if (open === undefined) return { name: name.value, values: null };
  if (open.kind !== 'sign' || open.value !== '(' || inside.length % 2 !== 0) return null;
  const isInPlace = ({ kind, value }: Token, index: number): boolean =>
    index % 2 === 0
      ? kind === 'text' || kind === 'number'
      : kind === 'sign' && value === (index === inside.length - 1 ? ')' : ',');
  if (inside.length === 0 || !inside.every(isInPlace)) return null;
  return { name: name.value, values: inside.filter((_, index) => index % 2 === 0) };
}

/** A whole number without sign, from `min` on; else null. */
export function readCount(token: Token | undefined, min: number): number | null {
  if (token?.kind !== 'number' || !/^\d{1,9}$/.test(token.value)) return null;
  const count = Number(token.value);
  return count < min ? null : count;
}
