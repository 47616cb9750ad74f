// ListOffsets v1: the first or the end offset of partitions, from their leader.
//
//   request = replica int32 (-1) · array of { topic string · array of { partition int32 · time int64 } }  ; -2 first, -1 end
//   answer  = array of { topic string · array of { partition int32 · error int16 · time int64 · offset int64 } }
import type { Api, WireCall } from './wire-call.ts';
import { WireWriter } from './wire-writer.ts';

export const listOffsetsApi: Api = { name: 'ListOffsets', key: 2, version: 1, flexible: false };

export interface ListedOffset {
  readonly partition: number;
  readonly error: number;
  readonly offset: number;
}

export function listOffsets(request: {
  topic: string;
  partitions: readonly number[];
  at: 'start' | 'end';
}): WireCall<readonly ListedOffset[]> {
  const time = request.at === 'start' ? -2 : -1;
  const body = new WireWriter().int32(-1).int32(1).string(request.topic);
  body.array(request.partitions, (partition) => {
    body.int32(partition).int64(time);
  });
  return {
    api: listOffsetsApi,
    body: [body.finish()],
    decode: (answer) =>
      answer
        .array(() => {
          answer.string();
          return answer.array(() => {
            const found = { partition: answer.int32(), error: answer.int16() };
            answer.int64();
            return { ...found, offset: answer.int64() };
          });
        })
        .flat(),
  };
}
