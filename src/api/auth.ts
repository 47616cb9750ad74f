// The admin token: generated at first start and shown once; only its SHA-256 is kept. Wrong tokens are slowed down by
// address; the right one never is.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { SyncError } from '../core/errors.ts';
import type { ApiParts } from './api-parts.ts';

const SETTING = 'api.admin-token-sha256';
const FAILURES_PER_MINUTE = 5;
const MINUTE_MS = 60_000;
/** Addresses remembered; the oldest go first. */
const MAX_ADDRESSES = 10_000;
/** Someone with many addresses must not fill the log and the audit trail. */
const MAX_TOLD_PER_MINUTE = 20;

export interface Auth {
  isRight(authorization: string | undefined): boolean;
  /** Throws UNAUTHORIZED; `tooMany`: also wrong, and the address has to wait before it is answered in words again. */
  check(authorization: string | undefined, address: string): { readonly tooMany: boolean };
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** `expected`: the token's hash, see settleToken. */
export function createAuth(parts: ApiParts, expected: () => Buffer | null): Auth {
  const failures = createFailures(parts);
  const isRight = (authorization: string | undefined): boolean => {
    const token = tokenOf(authorization);
    const hash = expected();
    return hash !== null && token !== undefined && timingSafeEqual(sha256(token), hash);
  };
  return {
    isRight,
    check: (authorization, address) => {
      // The right token first: behind a proxy all callers are one address, and one of them must not lock the others out.
      if (isRight(authorization)) return { tooMany: false };
      if (tokenOf(authorization) === undefined) throw unauthorized('there is no admin token');
      if (failures.note(address) > FAILURES_PER_MINUTE) return { tooMany: true };
      throw unauthorized('the admin token is wrong');
    },
  };
}

function tokenOf(authorization: string | undefined): string | undefined {
  return /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
}

function unauthorized(what: string): SyncError {
  return new SyncError('UNAUTHORIZED', { message: `reading the Authorization header: ${what}` });
}

/** Wrong tokens by address. The first of a minute and the one that blocks are logged and audited, of so many addresses at most. */
function createFailures({ clock, emit, jobs }: ApiParts): { note(address: string): number } {
  const failures = new Map<string, { since: number; count: number }>();
  let told = { since: -Infinity, count: 0 };
  const tell = (address: string, tries: number): void => {
    if (clock.now() - told.since > MINUTE_MS) told = { since: clock.now(), count: 0 };
    told.count += 1;
    if (told.count > MAX_TOLD_PER_MINUTE) return;
    emit({ type: 'token.refused', address, tries });
    const detail =
      tries === 1 ? 'wrong admin token' : `wrong admin token ${tries} times within a minute: slowed down`;
    const entry = { actor: address.slice(0, 200), action: 'token.refused', object: 'admin API', detail };
    jobs.addAudit(entry).catch((error: unknown) => {
      emit({ type: 'request.failed', request: 'auditing a wrong token', error });
    });
  };
  return {
    note: (address) => {
      const known = failures.get(address);
      const fresh = known === undefined || clock.now() - known.since > MINUTE_MS;
      const now = fresh ? { since: clock.now(), count: 1 } : { since: known.since, count: known.count + 1 };
      failures.delete(address);
      failures.set(address, now);
      const oldest = failures.keys().next();
      if (failures.size > MAX_ADDRESSES && oldest.done !== true) failures.delete(oldest.value);
      if (now.count === 1 || now.count === FAILURES_PER_MINUTE + 1) tell(address, now.count);
      return now.count;
    },
  };
}

/**
 * The hash of the token; at the first start on a database a token is made and shown. Called once the server has its port: a start that
 * fails must not have shown the token, as no later one shows it. Of several that start at once one makes the token.
 */
export async function settleToken({ adminToken, jobs, showToken }: ApiParts): Promise<Buffer> {
  if (adminToken !== null) return sha256(adminToken);
  const token = `syncline_${randomBytes(32).toString('base64url')}`;
  const own = sha256(token).toString('hex');
  const settled = (await jobs.readSetting(SETTING)) ?? (await jobs.settleSetting(SETTING, own));
  if (settled === own) showToken(token);
  return Buffer.from(settled, 'hex');
}
