// Keys that Connect gives to every sink, and to every source; documentation in our own words.
import type { ConfigDef } from '../../../src/core/connector/config-def.ts';
import { notYet } from './common-keys.ts';

export const sinkKeys: ConfigDef = [
  {
    name: 'topics',
    type: 'LIST',
    defaultValue: '',
    importance: 'HIGH',
    documentation: 'Topics to read, separated by commas.',
    displayName: 'Topics',
    width: 'LONG',
    group: 'Common',
    orderInGroup: 4,
  },
  {
    name: 'topics.regex',
    type: 'STRING',
    defaultValue: '',
    importance: 'HIGH',
    documentation: 'Regular expression that names the topics to read. Not supported yet: use topics.',
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
    documentation:
      'Topic for records that failed. Not supported yet: bad rows go to the dirty store in the target.',
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
    documentation: 'Replicas of the dead letter queue topic. Without effect, there is none.',
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
    documentation:
      'Whether records in the dead letter queue carry the error as headers. Without effect, there is none.',
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
    documentation: 'Groups of settings for topics to be created. Not supported yet.',
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
    documentation:
      'requested or required. Delivery to the topic is at least once, the effect in a Syncline sink exactly once; "required" is refused.',
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
    documentation:
      'Where producer transactions end: poll, interval or connector. Without effect, there are none.',
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
    documentation: 'Length of a producer transaction. Without effect, there are none.',
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
    documentation:
      'Topic for the offsets of this connector. Without effect: a standalone worker keeps them in files.',
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
