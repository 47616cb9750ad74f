// CreateTopics v2, one topic per request; asked of the controller.
//
//   request = array of { name string · partitions int32 · replication int16 · assignments array (empty) · configs array of { name
//             string · value string } } · timeout int32 · validate only boolean
//   answer  = throttle int32 · array of { name string · error int16 · message string }
import type { Api, WireCall } from './wire-call.ts';
import { WireWriter } from './wire-writer.ts';

export const createTopicsApi: Api = { name: 'CreateTopics', key: 19, version: 2, flexible: false };

export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replication: number;
  readonly configs: readonly (readonly [name: string, value: string])[];
}

export function createTopics(
  topic: NewTopic,
  timeoutMs: number,
): WireCall<{ readonly error: number; readonly message: string | null }> {
  const body = new WireWriter().int32(1).string(topic.name).int32(topic.partitions).int16(topic.replication);
  body.int32(0).array(topic.configs, ([name, value]) => {
    body.string(name).string(value);
  });
  body.int32(timeoutMs).boolean(false);
  return {
    api: createTopicsApi,
    body: [body.finish()],
    decode: (answer) => {
      answer.int32();
      answer.int32();
      answer.string();
      return { error: answer.int16(), message: answer.string() };
    },
  };
}
