// The header that says why a connector, or a request, failed, beside Connect's own answer: its body is as strict clients expect it.
import { readShape } from '../errors.ts';
import type { ErrorShape } from '../errors.ts';

/** Of our worker's `GET /connectors/{name}/status`, and of its answers 500. */
export const ERROR_HEADER = 'x-syncline-error';

/** Clients refuse headers that are much longer. */
const MAX_LENGTH = 8_000;
const SHORT_MESSAGE = 1_000;

export function packErrorHeader(error: ErrorShape): string {
  const whole = encode(error);
  if (whole.length <= MAX_LENGTH) return whole;
  return encode({ ...error, message: error.message.slice(0, SHORT_MESSAGE), causes: [] });
}

/** null: there is none, or it can't be read. */
export function readErrorHeader(text: string | null): ErrorShape | null {
  if (text === null) return null;
  try {
    return readShape(JSON.parse(Buffer.from(text, 'base64').toString()));
  } catch {
    return null;
  }
}

/** Base64: a header takes ASCII only. */
function encode(error: ErrorShape): string {
  return Buffer.from(JSON.stringify(error)).toString('base64');
}
