// The admin token: generated at first start and shown once; only its SHA-256 is kept. Wrong tokens are slowed down by address.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { SyncError } from '../core/errors.ts';
import type { ApiParts } from './api-parts.ts';

const SETTING = 'api.admin-token-sha256';
const FAILURES_PER_MINUTE = 5;
const MINUTE_MS = 60_000;
/** Addresses remembered; the oldest go first. */
const MAX_ADDRESSES = 10_000;

export interface Auth {
  /** Throws UNAUTHORIZED; `tooMany` says that the address has to wait. */
  check(authorization: string | undefined, address: string): { readonly tooMany: boolean };
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Finds the token's hash, or generates a token and shows it. */
export async function createAuth(parts: ApiParts): Promise<Auth> {
  const expected = await findHash(parts);
  const failures = new Map<string, { since: number; count: number }>();

  const noteFailure = (address: string): void => {
    const now = parts.clock.now();
    const known = failures.get(address);
    const fresh = known === undefined || now - known.since > MINUTE_MS;
    failures.delete(address);
    failures.set(address, fresh ? { since: now, count: 1 } : { since: known.since, count: known.count + 1 });
    const oldest = failures.keys().next();
    if (failures.size > MAX_ADDRESSES && oldest.done !== true) failures.delete(oldest.value);
  };

  return {
    check: (authorization, address) => {
      const known = failures.get(address);
      const blocked = known !== undefined && known.count >= FAILURES_PER_MINUTE;
      if (blocked && parts.clock.now() - known.since <= MINUTE_MS) return { tooMany: true };
      const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
      if (token !== undefined && timingSafeEqual(sha256(token), expected)) return { tooMany: false };
      if (token !== undefined) noteFailure(address);
      const what = token === undefined ? 'there is no admin token' : 'the admin token is wrong';
      throw new SyncError('UNAUTHORIZED', { message: `reading the Authorization header: ${what}` });
    },
  };
}

async function findHash(parts: ApiParts): Promise<Buffer> {
  if (parts.adminToken !== null) return sha256(parts.adminToken);
  const stored = await parts.jobs.readSetting(SETTING);
  if (stored !== null) return Buffer.from(stored, 'hex');
  const token = `syncline_${randomBytes(32).toString('base64url')}`;
  await parts.jobs.writeSetting(SETTING, sha256(token).toString('hex'));
  parts.showToken(token);
  return sha256(token);
}
