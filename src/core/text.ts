// What people read, in both languages: never the two in one string.

export interface Text {
  readonly en: string;
  readonly zh: string;
}

/** Names, numbers and what others said read the same in both. */
export function sameInBoth(text: string): Text {
  return { en: text, zh: text };
}

/** `1 row`, `2 rows`; null is a number that nobody knows. For texts in English: Chinese has no plural. */
export function counted(count: number | null, one: string): string {
  return `${String(count)} ${one}${count === 1 ? '' : 's'}`;
}

export function mapText({ en, zh }: Text, map: (text: string) => string): Text {
  return { en: map(en), zh: map(zh) };
}

/** Each once, in the order in which they were first said. */
export function distinctTexts(texts: readonly Text[]): readonly Text[] {
  return [...new Map(texts.map((each) => [each.en, each])).values()];
}
