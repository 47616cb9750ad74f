// DescribeConfigs v1, one value of one topic; asked of any broker.
//
//   request = array of { type int8 (2: topic) · name string · array of { config string } } · with synonyms boolean
//   answer  = throttle int32 · array of { error int16 · message string · type int8 · name string · array of { config string · value
//             string · read only boolean · source int8 · sensitive boolean · synonyms array (empty) } }
import type { Api, WireCall } from './wire-call.ts';
import { WireWriter } from './wire-writer.ts';

const describeConfigsApi: Api = { name: 'DescribeConfigs', key: 32, version: 1, flexible: false };

const TOPIC = 2;

export interface TopicConfigAnswer {
  readonly error: number;
  readonly message: string | null;
  /** null: the broker does not say. */
  readonly value: string | null;
}

export function describeTopicConfig(topic: string, config: string): WireCall<TopicConfigAnswer> {
  const body = new WireWriter().int32(1).int8(TOPIC).string(topic).int32(1).string(config).boolean(false);
  return {
    api: describeConfigsApi,
    body: [body.finish()],
    decode: (answer) => {
      answer.int32();
      answer.int32();
      const [error, message] = [answer.int16(), answer.string()];
      answer.int8();
      answer.string();
      if (answer.int32() === 0) return { error, message, value: null };
      answer.string();
      return { error, message, value: answer.string() };
    },
  };
}
