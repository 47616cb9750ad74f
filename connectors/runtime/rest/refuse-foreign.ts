// The worker has no login, so it must not be reached through a browser that a foreign page steers.
import { HttpError } from './http-error.ts';

const loopbackName = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

export interface Origin {
  readonly method: string;
  /** Host header. */
  readonly host: string;
  /** Origin header; only browsers send it. */
  readonly origin: string | undefined;
}

export function isLoopback(host: string): boolean {
  return loopbackName.test(host) || host === '::1';
}

/**
 * Throws HttpError 403 for a change that a page of another site asks for, and, while the worker listens on loopback only, for
 * a name that is not of loopback (a foreign name that was made to point here).
 */
export function refuseForeign({ method, host, origin }: Origin, loopbackOnly: boolean): void {
  if (loopbackOnly && !isLoopback(host))
    throw new HttpError(403, `This worker listens on loopback and is not called ${host}`);
  const reads = ['GET', 'HEAD', 'OPTIONS'].includes(method);
  if (reads || origin === undefined || origin.replace(/^https?:\/\//, '') === host) return;
  throw new HttpError(403, `A page of ${origin} may not change connectors`);
}
