// The shape of a topic that Syncline makes for a job's rows. Executor and source make it, whoever comes first: so it stands here once.

export const dataTopic = { partitions: 4, retentionMs: 3 * 24 * 3_600_000 } as const;
