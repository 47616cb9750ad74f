// What is said of a connector that does not keep the contract.
import { SyncError } from '../../src/core/errors.ts';

export interface Guard {
  /** The npm package. */
  readonly name: string;
  readonly answerMs: number;
}

export function faultOf(name: string, what: string, error: unknown): SyncError {
  if (error instanceof SyncError) return withName(name, error);
  const words = error instanceof Error ? error.message : String(error);
  return new SyncError('PLUGIN_FAULT', { message: `${what} of ${name}: ${words}`, cause: error });
}

/** What core finds missing in a connector it tells by its class; who must mend it is the package. */
function withName(name: string, error: SyncError): SyncError {
  const { code, message, retriable } = error;
  if (code !== 'PLUGIN_FAULT' || message.includes(name)) return error;
  return new SyncError(code, { message: `${name}, ${message}`, retriable, cause: error });
}

export function silent(name: string, what: string, ms: number): SyncError {
  return new SyncError('PLUGIN_FAULT', {
    message: `${what} of ${name}: it gave no sign for ${ms / 1_000} s`,
    retriable: true,
  });
}

export function fault(name: string, what: string): SyncError {
  return new SyncError('PLUGIN_FAULT', { message: `${name}, ${what}` });
}

export async function named<T>(name: string, what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw faultOf(name, what, error);
  }
}
