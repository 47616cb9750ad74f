// Takes secrets out of texts that are stored or sent: reasons, notes, log lines, webhook bodies.
import type { ConfigDef } from '../src/core/connector/config-def.ts';
import { MASK, passwordKeys } from '../src/core/connector/config-def.ts';
import type { ConnectorSpec } from '../src/core/job.ts';

export type Scrub = (text: string) => string;

const secretKey = /password|passwd|secret|token|credential|jaas/i;
/** Shorter values are replaced as whole words only, or ordinary text would be torn apart. */
const PLAIN_LENGTH = 4;

/** `def` null: a connector that this process doesn't know; its secret keys are told by their names. */
export function secretsOf(spec: ConnectorSpec, def: ConfigDef | null): readonly string[] {
  const declared = new Set(def === null ? [] : passwordKeys(def));
  return Object.entries(spec.config)
    .filter(([key, value]) => value !== '' && (declared.has(key) || secretKey.test(key)))
    .map(([, value]) => value);
}

export function createScrub(secrets: readonly string[]): Scrub {
  const forms = [...new Set(secrets.flatMap((value) => [value, encodeURIComponent(value), jsonForm(value)]))]
    .filter((form) => form !== '')
    .sort((a, b) => b.length - a.length);
  const patterns = forms.map((form) => {
    const literal = form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return new RegExp(form.length < PLAIN_LENGTH ? `(?<!\\w)${literal}(?!\\w)` : literal, 'g');
  });
  return (text) =>
    patterns
      .reduce((scrubbed, pattern) => scrubbed.replace(pattern, MASK), text)
      .replace(/\b(password|pwd)=[^&\s;"']+/gi, `$1=${MASK}`);
}

function jsonForm(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}
