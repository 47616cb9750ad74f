// Fills the templates of a connector's configuration. Which keys may hold them, and where their values stand, is declared with the keys.
import type { ConfigDef, ConnectorConfig } from '../connector/config-def.ts';
import { nearestName } from '../nearest-name.ts';
import type { Zone } from '../time/time-zone.ts';
import type { Value } from './parameter.ts';
import {
  formatted,
  parseTemplates,
  problemOfPlace,
  written,
  type Template,
  type TemplatePlace,
} from './template.ts';

export interface Filling {
  readonly values: ReadonlyMap<string, Value>;
  /** In which instants are written. */
  readonly zone: Zone;
}

export interface FillProblem {
  readonly key: string;
  readonly message: string;
}

export interface Filled {
  readonly config: ConnectorConfig;
  readonly problems: readonly FillProblem[];
  /** Names that were used. */
  readonly used: ReadonlySet<string>;
  /** The keys that hold templates, each with its first. */
  readonly templates: ReadonlyMap<string, string>;
}

/** A text with a problem stays as it is. */
export function fillConfig(config: ConnectorConfig, def: ConfigDef, filling: Filling): Filled {
  const problems: FillProblem[] = [];
  const used = new Set<string>();
  const templates = new Map<string, string>();
  const filled = Object.entries(config).map(([key, value]): [string, string] => {
    if (!value.includes('${')) return [key, value];
    const declared = def.find(({ name }) => name === key);
    if (declared?.type === 'PASSWORD') return [key, value];
    const known = declared?.templates;
    const complain = (message: string): string => (problems.push({ key, message }), value);
    if (known === undefined) {
      const named = namedIn(value, filling);
      return [key, named === null ? value : complain(notHere(named, def))];
    }
    const fill = (text: string, place: TemplatePlace): string => {
      const result = fillText(text, place, { filling, used });
      const first = firstTemplate(text);
      if (first !== null && !templates.has(key)) templates.set(key, first.source);
      return typeof result === 'string' ? result : complain(result.wrong);
    };
    return [key, known.fill(value, fill)];
  });
  return { config: Object.fromEntries(filled), problems, used, templates };
}

function firstTemplate(text: string): Template | null {
  const pieces = parseTemplates(text);
  return 'wrong' in pieces ? null : (pieces.find((piece) => typeof piece !== 'string') ?? null);
}

function fillText(
  text: string,
  place: TemplatePlace,
  { filling, used }: { readonly filling: Filling; readonly used: Set<string> },
): string | { readonly wrong: string } {
  const pieces = parseTemplates(text);
  if ('wrong' in pieces) return pieces;
  if (pieces.every((piece) => typeof piece === 'string')) return text;
  const misplaced = problemOfPlace(pieces, place);
  if (misplaced !== null) return { wrong: misplaced };
  let result = '';
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      result += piece;
      continue;
    }
    const value = filling.values.get(piece.name);
    if (value === undefined) return { wrong: unknown(piece, [...filling.values.keys()]) };
    used.add(piece.name);
    const shown = formatted(piece, value, filling.zone);
    if ('wrong' in shown) return shown;
    const put = written(shown, place, piece.source);
    if (typeof put !== 'string') return put;
    result += put;
  }
  return result;
}

function unknown({ source, name }: Template, known: readonly string[]): string {
  if (name === 'window.from' || name === 'window.to')
    return `${source}: the job has no window: that takes a schedule whose fires follow one another, of cron or @every`;
  const nearest = nearestName(name, known) ?? '';
  return `${source}: there is no ${name}; the most like it is ${nearest} (known: ${known.join(', ')})`;
}

/** A template that would have a value, were it in its place. */
function namedIn(text: string, { values }: Filling): string | null {
  const pieces = parseTemplates(text);
  if ('wrong' in pieces) return null;
  for (const piece of pieces) if (typeof piece !== 'string' && values.has(piece.name)) return piece.source;
  return null;
}

function notHere(source: string, def: ConfigDef): string {
  const keys = def.filter(({ templates }) => templates !== undefined).map(({ name }) => name);
  const where =
    keys.length === 0 ? 'no key of this connector takes any' : `they may stand in ${keys.join(', ')}`;
  return `${source} is no template here: ${where}`;
}
