// Job specs at rest: the values of keys that look like secrets, and the webhook, are AES-256-GCM under the store's key.
//
//  stored   = JSON {spec, sealed: {source: {key: box}, sink: {key: box}, webhook: box | null}}; sealed values are '' in spec
//  box      = keyId ':' base64(nonce[12] tag[16] ciphertext)     additional data: job id and the value's place
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type { ConnectorConfig } from '../core/connector/config-def.ts';
import { SyncError } from '../core/errors.ts';
import type { ConnectorSpec, JobSpec } from '../core/job.ts';

export interface SpecSealer {
  /** First 8 hex digits of the key's SHA-256. */
  readonly keyId: string;
  seal(jobId: string, spec: JobSpec): string;
  /** Throws SECRET_KEY_WRONG. */
  open(jobId: string, stored: string): JobSpec;
}

interface StoredSpec {
  readonly spec: JobSpec;
  readonly sealed: {
    readonly source: Readonly<Record<string, string>>;
    readonly sink: Readonly<Record<string, string>>;
    readonly webhook: string | null;
  };
}

interface Box {
  /** What the text belongs to; a box moved elsewhere does not open. */
  readonly place: string;
  readonly text: string;
}

const secretKeyName = /password|secret|token/i;
/** User and password before an `@`, or a password parameter, as in connection URLs. */
const secretInUrl = /:\/\/[^/\s@]*:[^/\s@]*@|[?&;](password|secret|token)=/i;

/** Throws BAD_INPUT unless the key has 32 bytes. */
export function createSpecSealer(secretKey: Uint8Array): SpecSealer {
  if (secretKey.length !== 32) {
    const message = `the secret key has ${secretKey.length} bytes, 32 are needed`;
    throw new SyncError('BAD_INPUT', { message, field: 'secretKey' });
  }
  const key = Buffer.from(secretKey);
  const keyId = createHash('sha256').update(key).digest('hex').slice(0, 8);
  const close = (box: Box): string => `${keyId}:${encrypt(key, box).toString('base64')}`;
  const reveal = (box: Box): string => {
    const [id, data = ''] = box.text.split(':');
    if (id !== keyId) throw wrongKey(`${box.place} was sealed under key ${id ?? ''}, this one is ${keyId}`);
    return decrypt(key, { place: box.place, text: data });
  };
  return {
    keyId,
    seal: (jobId, spec) =>
      JSON.stringify(sealSpec(spec, (place, text) => close({ place: `${jobId}/${place}`, text }))),
    open: (jobId, stored) =>
      openSpec(JSON.parse(stored) as StoredSpec, (place, text) =>
        reveal({ place: `${jobId}/${place}`, text }),
      ),
  };
}

export function wrongKey(message: string, cause?: unknown): SyncError {
  return new SyncError('SECRET_KEY_WRONG', { message: `opening sealed values: ${message}`, cause });
}

type Change = (place: string, text: string) => string;

function sealSpec(spec: JobSpec, close: Change): StoredSpec {
  const source = splitSecrets(spec.source.config);
  const sink = splitSecrets(spec.sink.config);
  return {
    spec: {
      ...spec,
      source: { ...spec.source, config: source.clear },
      sink: { ...spec.sink, config: sink.clear },
      webhook: null,
    },
    sealed: {
      source: changeValues(source.secret, 'source', close),
      sink: changeValues(sink.secret, 'sink', close),
      webhook: spec.webhook === null ? null : close('webhook', spec.webhook),
    },
  };
}

function openSpec({ spec, sealed }: StoredSpec, reveal: Change): JobSpec {
  const merge = (side: 'source' | 'sink'): ConnectorSpec => ({
    ...spec[side],
    config: { ...spec[side].config, ...changeValues(sealed[side], side, reveal) },
  });
  return {
    ...spec,
    source: merge('source'),
    sink: merge('sink'),
    webhook: sealed.webhook === null ? null : reveal('webhook', sealed.webhook),
  };
}

/** `clear` keeps every key in its order, secrets as ''. */
function splitSecrets(config: ConnectorConfig): { clear: ConnectorConfig; secret: ConnectorConfig } {
  const isSecret = ([name, value]: readonly [string, string]): boolean =>
    secretKeyName.test(name) || secretInUrl.test(value);
  const entries = Object.entries(config);
  return {
    clear: Object.fromEntries(entries.map((entry) => (isSecret(entry) ? [entry[0], ''] : entry))),
    secret: Object.fromEntries(entries.filter(isSecret)),
  };
}

function changeValues(config: ConnectorConfig, side: string, change: Change): ConnectorConfig {
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => [name, change(`${side}.${name}`, value)]),
  );
}

function encrypt(key: Buffer, { place, text }: Box): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(place));
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

function decrypt(key: Buffer, { place, text }: Box): string {
  const bytes = Buffer.from(text, 'base64');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(place));
    decipher.setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw wrongKey(`${place} is damaged or was sealed under another key`, cause);
  }
}
