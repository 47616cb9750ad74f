// Keys of a run that any connector understands (src/core/connector/keys.ts). Shown by validation only when they are given.
import type { ConfigDef } from '../../core/connector/config-def.ts';
import {
  choice,
  complain,
  config,
  oneOf,
  parsed,
  text,
  whole,
  wholeFrom,
} from '../../core/connector/config.ts';
import { KEY } from '../../core/connector/keys.ts';
import { defaultPolicy } from '../../core/job.ts';
import type { Text } from '../../core/text.ts';

const hidden = { importance: 'LOW', width: 'NONE' } as const;

function byUser(en: string, zh: string) {
  return { ...hidden, doc: { en, zh } };
}

function byExecutor(en: string, zh: string): typeof hidden & { readonly doc: Text } {
  return { ...hidden, doc: { en: `Set by the executor: ${en}`, zh: `由执行器设置：${zh}` } };
}

export const runConfigSpec = config({
  speaker: text(KEY.connectorName, {
    ...byUser('Name of the connector in status messages.', '状态消息中连接器的名称。'),
    default: null,
  }),
  taskId: text(KEY.taskId, { ...byUser('Id of the run.', '运行的标识。'), default: null }),
  brokers: text(KEY.brokers, {
    ...byUser('Brokers of the status topic.', '状态 topic 所在的 broker。'),
    default: null,
  }),
  valueFormat: choice(KEY.valueFormat, ['json', 'row', 'json-plain'], {
    ...byUser('How values are written in the topic.', '值在 topic 中的格式。'),
    default: 'json',
  }),
  endMarker: choice(KEY.endMarker, ['control', 'record'], {
    ...byUser(
      'Whether the end of a run is a record of its own, or on the last data record.',
      '运行的结束由单独的记录还是最后一条数据记录表示。',
    ),
    default: 'control',
  }),
  job: text(KEY.job, { ...byExecutor('the job.', '作业。'), default: null }),
  epoch: parsed(
    KEY.epoch,
    { ...byExecutor('the epoch of the run.', '运行的 epoch。'), type: 'LONG', default: null },
    wholeFrom(0),
  ),
  base: text(KEY.base, { ...byExecutor('the watermark at begin.', '开始时的水位线。'), default: null }),
  deletesFrom: text(KEY.deletesFrom, {
    ...byExecutor(
      'from which position on rows deleted in the source may still be in the target.',
      '源已删除而目标中可能仍有的行，自哪个位置起。',
    ),
    default: null,
  }),
  mode: parsed(
    KEY.mode,
    { ...byExecutor('full or incremental.', 'full 或 incremental。'), default: null },
    oneOf(['full', 'incremental']),
  ),
  lagMs: whole(KEY.lagMs, {
    ...byExecutor('lag behind the clock.', '相对时钟的延迟。'),
    type: 'LONG',
    default: defaultPolicy.lagMs,
    min: 0,
  }),
  topic: text(KEY.topic, { ...byExecutor('the data topic.', '数据 topic。'), default: null }),
  startOffsets: parsed(
    KEY.startOffsets,
    { ...byExecutor('where the sink starts.', '目标的起始位置。'), default: null },
    readOffsets,
  ),
  logIncarnation: text(KEY.logIncarnation, { ...byExecutor('which log.', '日志的实例。'), default: null }),
});

export const runKeys: ConfigDef = runConfigSpec.def;

function readOffsets(text: string): readonly number[] {
  const wrong = 'write a JSON array of offsets';
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value) && value.every((each) => Number.isSafeInteger(each))) return value as number[];
  } catch {
    return complain(wrong);
  }
  return complain(wrong);
}
