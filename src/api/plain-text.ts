// Text that people type and others read: in names, descriptions and reasons nothing may hide.

/** C0, C1 and DEL; marks that turn the direction of text; halves of a character; code points that are none. */
const hidden = /[\p{Cc}\p{Cs}\p{Cn}\u061C\u200B\u200E\u200F\u2028-\u202E\u2060\u2066-\u2069\uFEFF]/u;
const hiddenButLines = new RegExp(`(?![\\n\\r\\t])${hidden.source}`, 'u');

/** What is wrong with a name, as the end of a sentence; null: nothing. */
export function problemOfName(name: string): string | null {
  if (name.trim() === '') return 'is blank';
  if (name !== name.trim()) return 'begins or ends with a blank';
  return problemOf(hidden, name);
}

/** Lines and tabs are allowed. */
export function problemOfText(text: string): string | null {
  return problemOf(hiddenButLines, text);
}

function problemOf(pattern: RegExp, text: string): string | null {
  const found = pattern.exec(text)?.[0];
  if (found === undefined) return null;
  const point = found.codePointAt(0) ?? 0;
  return `holds a character that can't be seen (U+${point.toString(16).toUpperCase().padStart(4, '0')})`;
}
