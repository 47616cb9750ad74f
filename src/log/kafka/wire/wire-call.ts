// One request and how its answer is read; each message of the protocol is a file that makes these.
//
//   request = size int32 · api int16 · version int16 · correlation int32 · client id string · [tags: flexible] · body
//   answer  = size int32 · correlation int32 · [tags: flexible] · body
import type { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

export interface Api {
  readonly name: string;
  readonly key: number;
  readonly version: number;
  /** Compact types and tagged fields, from some version of each message on. */
  readonly flexible: boolean;
}

export interface WireCall<T> {
  readonly api: Api;
  /** The body in parts, so that record batches are written from where they lie. */
  readonly body: readonly Buffer[];
  decode(answer: WireReader): T;
}

/** Everything in front of the body. */
export function encodeRequestHeader(call: WireCall<unknown>, correlation: number, clientId: string): Buffer {
  const { api, body } = call;
  const header = new WireWriter()
    .int32(0)
    .int16(api.key)
    .int16(api.version)
    .int32(correlation)
    .string(clientId);
  if (api.flexible) header.tags();
  const bytes = header.finish();
  bytes.writeInt32BE(
    body.reduce((sum, part) => sum + part.length, bytes.length - 4),
    0,
  );
  return bytes;
}
