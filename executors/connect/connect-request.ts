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
import { HttpTimeout, sendHttp, type HttpAnswer } from './send-http.ts';

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
  | { readonly kind: 'ok'; readonly body: unknown; readonly header: HttpAnswer['header'] }
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
  try {
    const answer = await sendHttp({
      method: request.method,
      url: `${address.url}${request.path}`,
      headers: {
        accept: 'application/json',
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(address.authorization === null ? {} : { authorization: address.authorization }),
      },
      body: request.body === undefined ? null : JSON.stringify(request.body),
      timeoutMs,
    });
    return readAnswer({ address, request, answer });
  } catch (error) {
    if (error instanceof SyncError) throw error;
    return unanswered(address, request, error);
  }
}

interface Received {
  readonly address: ConnectAddress;
  readonly request: ConnectRequest;
  readonly answer: HttpAnswer;
}

function readAnswer(received: Received): ConnectAnswer {
  const { status, header, text } = received.answer;
  const body = parseJson(text);
  if (status >= 200 && status < 300) {
    if (body === undefined) throw refused(received, 'its answer is not JSON');
    return { kind: 'ok', body, header };
  }
  const message = messageOf(body) ?? `HTTP ${status}`;
  if (status === 404) return { kind: 'missing', message };
  if (status === 500 && message.includes('Request timed out')) return undecided('unknown', message);
  if (status === 409 && /holds epoch \d+ of job/.test(message))
    throw new SyncError('FENCED', { message: `${describe(received.address, received.request)}: ${message}` });
  if (status === 409 || status === 503) return undecided('busy', message);
  if (status === 500 && /rebalance is expected|haven't stopped completely/.test(message))
    return undecided('busy', message);
  const error = status === 500 ? readErrorHeader(header(ERROR_HEADER)) : null;
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

function refused({ address, request, answer }: Received, message: string): SyncError {
  return new SyncError('CONNECT_REJECTED', {
    message: `${describe(address, request)}: ${answer.status}: ${message}`,
  });
}

// A refused connection was never a request. A socket that broke later, or silence, leaves open what became of it.
function unanswered(address: ConnectAddress, request: ConnectRequest, error: unknown): ConnectAnswer {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why = error instanceof Error && error.message !== '' ? error.message : code || String(error);
  const message = `${describe(address, request)}: ${why}`;
  if (['ECONNRESET', 'EPIPE'].includes(code) || error instanceof HttpTimeout)
    return { kind: 'unknown', message, alreadyExists: false };
  throw new SyncError('CONNECT_UNREACHABLE', { message, cause: error });
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
