// What the worker needs of every source: declared here once, joined to each source's own keys.
import type { ValueOf } from './config.ts';
import { choice, config, text, whole } from './config.ts';

export type EverySource = ValueOf<typeof everySource>;

const group = 'Run';

export const everySource = config({
  produceRows: whole('pkuse.kafka.batch.size', {
    default: 4_000,
    min: 1,
    max: 1_000_000,
    doc: { en: 'Most records per produce batch.', zh: '每个发送批次最多的记录数。' },
    group,
  }),
  modeByHand: choice('pkuse.datasyntype', ['1', '2'], {
    default: '1',
    doc: {
      en: 'Of a run by hand: 1 full, 2 incremental. A job says it as its mode.',
      zh: '手工运行的方式：1 全量，2 增量；作业中以 mode 设置。',
    },
    group,
  }),
  startByHand: text('pkuse.lastincrementvalue', {
    default: '',
    doc: {
      en: 'Where an incremental run by hand starts: the value to start after, or where the source goes by a time, that time. Blank: at its own last position.',
      zh: '手工增量运行的起点：从该值之后开始；按时间增量的源为该时间。留空：从自身的上次位置开始。',
    },
    group,
  }),
});
