// The key that secrets in the database are encrypted with: from the configuration, or a file made at first start.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { SyncError } from '../core/errors.ts';

/** 32 bytes. Two processes that start at once on one data folder get the same key. Throws BAD_INPUT for a damaged file. */
export function readSecretKey(config: Pick<Config, 'secretKey' | 'dataDir'>): Uint8Array {
  if (config.secretKey !== null) return Buffer.from(config.secretKey, 'hex');
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const path = join(config.dataDir, 'secret.key');
  try {
    writeFileSync(path, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const text = readFileSync(path, 'utf8').trim();
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  throw new SyncError('BAD_INPUT', {
    message: `reading ${path}: it does not hold 64 hex digits`,
    field: 'secretKey',
  });
}
