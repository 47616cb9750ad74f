// Metadata v10 (Kafka 2.8 and later): the brokers, and topics with their ids and partition leaders.
//
//   request = compact array of { topic id 16 · name compact string · tags } · auto create boolean (false) · cluster operations
//             boolean (false) · topic operations boolean (false) · tags
//   answer  = throttle int32 · compact array of { node int32 · host · port int32 · rack · tags } · cluster id · controller int32 ·
//             compact array of { error int16 · name · topic id 16 · internal boolean · compact array of { error int16 · index
//             int32 · leader int32 · leader epoch int32 · replicas · in-sync · offline (compact arrays of int32) · tags } ·
//             operations int32 · tags } · operations int32 · tags          ; strings are compact
import type { Api, WireCall } from './wire-call.ts';
import type { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

export const metadataApi: Api = { name: 'Metadata', key: 3, version: 10, flexible: true };

const NO_ID = Buffer.alloc(16);

export interface BrokerNode {
  readonly id: number;
  readonly host: string;
  readonly port: number;
}

export interface PartitionLeader {
  readonly partition: number;
  /** Node id; -1 while none is elected. */
  readonly leader: number;
}

export interface TopicMetadata {
  readonly error: number;
  readonly name: string;
  /** Changes when the topic is deleted and created again. */
  readonly id: string;
  /** In partition order. */
  readonly partitions: readonly PartitionLeader[];
}

export interface ClusterMetadata {
  readonly brokers: readonly BrokerNode[];
  readonly controller: number;
  readonly topics: readonly TopicMetadata[];
}

/** No topics: the brokers only. */
export function readMetadata(topics: readonly string[]): WireCall<ClusterMetadata> {
  const body = new WireWriter();
  body.compactArray(topics, (name) => {
    body.raw(NO_ID).compactString(name).tags();
  });
  body.boolean(false).boolean(false).boolean(false).tags();
  return { api: metadataApi, body: [body.finish()], decode: decodeMetadata };
}

function decodeMetadata(answer: WireReader): ClusterMetadata {
  answer.int32();
  const brokers = answer.compactArray(() => {
    const broker = { id: answer.int32(), host: answer.compactString() ?? '', port: answer.int32() };
    answer.compactString();
    answer.skipTags();
    return broker;
  });
  answer.compactString();
  const controller = answer.int32();
  return { brokers, controller, topics: answer.compactArray(() => decodeTopic(answer)) };
}

function decodeTopic(answer: WireReader): TopicMetadata {
  const error = answer.int16();
  const name = answer.compactString() ?? '';
  const id = answer.uuid();
  answer.boolean();
  const partitions = answer.compactArray(() => decodePartition(answer));
  answer.int32();
  answer.skipTags();
  return { error, name, id, partitions: partitions.sort((a, b) => a.partition - b.partition) };
}

function decodePartition(answer: WireReader): PartitionLeader {
  answer.int16();
  const partition = answer.int32();
  const leader = answer.int32();
  answer.int32();
  for (let list = 0; list < 3; list += 1) answer.compactArray(() => answer.int32());
  answer.skipTags();
  return { partition, leader };
}
