// A key of several columns against a bound, written so that an index on the first column serves.

/** A column, and SQL of what it is compared with; asked for once for each time that it stands in the condition, from left to right. */
export interface BoundPart {
  readonly term: string;
  readonly value: () => string;
}

/** The key lies at the bound or behind it (`>=`), or behind it (`>`). */
export function behind(parts: readonly BoundPart[], last: '>' | '>='): string {
  return compare(parts, { strict: '>', last, guard: '>=' });
}

export function before(parts: readonly BoundPart[]): string {
  return compare(parts, { strict: '<', last: '<', guard: '<=' });
}

/** a >= x AND (a > x OR (a = x AND (b > y OR (b = y AND c >= z)))) */
function compare(
  [part, ...others]: readonly BoundPart[],
  signs: { readonly strict: string; readonly last: string; readonly guard: string },
): string {
  if (part === undefined) return '1 = 1';
  const { term, value } = part;
  const is = (sign: string): string => `${term} ${sign} ${value()}`;
  if (others.length === 0) return is(signs.last);
  return `${is(signs.guard)} AND (${is(signs.strict)} OR (${is('=')} AND ${compare(others, signs)}))`;
}
