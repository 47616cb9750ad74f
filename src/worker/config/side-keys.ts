// Keys that Connect gives to every sink, and to every source; documentation in our own words.
import type { ConfigDef } from '../../core/connector/config-def.ts';
import { topicsKey } from '../../core/connector/every-sink.ts';
import { notYet } from './common-keys.ts';

export const sinkKeys: ConfigDef = [
  { ...topicsKey.def, orderInGroup: 4 },
  {
    name: 'topics.regex',
    type: 'STRING',
    defaultValue: '',
    importance: 'HIGH',
    documentation: {
      en: 'Regular expression that names the topics to read. Not supported yet: use topics.',
      zh: '指定要读取 topic 的正则表达式。尚不支持：请使用 topics。',
    },
    displayName: 'Topics regex',
    width: 'LONG',
    group: 'Common',
    orderInGroup: 4,
    check: checkTopicsRegex,
  },
  {
    name: 'errors.deadletterqueue.topic.name',
    type: 'STRING',
    defaultValue: '',
    importance: 'MEDIUM',
    documentation: {
      en: 'Topic for records that failed. Not supported yet: dirty rows are kept aside in the target.',
      zh: '失败记录的 topic。尚不支持：脏行另存于目标。',
    },
    displayName: 'Dead Letter Queue Topic Name',
    width: 'MEDIUM',
    group: 'Error Handling',
    orderInGroup: 6,
    check: notYet,
  },
  {
    name: 'errors.deadletterqueue.topic.replication.factor',
    type: 'SHORT',
    defaultValue: '3',
    importance: 'MEDIUM',
    documentation: {
      en: 'Replicas of the dead letter queue topic. Without effect, there is none.',
      zh: '死信队列 topic 的副本数。没有作用：不存在死信队列。',
    },
    displayName: 'Dead Letter Queue Topic Replication Factor',
    width: 'MEDIUM',
    group: 'Error Handling',
    orderInGroup: 7,
  },
  {
    name: 'errors.deadletterqueue.context.headers.enable',
    type: 'BOOLEAN',
    defaultValue: 'false',
    importance: 'MEDIUM',
    documentation: {
      en: 'Whether records in the dead letter queue carry the error as headers. Without effect, there is none.',
      zh: '死信队列中的记录是否以消息头携带错误。没有作用：不存在死信队列。',
    },
    displayName: 'Enable Error Context Headers',
    width: 'MEDIUM',
    group: 'Error Handling',
    orderInGroup: 8,
  },
];

export const sourceKeys: ConfigDef = [
  {
    name: 'topic.creation.groups',
    type: 'LIST',
    defaultValue: '',
    importance: 'LOW',
    documentation: {
      en: 'Groups of settings for topics to be created. Not supported yet.',
      zh: '待创建 topic 的设置分组。尚不支持。',
    },
    displayName: 'Topic Creation Groups',
    width: 'LONG',
    group: 'Topic Creation',
    orderInGroup: 1,
    check: notYet,
  },
  {
    name: 'exactly.once.support',
    type: 'STRING',
    defaultValue: 'requested',
    importance: 'MEDIUM',
    documentation: {
      en: 'requested or required. Delivery to the topic is at least once, the effect in a Syncline sink exactly once; "required" is refused.',
      zh: 'requested 或 required。向 topic 的投递为至少一次，在 Syncline 目标中的效果为恰好一次；"required" 会被拒绝。',
    },
    displayName: 'Exactly once support',
    width: 'SHORT',
    group: 'Exactly Once Support',
    orderInGroup: 2,
    oneOf: ['requested', 'required'],
    check: (value) => (value === 'required' ? 'delivery to the topic is at least once' : null),
  },
  {
    name: 'transaction.boundary',
    type: 'STRING',
    defaultValue: 'poll',
    importance: 'MEDIUM',
    documentation: {
      en: 'Where producer transactions end: poll, interval or connector. Without effect, there are none.',
      zh: '生产者事务在何处结束；只能为 poll：不存在生产者事务。',
    },
    displayName: 'Transaction Boundary',
    width: 'SHORT',
    group: 'Exactly Once Support',
    orderInGroup: 3,
    oneOf: ['poll', 'interval', 'connector'],
  },
  {
    name: 'transaction.boundary.interval.ms',
    type: 'LONG',
    defaultValue: null,
    importance: 'LOW',
    documentation: {
      en: 'Length of a producer transaction. Without effect, there are none.',
      zh: '生产者事务的时长。没有作用：不存在生产者事务。',
    },
    displayName: 'Transaction boundary interval',
    width: 'SHORT',
    group: 'Exactly Once Support',
    orderInGroup: 4,
  },
  {
    name: 'offsets.storage.topic',
    type: 'STRING',
    defaultValue: null,
    importance: 'LOW',
    documentation: {
      en: 'Topic for the offsets of this connector. Without effect: a standalone worker keeps them in files.',
      zh: '该连接器的位移所在的 topic。没有作用：单机工作节点把位移保存在文件中。',
    },
    displayName: 'Offsets topic',
    width: 'LONG',
    group: 'offsets.topic',
    orderInGroup: 1,
  },
];

function checkTopicsRegex(value: string): string | null {
  if (value === '') return null;
  try {
    new RegExp(value, 'u');
  } catch (error) {
    return `Invalid regex: ${error instanceof Error ? error.message : String(error)}`;
  }
  return 'not supported yet by this worker; name the topics in topics';
}
