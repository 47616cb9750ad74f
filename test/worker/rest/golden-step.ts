// The recorded answers of a real Connect 4.3.1 worker, and what makes one of ours equal to one of them.
import { everySink } from '../../../src/core/connector/every-sink.ts';
import { everySource } from '../../../src/core/connector/every-source.ts';
import { readFileSync } from 'node:fs';
import type { RawAnswer } from './send-raw.ts';

export interface GoldenStep {
  readonly n: number;
  readonly note: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string | null>>;
    readonly body?: unknown;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: unknown;
    readonly text?: string;
  };
}

/** What is compared of an answer. */
export interface Compared {
  readonly status: number;
  readonly contentType: string | null;
  readonly location: string | null;
  /** Sorted. */
  readonly allow: readonly string[] | null;
  readonly body: unknown;
}

export function loadGoldenSteps(): { readonly commit: string; readonly steps: readonly GoldenStep[] } {
  const file = new URL('../../golden/connect-golden-4.3.1.json', import.meta.url);
  const text = readFileSync(file, 'utf8');
  return JSON.parse(text, withoutSourceConverter) as { commit: string; steps: GoldenStep[] };
}

function withoutSourceConverter(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('connector.class' in value)) return value;
  if (!/FileStreamSource/.test(String(value['connector.class']))) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== 'value.converter'));
}

export function recordedAnswer({ request, response }: GoldenStep): Compared {
  return {
    status: response.status,
    contentType: response.headers['Content-Type'] ?? null,
    location: response.headers.Location ?? null,
    allow: splitList(response.headers.Allow),
    body: comparable(request.path, request.method, response.body ?? response.text ?? null),
  };
}

export function ourAnswer({ request }: GoldenStep, answer: RawAnswer, hostPort: string): Compared {
  const text = answer.text.replaceAll(hostPort, '<worker>');
  const isJson = (answer.headers['content-type'] ?? 'application/json') === 'application/json';
  return {
    status: answer.status,
    contentType: answer.headers['content-type'] ?? null,
    location: answer.headers.location?.replace(hostPort, '<worker>') ?? null,
    allow: splitList(answer.headers.allow),
    body: comparable(request.path, request.method, text === '' ? null : isJson ? JSON.parse(text) : text),
  };
}

function splitList(text: string | undefined): readonly string[] | null {
  return text === undefined ? null : text.split(/, ?/).sort();
}

/** The classes our lists of recommended converters can hold. */
export const ourConverters = [
  'org.apache.kafka.connect.converters.ByteArrayConverter',
  'org.apache.kafka.connect.json.JsonConverter',
  'org.apache.kafka.connect.storage.SimpleHeaderConverter',
  'org.apache.kafka.connect.storage.StringConverter',
];

/**
 * Rules that hold for all steps:
 * - the order of map entries is nobody's promise, that of the connectors' list neither (HashMap)
 * - documentation texts are ours
 * - a trace is the trace of the program that failed: only that there is one counts
 * - Jackson's complaints are compared up to the place they name
 * - instants
 * - converters that we don't have are not recommended
 * - the partition of a source is named `connector` in Syncline, `filename` in FileStream
 * - positions of a source are text in Syncline, numbers in FileStream: the replay sends a number where a text was recorded, and so on
 * - a StringConverter on a source, which has no effect here, is refused: the replay leaves it out of requests and answers
 * - what our worker needs of every source and sink beside Connect's keys is listed too, in a group of its own
 */
function comparable(path: string, method: string, body: unknown): unknown {
  if (typeof body === 'string' && method === 'OPTIONS') return splitList(body);
  const list = path.split('?')[0]?.replace(/\/$/, '') === '/connectors' && Array.isArray(body);
  return list ? (body as string[]).toSorted() : normalise(body);
}

function normalise(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((each) => !isOurOwn(each)).map(normalise);
  if (typeof value === 'string') return normaliseText(value);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, entry]): [string, unknown] => {
    if (key === 'documentation') return [key, '<documentation>'];
    if (key === 'trace') return [key, '<trace>'];
    if (key === 'last_modified' && entry !== null) return [key, '<epoch-ms>'];
    if (key === 'recommended_values') return [key, known(entry as string[])];
    if (key === 'position') return [key, String(entry)];
    if (key === 'filename') return ['connector', sourcePartition(entry)];
    return [key, normalise(entry)];
  });
  return Object.fromEntries(entries);
}

const ourOwn = new Set([...everySource.def, ...everySink().def].map(({ name }) => name));
const ourGroups = new Set([...everySource.def, ...everySink().def].map(({ group }) => group));

/** A key of the worker's own (FileStream's source has a batch.size too, in no group), or its group. */
function isOurOwn(entry: unknown): boolean {
  if (typeof entry === 'string') return ourGroups.has(entry);
  if (typeof entry !== 'object' || entry === null) return false;
  const { definition = entry } = entry as { readonly definition?: unknown };
  const { name, group } = (definition ?? {}) as { readonly name?: string; readonly group?: string };
  return ourOwn.has(name ?? '') && ourGroups.has(group ?? '');
}

function known(names: readonly string[]): readonly string[] {
  return names.filter(
    (name) => !name.startsWith('org.apache.kafka.connect.') || ourConverters.includes(name),
  );
}

/** What the recorded requests call the file of g-src. */
export function sourcePartition(filename: unknown): unknown {
  return filename === 'golden/g-in.txt' ? 'g-src' : filename;
}

/** A position of the kind, text or number, that stands for the recorded one. */
export function otherKind(position: unknown): unknown {
  return typeof position === 'number' ? String(position) : Number(position);
}

function normaliseText(text: string): string {
  const [upToPlace = ''] = text.split(/\n at \[Source|\(start marker at \[Source/);
  return upToPlace
    .replace('is expected to be a Long value', 'is expected to be a String value')
    .replace("the key 'filename'", "the key 'connector'")
    .replace(/, value\.converter=[\w.]+StringConverter/, '')
    .replace(/Connector config \{(.*)\} contains/, (_, entries: string) => {
      const sorted = entries.split(', ').sort().join(', ');
      return `Connector config {${sorted}} contains`;
    });
}
