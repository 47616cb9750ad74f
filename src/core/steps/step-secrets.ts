// What is secret in a step: of a connection what any connector keeps secret, the values of headers, a body, and of an address all
// behind its host, as of a webhook. Shown as `***`; `***` sent back keeps the stored one, of the step of the same name.
import type { ConfigDef } from '../connector/config-def.ts';
import { replaceCredentials } from '../secrets/credentials.ts';
import { keepStored, keysStillMasked, MASK, secretTexts, showConfig } from '../secrets/secrets.ts';
import type { HttpStep, JobSteps, SqlStep, Step } from './job-steps.ts';
import { everyStep } from './job-steps.ts';

export function maskSteps({ pre, post }: JobSteps, def: ConfigDef): JobSteps {
  const mask = <S extends Step>(step: S): S => ({ ...step, ...maskStep(step, def) });
  return { pre: pre.map(mask), post: post.map(mask) };
}

function maskStep(step: Step, def: ConfigDef): Partial<SqlStep> | Partial<HttpStep> {
  if (step.kind === 'sql') {
    const { connection, statements } = step;
    return {
      ...(typeof connection === 'string' ? {} : { connection: showConfig(connection, def) }),
      statements: statements.map((text) => replaceIn(text, () => MASK)),
    };
  }
  const { url, headers, body } = step;
  return {
    url: maskedUrl(url),
    ...(headers && { headers: Object.fromEntries(Object.keys(headers).map((name) => [name, MASK])) }),
    ...(body === undefined ? {} : { body: MASK }),
  };
}

/** `https://host/***`, where there is anything behind the host. */
function maskedUrl(url: string): string {
  if (!URL.canParse(url)) return MASK;
  const { origin, href } = new URL(url);
  return href === `${origin}/` ? href : `${origin}/${MASK}`;
}

/** `lost`: the fields where `***` still stands for a secret, as there was none to keep. */
export function keepStepSecrets(
  sent: JobSteps,
  stored: JobSteps | undefined,
  def: ConfigDef,
): { readonly steps: JobSteps; readonly lost: readonly string[] } {
  const known = new Map((stored === undefined ? [] : everyStep(stored)).map(([, step]) => [step.name, step]));
  const keep = <S extends Step>(step: S): S => ({ ...step, ...keepOf(step, known.get(step.name), def) });
  const steps = { pre: sent.pre.map(keep), post: sent.post.map(keep) };
  return { steps, lost: everyStep(steps).flatMap(([field, step]) => lostIn(field, step, def)) };
}

function keepOf(step: Step, before: Step | undefined, def: ConfigDef): Partial<SqlStep> | Partial<HttpStep> {
  if (step.kind === 'sql') {
    if (before?.kind !== 'sql') return {};
    const { connection, statements } = step;
    const own = typeof before.connection === 'string' ? {} : before.connection;
    const texts = before.statements.map((text) => [replaceIn(text, () => MASK), text] as const);
    const unmasked = new Map(texts);
    return {
      ...(typeof connection === 'string' ? {} : { connection: keepStored(connection, own, def) }),
      statements: statements.map((text) => unmasked.get(text) ?? text),
    };
  }
  if (before?.kind !== 'http') return {};
  const headers = Object.entries(step.headers ?? {}).map(
    ([name, value]) => [name, value === MASK ? (before.headers?.[name] ?? value) : value] as const,
  );
  return {
    url: step.url === maskedUrl(before.url) ? before.url : step.url,
    ...(step.headers && { headers: Object.fromEntries(headers) }),
    ...(step.body === MASK && before.body !== undefined ? { body: before.body } : {}),
  };
}

function lostIn(field: string, step: Step, def: ConfigDef): readonly string[] {
  if (step.kind === 'sql') {
    const { connection, statements } = step;
    const keys = typeof connection === 'string' ? [] : keysStillMasked(connection, def);
    const masked = statements.flatMap((text, at) => (holdsMask(text) ? [`${field}.statements.${at}`] : []));
    return [...keys.map((key) => `${field}.connection.${key}`), ...masked];
  }
  const names = Object.entries(step.headers ?? {}).filter(([, value]) => value === MASK);
  return [
    ...(step.url.includes(MASK) ? [`${field}.url`] : []),
    ...names.map(([name]) => `${field}.headers.${name}`),
    ...(step.body === MASK ? [`${field}.body`] : []),
  ];
}

/** In the place of a credential; elsewhere it is the user's own text. */
function holdsMask(text: string): boolean {
  let found = false;
  replaceIn(text, (secret) => {
    found ||= secret === MASK;
    return secret;
  });
  return found;
}

/** Every secret text, to be taken out of other texts. */
export function secretsOfSteps(steps: JobSteps | undefined, def: ConfigDef): readonly string[] {
  return (steps === undefined ? [] : everyStep(steps)).flatMap(([, step]) => {
    if (step.kind === 'sql') {
      const { connection, statements } = step;
      const own = typeof connection === 'string' ? [] : secretTexts(connection, def);
      return [...own, ...statements.flatMap(credentialsIn)];
    }
    const { url, headers = {}, body = '' } = step;
    return [url, ...Object.values(headers), body].filter((text) => text !== '');
  });
}

function credentialsIn(text: string): readonly string[] {
  const found: string[] = [];
  replaceIn(text, (secret) => (found.push(secret), secret));
  return found;
}

/** `CREATE USER u IDENTIFIED BY 'SECRET'`, `ALTER ROLE r PASSWORD 'SECRET'`. */
const inStatements =
  /(\b(?:IDENTIFIED\s+(?:WITH\s+\S+\s+)?(?:BY|AS)|PASSWORD)\s*\(?\s*')((?:[^'\\]|''|\\.)*)(?=')/giu;

function replaceIn(text: string, replace: (secret: string) => string): string {
  const named = text.replace(inStatements, (_all, head: string, secret: string) => head + replace(secret));
  return replaceCredentials(named, replace);
}
