// What lies at rest and holds secrets is AES-256-GCM under the installation's key.
//
//  box = keyId ':' base64(nonce[12] tag[16] ciphertext)     additional data: the place that the text belongs to
import { counted } from '../text.ts';
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { SyncError } from '../errors.ts';

export interface Sealer {
  /** First 8 hex digits of the key's SHA-256. */
  readonly keyId: string;
  /** Another box each time. */
  seal(place: string, text: string): string;
  /** A box moved to another place does not open. Throws SECRET_KEY_WRONG. */
  open(place: string, box: string): string;
}

/** Throws BAD_INPUT unless the key has 32 bytes. */
export function createSealer(secretKey: Uint8Array): Sealer {
  if (secretKey.length !== 32) {
    const message = `the secret key has ${counted(secretKey.length, 'byte')}, 32 are needed`;
    throw new SyncError('BAD_INPUT', { message, field: 'secretKey' });
  }
  const key = Buffer.from(secretKey);
  const keyId = createHash('sha256').update(key).digest('hex').slice(0, 8);
  return {
    keyId,
    seal: (place, text) => `${keyId}:${encrypt(key, place, text).toString('base64')}`,
    open: (place, box) => {
      const [id = '', data = ''] = box.split(':');
      if (id !== keyId) throw wrongKey(`${place} was sealed under key ${id}, this one is ${keyId}`);
      return decrypt(key, place, data);
    },
  };
}

export function wrongKey(message: string, cause?: unknown): SyncError {
  return new SyncError('SECRET_KEY_WRONG', { message: `opening sealed values: ${message}`, cause });
}

function encrypt(key: Buffer, place: string, text: string): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(place));
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

function decrypt(key: Buffer, place: string, data: string): string {
  const bytes = Buffer.from(data, 'base64');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(place));
    decipher.setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw wrongKey(`${place} is damaged or was sealed under another key`, cause);
  }
}
