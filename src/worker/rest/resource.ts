// How an endpoint is written: a path, and for each method a function from the request to the answer.

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface RestRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: ReadonlyMap<string, readonly string[]>;
  /** The body as it came; empty when there was none. */
  readonly text: string;
  /** Value of the Host header: what a Location is made of. */
  readonly host: string;
  readonly header: (name: string) => string | null;
}

export interface RestAnswer {
  readonly status: number;
  /** Absent: an empty answer. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Handle = (request: RestRequest) => RestAnswer | Promise<RestAnswer>;

export interface Resource {
  /** With `:name` for a part that varies. */
  readonly path: string;
  readonly methods: Readonly<Partial<Record<Method, Handle>>>;
}

export function ok(body: unknown): RestAnswer {
  return { status: 200, body };
}

/** A part of the path; the router has decoded it. */
export function param(request: RestRequest, name: string): string {
  return request.params[name] ?? '';
}

/** Only `true` is true. */
export function flag(request: RestRequest, name: string, absent: boolean): boolean {
  const value = request.query.get(name)?.[0];
  return value === undefined ? absent : value.toLowerCase() === 'true';
}

/** In which of our languages the caller wants to read texts: Connect's clients say nothing and get English. */
export function languageOf(request: RestRequest): 'en' | 'zh' {
  return /^zh\b/i.test(request.header('accept-language') ?? '') ? 'zh' : 'en';
}
