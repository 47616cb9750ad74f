// One field of a cron expression: a list of values, ranges and steps.
//
//   field = [item] {',' [item]}         item = '*' ['/' step] | '/' step | value ['-' value] ['/' step] rest
//
// In Quartz's dialect `rest` is ignored, as Quartz's own scanner does: MONDAY is MON, 5C is 5, 1-5-9 is 1-5, MON-FRI/2 is MON-FRI.
import { badField } from './cron-problem.ts';
import type { CronField } from './cron-expression.ts';

export interface ReadField {
  /** Ascending, each once. */
  readonly values: readonly number[];
  /** An item is `*` or has a step. */
  readonly stepped: boolean;
  readonly ignored: readonly string[];
}

/** Throws BAD_INPUT. */
export function readField(field: CronField, text: string): ReadField {
  const items = itemsOf(field, text).map((item) => readItem(field, text, item));
  const values = [...new Set(items.flatMap((item) => item.values))]
    .filter((value) => value <= field.max)
    .sort((a, b) => a - b);
  return {
    values,
    stepped: items.some((item) => item.stepped),
    ignored: items.flatMap(({ ignored }) => (ignored === '' ? [] : [ignored])),
  };
}

/** Quartz passes over empty items. */
export function itemsOf(field: CronField, text: string): readonly string[] {
  const items = text.split(',');
  const full = items.filter((item) => item !== '');
  if (full.length === 0 || (field.strict && full.length < items.length))
    throw badField(field, text, 'an item of its list is empty');
  return full;
}

interface Item {
  readonly values: readonly number[];
  readonly stepped: boolean;
  readonly ignored: string;
}

interface Place {
  readonly field: CronField;
  readonly text: string;
  readonly item: string;
}

function readItem(field: CronField, text: string, item: string): Item {
  const place = { field, text, item };
  const read = /^[*/]/.test(item)
    ? readEach(place)
    : /^[A-Z]/.test(item)
      ? readNames(place)
      : readNumbers(place);
  if (field.strict && read.ignored !== '') throw notAnItem(place);
  return read;
}

/** `*`, `*` and a step, or a step alone. */
function readEach(place: Place): Item {
  const { field, item } = place;
  const all = { from: field.min, to: field.openEnd };
  const stepText = /^\*?\/(?<step>.*)$/.exec(item)?.groups?.['step'];
  if (stepText === undefined)
    return { values: walk(field, { ...all, step: 1 }), stepped: true, ignored: item.slice(1) };
  if (!/^\d+$/.test(stepText)) throw notAStep(place, stepText);
  const step = readStep(place, stepText);
  return { values: walk(field, { ...all, step: Math.max(1, step) }), stepped: true, ignored: '' };
}

/** The first three letters of a name count. */
function readNames(place: Place): Item {
  const { field, item } = place;
  const isRange = item.charAt(3) === '-';
  const from = valueOfName(place, item.slice(0, 3));
  const to = isRange ? valueOfName(place, item.slice(4, 7)) : from;
  return { values: walk(field, { from, to, step: 1 }), stepped: false, ignored: item.slice(isRange ? 7 : 3) };
}

function readNumbers(place: Place): Item {
  const { field, item } = place;
  const read = /^(?<first>\d+)(?:-(?<last>\d+))?(?:\/(?<step>\d+))?(?<rest>.*)$/.exec(item)?.groups;
  if (read === undefined) throw notAnItem(place);
  const { first = '', last, step, rest = '' } = read;
  const isBare = last === undefined && step === undefined;
  if (isUnread({ last, step, rest })) throw notAnItem(place);
  const from = valueOf(place, first);
  if (isBare) return { values: [from], stepped: false, ignored: rest };
  const to = last === undefined ? field.openEnd : valueOf(place, last, field.strict ? field.min : 0);
  if (to < from && field.turn === null && last !== undefined)
    throw badField(field, place.text, `"${item}" runs backwards`);
  const by = step === undefined ? 1 : last === undefined ? readStep(place, step) : Number(step);
  if (by === 0 && field.strict) throw notAStep(place, '0');
  // Quartz: a step of 0 is none.
  const values = by === 0 ? [from] : walk(field, { from, to, step: by });
  return { values, stepped: step !== undefined, ignored: rest };
}

/** What Quartz's scanner stumbles over; L, W and # mean something in the day fields only, and were read before. */
function isUnread({
  last,
  step,
  rest,
}: {
  last: string | undefined;
  step: string | undefined;
  rest: string;
}): boolean {
  if (last !== undefined) return step === undefined && rest.startsWith('/');
  return step === undefined ? /^[-/LW#]/.test(rest) : step.length === 1 && rest !== '';
}

function walk(
  { min, turn }: CronField,
  { from, to, step }: { from: number; to: number; step: number },
): readonly number[] {
  const values: number[] = [];
  if (to >= from || turn === null) {
    for (let at = from; at <= to; at += step) values.push(at);
    return values;
  }
  for (let at = from; at <= to + turn; at += step) values.push(at % turn < min ? turn : at % turn);
  return values;
}

function readStep(place: Place, text: string): number {
  const step = Number(text);
  if (step > place.field.maxStep || (step === 0 && place.field.strict)) throw notAStep(place, text);
  return step;
}

/** The end of a range that runs over the field's end may be 0. */
function valueOf({ field, text }: Place, digits: string, min = field.min): number {
  const value = Number(digits);
  // A year out of reach is one in which nothing fires.
  if (field.name === 'year') return Math.min(value, field.max + 1);
  if (value >= min && value <= field.max) return value;
  throw badField(field, text, `"${digits}" is not one of its values`);
}

function valueOfName({ field, text, item }: Place, name: string): number {
  const named = field.names.indexOf(name);
  if (named !== -1) return field.min + named;
  const mixes = /\d/.test(name) && field.names.length > 0;
  throw badField(
    field,
    text,
    mixes ? `"${item}" mixes a name and a number` : `"${name}" is not one of its values`,
  );
}

function notAnItem({ field, text, item }: Place): Error {
  const mixes = field.names.length > 0 && /^\d+-[A-Z]/.test(item);
  return badField(
    field,
    text,
    mixes ? `"${item}" mixes a name and a number` : `"${item}" is not a value, range or step`,
  );
}

function notAStep({ field, text }: Place, step: string): Error {
  return badField(field, text, `"/${step}" is not a step of 1 to ${field.maxStep}`);
}
