// The configuration keys that carry a run from the executor to the worker's task runners. Users may set the first group.

/** Of the contract (article 003). */
export const KEY = {
  connectorName: 'pkuse.connector.name',
  taskId: 'pkuse.task.id',
  brokers: 'org.pkuse.kafka.broker',
  valueFormat: 'value.format',
  /** `control`: an END record carries isEnd (for Syncline sinks). `record`: the last data record does, no control records. */
  endMarker: 'end.marker',
  dirtyLimit: 'dirty.limit',
  keysMayMerge: 'keys.may.merge',
  /** How much of the target a comparison of keys may remove. */
  removalLimit: 'reconcile.limit.percent',
  topics: 'topics',
  /** Of a sink that writes to a table: rows of one transaction, and how long a failing one is tried again, ms. */
  batchSize: 'batch.size',
  retryMs: 'retry.ms',
  /** Set by the executor only. */
  job: 'syncline.job',
  epoch: 'syncline.epoch',
  /** The watermark at begin; empty: none. */
  base: 'syncline.base',
  /** From which position on rows deleted in the source may still be in the target; empty: none was written yet. */
  deletesFrom: 'syncline.deletes.from',
  mode: 'syncline.mode',
  lagMs: 'syncline.lag.ms',
  topic: 'syncline.topic',
  /** JSON array of offsets, one per partition: where the sink starts. */
  startOffsets: 'syncline.start.offsets',
  logIncarnation: 'syncline.log.incarnation',
} as const;

/** Keys of KEY that only the executor may set; refused in a job's own configuration. */
export const executorKeys: readonly string[] = [
  KEY.connectorName,
  KEY.taskId,
  KEY.brokers,
  KEY.job,
  KEY.epoch,
  KEY.base,
  KEY.deletesFrom,
  KEY.mode,
  KEY.lagMs,
  KEY.topic,
  KEY.startOffsets,
  KEY.logIncarnation,
];
