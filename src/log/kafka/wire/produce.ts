// Produce v7, one batch for one partition per request, acknowledged by all in-sync replicas.
//
//   request = transactional id string (null) · acks int16 (-1) · timeout int32 · array of { topic string · array of { partition
//             int32 · batch bytes } }
//   answer  = array of { topic string · array of { partition int32 · error int16 · base offset int64 · append time int64 · log
//             start int64 } } · throttle int32
import type { Api, WireCall } from './wire-call.ts';
import { WireWriter } from './wire-writer.ts';

export const produceApi: Api = { name: 'Produce', key: 0, version: 7, flexible: false };

const ALL_IN_SYNC = -1;

/** The answer is the partition's error code. */
export function produce(request: {
  topic: string;
  partition: number;
  batch: Buffer;
  timeoutMs: number;
}): WireCall<number> {
  const head = new WireWriter().string(null).int16(ALL_IN_SYNC).int32(request.timeoutMs);
  head.int32(1).string(request.topic).int32(1).int32(request.partition).int32(request.batch.length);
  return {
    api: produceApi,
    body: [head.finish(), request.batch],
    decode: (answer) => {
      answer.int32();
      answer.string();
      answer.int32();
      answer.int32();
      return answer.int16();
    },
  };
}
