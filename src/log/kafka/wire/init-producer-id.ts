// InitProducerId v0: the id and epoch under which the broker recognises a batch that it has already stored.
//
//   request = transactional id string (null) · transaction timeout int32
//   answer  = throttle int32 · error int16 · producer id int64 · producer epoch int16
import type { Api, WireCall } from './wire-call.ts';
import { WireWriter } from './wire-writer.ts';

export const initProducerIdApi: Api = { name: 'InitProducerId', key: 22, version: 0, flexible: false };

export interface ProducerIdentity {
  readonly error: number;
  readonly producerId: number;
  readonly producerEpoch: number;
}

export function initProducerId(): WireCall<ProducerIdentity> {
  return {
    api: initProducerIdApi,
    body: [new WireWriter().string(null).int32(60_000).finish()],
    decode: (answer) => {
      answer.int32();
      return { error: answer.int16(), producerId: answer.int64(), producerEpoch: answer.int16() };
    },
  };
}
