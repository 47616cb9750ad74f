// Texts for people, in English only: what a test compares.
import type { Text } from '../../src/core/text.ts';

export function english(texts: readonly Text[] = []): string[] {
  return texts.map(({ en }) => en);
}
