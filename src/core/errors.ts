// The error that crosses folders, and its form on the way between threads and processes.
import { hintOf, isErrorCode, isRetriable, type ErrorCode } from './error-codes.ts';
import type { Text } from './text.ts';

export { errorCodes, hintOf, isAway, isErrorCode, type ErrorCode } from './error-codes.ts';

export interface SyncErrorOptions {
  /** What happened, where: gerund context first, e.g. `opening scanner on orders: no such table`. */
  readonly message: string;
  readonly cause?: unknown;
  /** The field of the user's input that is wrong, as the user wrote it. */
  readonly field?: string;
  /** Where it struck, where that is another place than this process: `host:port`, a part of a table, a file. */
  readonly place?: string;
  /** Overrides the table where one call knows better. */
  readonly retriable?: boolean;
}

/** The only error class that crosses a folder's border. */
export class SyncError extends Error {
  readonly code: ErrorCode;
  readonly retriable: boolean;
  readonly field: string | undefined;
  readonly place: string | undefined;

  constructor(code: ErrorCode, options: SyncErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SyncError';
    this.code = code;
    this.retriable = options.retriable ?? isRetriable(code);
    this.field = options.field;
    this.place = options.place;
  }

  get hint(): Text {
    return hintOf(this.code);
  }
}

/** An error as it travels: from the thread that met it, over lanes, statuses and REST, to the run's reason and the retry. */
export interface ErrorShape {
  readonly code: ErrorCode;
  /** The first cause, then what it led to: `connection refused (opening the ledger of shop.orders)`. */
  readonly message: string;
  readonly field?: string;
  readonly place?: string;
  /** May another attempt do? */
  readonly retriable: boolean;
  /** What led to it, nearest first, each in its own words. No stack. */
  readonly causes: readonly string[];
}

/** Anything thrown, as a SyncError: its own code if it has one, `fallback` otherwise. */
export function toSyncError(error: unknown, fallback: ErrorCode = 'INTERNAL'): SyncError {
  if (error instanceof SyncError) return error;
  return new SyncError(fallback, { message: wordsOf(error), cause: error });
}

/** Whatever was thrown, as it travels. `fallback`: the code of what has none. */
export function toShape(error: unknown, fallback: ErrorCode = 'INTERNAL'): ErrorShape {
  const { code, field, place, retriable } = toSyncError(error, fallback);
  const chain = causesOf(error).map(wordsOf);
  return {
    code,
    message: causeFirst(chain),
    ...(field === undefined ? {} : { field }),
    ...(place === undefined ? {} : { place }),
    retriable,
    causes: chain.slice(1).filter((words, outer) => words !== chain[outer]),
  };
}

/** With `words` put in the place of each text that may quote somebody: scrubbed of secrets, or shortened. */
export function rephrase(shape: ErrorShape, words: (text: string) => string): ErrorShape {
  return { ...shape, message: words(shape.message), causes: shape.causes.map(words) };
}

/** What nobody threw, as it travels. */
export function shapeOf(code: ErrorCode, message: string): ErrorShape {
  return { code, message, retriable: isRetriable(code), causes: [] };
}

export function fromShape({ causes, code, ...rest }: ErrorShape): SyncError {
  const cause = causes.reduceRight<Error | undefined>(
    (deeper, words) => new Error(words, deeper === undefined ? undefined : { cause: deeper }),
    undefined,
  );
  return new SyncError(code, { ...rest, ...(cause === undefined ? {} : { cause }) });
}

/** A shape that another process sent; null: it is none, or its code is one of another version. */
export function readShape(value: unknown): ErrorShape | null {
  if (typeof value !== 'object' || value === null) return null;
  const { code, message, field, place, retriable, causes } = value as Record<string, unknown>;
  if (typeof code !== 'string' || !isErrorCode(code)) return null;
  if (typeof message !== 'string' || typeof retriable !== 'boolean' || !Array.isArray(causes)) return null;
  return {
    code,
    message,
    ...(typeof field === 'string' ? { field } : {}),
    ...(typeof place === 'string' ? { place } : {}),
    retriable,
    causes: causes.filter((cause) => typeof cause === 'string'),
  };
}

const MAX_CAUSES = 10;

/** The error, then its causes. */
function causesOf(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  for (
    let at: unknown = error;
    at !== undefined && chain.length < MAX_CAUSES;
    at = at instanceof Error ? at.cause : undefined
  )
    chain.push(at);
  return chain;
}

/** An error of several (a host with several addresses) has no words of its own. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message !== '') return error.message;
  const parts = error instanceof AggregateError ? error.errors.map(wordsOf) : [];
  return parts.length === 0 ? error.name : [...new Set(parts)].join('; ');
}

/** What an outer error says already is not said again. */
function causeFirst(chain: readonly string[]): string {
  const told = chain.filter((words, at) => !chain.slice(0, at).some((outer) => outer.includes(words)));
  const first = told.pop() ?? '';
  return told.length === 0 ? first : `${first} (${told.join(': ')})`;
}

/** The trace as `pkuse_status` and Connect show it: the deepest cause first, then what it led to, then the stack. */
export function describeError(error: unknown): string {
  const lines = [...causesOf(error)]
    .reverse()
    .map((at) =>
      at instanceof Error ? `${at instanceof SyncError ? at.code : at.name}: ${wordsOf(at)}` : String(at),
    );
  const stack =
    error instanceof Error && error.stack !== undefined ? error.stack.split('\n').slice(1).join('\n') : '';
  return stack === '' ? lines.join('\n') : `${lines.join('\n')}\n${stack}`;
}
