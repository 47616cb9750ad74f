// A server of ours must not be reached through a browser that a foreign page steers.

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
 * Why a request is refused: it is a change that a page of another site asks for, or `loopbackOnly` and the name is not of
 * loopback (a foreign name that was made to point here). null: it is not.
 */
export function findForeign({ method, host, origin }: Origin, loopbackOnly: boolean): string | null {
  if (loopbackOnly && !isLoopback(host)) return `This server listens on loopback and is not called ${host}`;
  const reads = ['GET', 'HEAD', 'OPTIONS'].includes(method);
  if (reads || origin === undefined || origin.replace(/^https?:\/\//, '') === host) return null;
  return `A page of ${origin} may not change anything here`;
}
