// Takes secrets out of texts that are stored, sent or logged: reasons, notes, traces, webhook bodies.
import { replaceCredentials } from './credentials.ts';
import { MASK } from './secrets.ts';

export type Scrub = (text: string) => string;

/** From here on a secret is replaced wherever it stands; a shorter one as a whole word only, or ordinary text would be torn apart. */
const LONG = 8;
/** Below, it would be a word of the language: it is replaced only where it stands as a value, behind a sign or in quotes. */
const SHORT = 4;
/** A long secret of several lines (a key in PEM) is also looked for line by line. */
const LINE = 16;

export function createScrub(secrets: readonly string[]): Scrub {
  const forms = [...new Set(secrets.flatMap(formsOf))]
    .filter((form) => form !== '' && form !== MASK)
    .sort((a, b) => b.length - a.length);
  const patterns = forms.map(patternOf);
  return (text) =>
    replaceCredentials(
      patterns.reduce((scrubbed, pattern) => scrubbed.replace(pattern, MASK), text),
      () => MASK,
    );
}

function formsOf(secret: string): readonly string[] {
  const plain = [secret, secret.trim(), decoded(secret)];
  const lines = secret.split(/\r?\n/).filter((line) => line.length >= LINE);
  return [...plain, ...plain.map(encoded), ...plain.map(jsonForm), ...lines];
}

function patternOf(form: string): RegExp {
  const literal = form.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  if (form.length >= LONG) return new RegExp(literal, 'gu');
  const word = `(?<![\\p{L}\\p{N}_])${literal}(?![\\p{L}\\p{N}_])`;
  return new RegExp(form.length >= SHORT ? word : `(?<=[=:]\\s?|["'\`(])${word}`, 'gu');
}

function jsonForm(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function encoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return text; // half a character: no URL can hold it
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
