// Lists of numbers and names in words, shared by all parts of a schedule's description.
import type { Text } from '../../src/core/text.ts';

export type Show = (value: number) => Text;

export const both = (en: string, zh: string): Text => ({ en, zh });
export const plain: Show = (value) => both(String(value), String(value));

/** What is counted: `every 7th minute from 3 to 52` · `第 3 至 52 分钟每隔 7 分钟`. */
export interface Unit {
  /** Before the word: `at`, `in`, `on`. */
  readonly en: readonly [preposition: string, word: string];
  readonly zh: readonly [before: string, after: string, counted: string];
}

/** `at minutes 1, 5, 9 to 17` · `第 1、5、9 至 17 分钟`; four or more at equal distance as above. */
export function unitWords(values: readonly number[], { en, zh }: Unit): Text {
  const [preposition, word] = en;
  const [before, after, counted] = zh;
  const step = stepOf(values);
  if (step !== null && step > 1 && values.length > 3) {
    const [first = 0, last = 0] = [values[0], values.at(-1)];
    const lead = preposition === 'at' ? '' : `${preposition} `;
    return both(
      `${lead}every ${ordinal(step)} ${word} from ${first} to ${last}`,
      `${before}${first} 至 ${last} ${after}每隔 ${step} ${counted}`,
    );
  }
  const list = listWords(values, plain);
  return both(
    `${preposition} ${word}${values.length === 1 ? '' : 's'} ${list.en}`,
    `${before}${list.zh} ${after}`,
  );
}

/** `1, 5, 9 to 17` · `1、5、9 至 17` */
export function listWords(values: readonly number[], show: Show): Text {
  return joinWords(runsOf(values).map(([from, to]) => runWords(show(from), to > from ? show(to) : null)));
}

export function joinWords(texts: readonly Text[], [en, zh] = [', ', '、']): Text {
  return both(texts.map((text) => text.en).join(en), texts.map((text) => text.zh).join(zh));
}

/** The distance of neighbours where it is the same for all; null. */
export function stepOf(values: readonly number[]): number | null {
  const [first = 0, second = 0] = values;
  const step = second - first;
  return values.length > 1 && values.every((value, n) => value === first + n * step) ? step : null;
}

/** In Chinese a space stands between a sign and a number. */
function runWords(from: Text, to: Text | null): Text {
  return to === null
    ? from
    : both(
        `${from.en} to ${to.en}`,
        `${from.zh}${/\d$/.test(from.zh) ? ' ' : ''}至${/^\d/.test(to.zh) ? ' ' : ''}${to.zh}`,
      );
}

/** Runs of three and more as [first, last]; each other value alone. */
function runsOf(values: readonly number[]): readonly (readonly [number, number])[] {
  const runs: (readonly [number, number])[] = [];
  for (let at = 0; at < values.length;) {
    let end = at;
    while (values[end + 1] === (values[end] ?? 0) + 1) end++;
    if (end - at < 2) end = at;
    runs.push([values[at] ?? 0, values[end] ?? 0]);
    at = end + 1;
  }
  return runs;
}

export function ordinal(n: number): string {
  const ending = n % 100 > 10 && n % 100 < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th');
  return `${n}${ending}`;
}

/** The numbers of a mask's bits. */
export function bitsOf(mask: number, from = 0): readonly number[] {
  return Array.from({ length: 32 }, (_, n) => n).flatMap((n) => ((mask >>> n) & 1 ? [n + from] : []));
}
