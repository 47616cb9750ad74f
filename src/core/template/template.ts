// Templates: places in a text of a configuration that get their value with each run.
//
//   template    = "${" name [ ("+" / "-") number unit ] [ ":" format ] "}"        unit = d / h / m / s
//   format      = of yyyy MM dd HH mm ss SSS and what stands between them, or epoch, epochMs
import type { Value } from './parameter.ts';
import { utcToLocal, type Zone } from '../time/time-zone.ts';

export interface Template {
  /** As it stands there. */
  readonly source: string;
  readonly name: string;
  readonly offsetMs: number;
  /** null: the type's own. */
  readonly format: string | null;
}

/** Where a text stands decides how a value is written there. */
export type TemplatePlace = 'sql' | 'filter' | 'key';

/** Pieces of a text in their order: what is between templates, or a template. */
export type Piece = string | Template;

const unitMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const;
const inside = /^\s*([A-Za-z][\w.]*)\s*(?:([+-])\s*(\d{1,6})\s*([dhms])\s*)?(?::(.+))?$/s;

/** A string says what is wrong. */
export function parseTemplates(text: string): readonly Piece[] | { readonly wrong: string } {
  const pieces: Piece[] = [];
  let from = 0;
  for (let at = text.indexOf('${'); at >= 0; at = text.indexOf('${', from)) {
    const end = text.indexOf('}', at);
    const source = end < 0 ? text.slice(at) : text.slice(at, end + 1);
    const [, name, sign, number, unit, format] = inside.exec(source.slice(2, -1)) ?? [];
    if (end < 0 || name === undefined)
      return { wrong: `${source} is no template; right is for example \${business.date-1d:yyyyMMdd}` };
    const size = Number(number ?? 0) * unitMs[(unit ?? 's') as keyof typeof unitMs];
    pieces.push(text.slice(from, at), {
      source,
      name,
      offsetMs: sign === '-' ? -size : size,
      format: format?.trim() ?? null,
    });
    from = end + 1;
  }
  return [...pieces, text.slice(from)].filter((piece) => piece !== '');
}

/** What of a value a template asks for; of a wrong one the reason. */
export function formatted(
  { source, offsetMs, format }: Template,
  value: Value,
  zone: Zone,
): Value | { readonly wrong: string } {
  if (value.type !== 'date' && value.type !== 'instant') {
    if (offsetMs === 0 && format === null) return value;
    return {
      wrong: `${source}: only dates and instants have an offset and a format, this is a ${value.type}`,
    };
  }
  const moved = value.type === 'instant' ? value.at + offsetMs : value.day * 86_400_000 + offsetMs;
  if (value.type === 'date' && offsetMs % 86_400_000 !== 0)
    return { wrong: `${source}: a date moves by days, for example -1d` };
  if (!(Math.abs(moved) < 8e15)) return { wrong: `${source}: lies outside the times that there are` };
  if (format === null)
    return value.type === 'date'
      ? { type: 'text', text: write('yyyy-MM-dd', moved) }
      : { type: 'text', text: write('yyyy-MM-dd HH:mm:ss', utcToLocal(zone, moved)) };
  if (format === 'epoch') return { type: 'number', text: String(Math.floor(moved / 1000)) };
  if (format === 'epochMs') return { type: 'number', text: String(moved) };
  const odd = /[A-Za-z]+/.exec(format.replaceAll(known, ''))?.[0] ?? /['"`\\]/.exec(format)?.[0];
  if (odd !== undefined)
    return {
      wrong: `${source}: ${JSON.stringify(odd)} is no part of a format; known are yyyy, MM, dd, HH, mm, ss, SSS, and epoch or epochMs alone`,
    };
  return { type: 'text', text: write(format, value.type === 'date' ? moved : utcToLocal(zone, moved)) };
}

/** The T of ISO's times stands for itself. */
const known = /yyyy|MM|dd|HH|mm|SSS|ss|T/g;

function write(format: string, localMs: number): string {
  const iso = new Date(localMs).toISOString();
  const parts: Readonly<Record<string, string>> = {
    yyyy: iso.slice(0, -20),
    MM: iso.slice(-19, -17),
    dd: iso.slice(-16, -14),
    HH: iso.slice(-13, -11),
    mm: iso.slice(-10, -8),
    ss: iso.slice(-7, -5),
    SSS: iso.slice(-4, -1),
    T: 'T',
  };
  return format.replaceAll(known, (part) => parts[part] ?? part);
}

/** A value as it stands in its place: nothing in it can end the place. */
export function written(
  value: Value,
  place: TemplatePlace,
  source: string,
): string | { readonly wrong: string } {
  // Dates and instants were formatted before.
  if (value.type === 'date' || value.type === 'instant') return { wrong: `${source}: has no format` };
  // A backslash is an escape to some databases, and to keys; control characters end lines.
  if (/[\\\p{Cc}\p{Cs}]/u.test(value.text))
    return {
      wrong: `${source}: ${JSON.stringify(value.text)} holds a backslash or a character that can't be seen`,
    };
  // Behind a minus a negative number would begin a comment.
  if (place === 'sql' && value.type === 'number' && value.text.startsWith('-')) return `(${value.text})`;
  if (place === 'key' || value.type === 'number') return value.text;
  if (value.type === 'boolean') return place === 'sql' ? value.text.toUpperCase() : `'${value.text}'`;
  return `'${value.text.replaceAll("'", "''")}'`;
}

/**
 * Why templates can't stand in this text; null: they can. In SQL a value is a literal of its own, so it stands in no quotes and no comment;
 * and as databases differ in where those end, such a text has neither comments nor backslashes nor dollar quotes.
 */
export function problemOfPlace(pieces: readonly Piece[], place: TemplatePlace): string | null {
  if (place === 'key') return null;
  let quote: string | null = null;
  for (const piece of pieces) {
    if (typeof piece !== 'string') {
      if (quote !== null)
        return `${piece.source} stands in quotes: write it without them, for its value brings its own`;
      continue;
    }
    const odd = place === 'sql' ? /--|\/\*|#|\\|\$/.exec(piece)?.[0] : undefined;
    if (odd !== undefined) return `with templates it may not hold ${odd}: databases differ in what that ends`;
    for (const letter of piece)
      if (quote === null && /['"`]/.test(letter)) quote = letter;
      else if (letter === quote) quote = null;
  }
  return null;
}
