// Fetch v11 without a fetch session: record batches of several partitions of one topic from their leader.
//
//   request = replica int32 (-1) · max wait int32 · min bytes int32 · max bytes int32 · isolation int8 · session id int32 (0) ·
//             session epoch int32 (-1) · array of { topic string · array of { partition int32 · leader epoch int32 (-1) · offset
//             int64 · log start int64 (-1) · max bytes int32 } } · forgotten array (empty) · rack string
//   answer  = throttle int32 · error int16 · session id int32 · array of { topic string · array of { partition int32 · error
//             int16 · high watermark int64 · last stable int64 · log start int64 · aborted array of { producer id int64 · offset
//             int64 } · preferred replica int32 · batches bytes } }
// The batches begin with the one that holds the asked offset, perhaps before it, and may end in a cut-off one.
import type { Api, WireCall } from './wire-call.ts';
import type { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

export const fetchApi: Api = { name: 'Fetch', key: 1, version: 11, flexible: false };

export interface FetchRequest {
  readonly topic: string;
  readonly positions: readonly { readonly partition: number; readonly offset: number }[];
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  readonly partitionMaxBytes: number;
}

export interface FetchedPartition {
  readonly partition: number;
  readonly error: number;
  /** A view into the frame. */
  readonly batches: Buffer | null;
}

export interface FetchAnswer {
  readonly error: number;
  readonly partitions: readonly FetchedPartition[];
  /** The memory under all `batches`, to be given back when they are read. */
  readonly frame: Buffer;
}

export function fetchBatches(request: FetchRequest): WireCall<FetchAnswer> {
  const body = new WireWriter().int32(-1).int32(request.maxWaitMs).int32(1).int32(request.maxBytes);
  body.int8(0).int32(0).int32(-1).int32(1).string(request.topic);
  body.array(request.positions, ({ partition, offset }) => {
    body.int32(partition).int32(-1).int64(offset).int64(-1).int32(request.partitionMaxBytes);
  });
  body.int32(0).string('');
  return { api: fetchApi, body: [body.finish()], decode: decodeFetch };
}

function decodeFetch(answer: WireReader): FetchAnswer {
  answer.int32();
  const error = answer.int16();
  answer.int32();
  const topics = answer.array(() => {
    answer.string();
    return answer.array(() => decodePartition(answer));
  });
  return { error, partitions: topics.flat(), frame: answer.frame };
}

function decodePartition(answer: WireReader): FetchedPartition {
  const partition = answer.int32();
  const error = answer.int16();
  for (let offsets = 0; offsets < 3; offsets += 1) answer.int64();
  answer.array(() => [answer.int64(), answer.int64()]);
  answer.int32();
  return { partition, error, batches: answer.bytes() };
}
