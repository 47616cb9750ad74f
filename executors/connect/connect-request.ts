// One HTTP exchange with a Connect worker, and what its answer means to a caller that may try again.
//
//  answer 2xx                                             → ok
//  404                                                    → missing
//  409 of our worker to an older run's configuration      → throws FENCED: no repetition can help
//  409, 503, 500 "rebalance is expected"                  → busy: nothing was done, try again
//  500 "tasks haven't stopped completely yet"             → busy, too
//  500 "Request timed out", no answer in time, cut socket → unknown: it may have been done, read the state first
//  500 of our worker with the error in its header         → throws that error
//  all other                                              → throws CONNECT_REJECTED with the worker's message
//  no connection                                          → throws CONNECT_UNREACHABLE naming the URL
import { fromShape, SyncError } from '../../src/core/errors.ts';
import { ERROR_HEADER, readErrorHeader } from '../../src/core/network/error-header.ts';

export interface ConnectAddress {
  /** Without a trailing slash and without credentials: safe to show. */
  readonly url: string;
  readonly authorization: string | null;
}

export interface ConnectRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
}

export type ConnectAnswer =
  | { readonly kind: 'ok'; readonly body: unknown; readonly headers: Headers }
  | { readonly kind: 'missing'; readonly message: string }
  | { readonly kind: 'busy' | 'unknown'; readonly message: string; readonly alreadyExists: boolean };

/** Splits `http://user:password@host:port/` into what is sent and what may be shown. Throws BAD_INPUT. */
export function parseConnectUrl(text: string): ConnectAddress {
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw new SyncError('BAD_INPUT', { message: 'reading the URL of a Connect cluster: not a URL', cause });
  }
  const { username, password } = url;
  const authorization =
    username === ''
      ? null
      : `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`;
  return { url: `${url.origin}${url.pathname.replace(/\/+$/, '')}`, authorization };
}

/** Sends one request; never longer than `timeoutMs`. Follows no redirects. */
export async function sendConnectRequest(
  address: ConnectAddress,
  request: ConnectRequest,
  timeoutMs: number,
): Promise<ConnectAnswer> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(`${address.url}${request.path}`, {
      method: request.method,
      headers: {
        accept: 'application/json',
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(address.authorization === null ? {} : { authorization: address.authorization }),
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      redirect: 'manual',
      signal,
    });
    return readAnswer({ address, request, response, text: await response.text() });
  } catch (error) {
    if (error instanceof SyncError) throw error;
    return unanswered(address, request, error);
  }
}

interface Received {
  readonly address: ConnectAddress;
  readonly request: ConnectRequest;
  readonly response: Response;
  readonly text: string;
}

function readAnswer(received: Received): ConnectAnswer {
  const { response } = received;
  const body = parseJson(received.text);
  if (response.ok) {
    if (body === undefined) throw refused(received, 'its answer is not JSON');
    return { kind: 'ok', body, headers: response.headers };
  }
  const message = messageOf(body) ?? `HTTP ${response.status}`;
  if (response.status === 404) return { kind: 'missing', message };
  if (response.status === 500 && message.includes('Request timed out')) return undecided('unknown', message);
  if (response.status === 409 && /holds epoch \d+ of job/.test(message))
    throw new SyncError('FENCED', { message: `${describe(received.address, received.request)}: ${message}` });
  if (response.status === 409 || response.status === 503) return undecided('busy', message);
  if (response.status === 500 && /rebalance is expected|haven't stopped completely/.test(message))
    return undecided('busy', message);
  const error = response.status === 500 ? readErrorHeader(response.headers.get(ERROR_HEADER)) : null;
  if (error !== null)
    throw fromShape({
      ...error,
      message: `${describe(received.address, received.request)}: ${error.message}`,
    });
  throw refused(received, message);
}

function undecided(kind: 'busy' | 'unknown', message: string): ConnectAnswer {
  return { kind, message, alreadyExists: / already exists$/.test(message) };
}

function refused({ address, request, response }: Received, message: string): SyncError {
  return new SyncError('CONNECT_REJECTED', {
    message: `${describe(address, request)}: ${response.status}: ${message}`,
  });
}

// A refused connection was never a request. A socket that broke later, or silence, leaves open what became of it.
function unanswered(address: ConnectAddress, request: ConnectRequest, error: unknown): ConnectAnswer {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  const why = cause instanceof Error && cause.message !== '' ? cause.message : code || String(cause);
  const message = `${describe(address, request)}: ${why}`;
  if (['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(code) || isTimeout(error))
    return { kind: 'unknown', message, alreadyExists: false };
  throw new SyncError('CONNECT_UNREACHABLE', { message, cause: error });
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}

function describe(address: ConnectAddress, request: ConnectRequest): string {
  return `asking Connect at ${address.url}: ${request.method} ${request.path}`;
}

/** undefined: not JSON. An empty body is null. */
function parseJson(text: string): unknown {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function messageOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('message' in body)) return null;
  return typeof body.message === 'string' ? body.message : null;
}
