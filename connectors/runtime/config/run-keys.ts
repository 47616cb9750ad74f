// Keys of a run that any connector understands (src/core/connector/keys.ts). Shown by validation only when they are given.
import type { ConfigDef, ConfigKey } from '../../../src/core/connector/config-def.ts';
import { KEY } from '../../../src/core/connector/keys.ts';

const base = { importance: 'LOW', group: '', width: 'NONE', defaultValue: null } as const;

function runKey(
  name: string,
  rest: Pick<ConfigKey, 'type' | 'documentation'> & Partial<ConfigKey>,
): ConfigKey {
  return { ...base, name, displayName: name, ...rest };
}

export const runKeys: ConfigDef = [
  runKey(KEY.connectorName, { type: 'STRING', documentation: 'Name of the connector in status messages.' }),
  runKey(KEY.taskId, { type: 'STRING', documentation: 'Id of the run.' }),
  runKey(KEY.brokers, { type: 'STRING', documentation: 'Brokers of the status topic.' }),
  runKey(KEY.valueFormat, {
    type: 'STRING',
    documentation: 'How values are written in the topic.',
    oneOf: ['row', 'json', 'json-plain'],
  }),
  runKey(KEY.endMarker, {
    type: 'STRING',
    documentation: 'Whether the end of a run is a record of its own, or on the last data record.',
    oneOf: ['control', 'record'],
  }),
  runKey(KEY.dirtyLimit, {
    type: 'LONG',
    documentation: 'How many bad rows a run may have and still succeed.',
    min: 0,
  }),
  runKey(KEY.keysMayMerge, {
    type: 'BOOLEAN',
    documentation:
      'Accepts that different source keys may be one key in the target; the run is then not proved.',
  }),
  runKey(KEY.job, { type: 'STRING', documentation: 'Set by the executor: the job.' }),
  runKey(KEY.epoch, { type: 'LONG', documentation: 'Set by the executor: the epoch of the run.', min: 0 }),
  runKey(KEY.base, { type: 'STRING', documentation: 'Set by the executor: the watermark at begin.' }),
  runKey(KEY.mode, {
    type: 'STRING',
    documentation: 'Set by the executor: full or incremental.',
    oneOf: ['full', 'incremental'],
  }),
  runKey(KEY.lagMs, { type: 'LONG', documentation: 'Set by the executor: lag behind the clock.', min: 0 }),
  runKey(KEY.topic, { type: 'STRING', documentation: 'Set by the executor: the data topic.' }),
  runKey(KEY.startOffsets, { type: 'STRING', documentation: 'Set by the executor: where the sink starts.' }),
  runKey(KEY.logIncarnation, { type: 'STRING', documentation: 'Set by the executor: which log.' }),
];
