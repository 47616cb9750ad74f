// The OpenAPI document as people read it: to what the routes declare (paths, bodies, answers) it adds what each operation does, its
// headers, and how it fails.

export interface Operation {
  operationId?: string;
  summary?: string;
  description?: string;
  parameters?: Parameter[];
  responses?: Record<string, unknown>;
  security?: unknown;
  [key: string]: unknown;
}

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema?: Record<string, unknown>;
}

export interface ApiDocument {
  paths?: Record<string, Record<string, Operation>>;
  components?: Record<string, unknown>;
  [key: string]: unknown;
}

interface Said {
  readonly summary: string;
  readonly description: string;
  /** Answers besides 400, 401, 429 and 500, which every operation can give. */
  readonly fails?: readonly number[];
  readonly headers?: readonly Parameter[];
}

const ifMatch: Parameter = {
  name: 'If-Match',
  in: 'header',
  required: true,
  description: 'The version that you read: its ETag. Another version by now: 409, and nothing is changed.',
  schema: { type: 'string', examples: ['"3"'] },
};
const idempotencyKey: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Any text of 1 to 128 characters. The same key for the same job gives the same run (200); with another request it is a 409.',
  schema: { type: 'string', minLength: 1, maxLength: 128 },
};

const away = [502, 503] as const;

const operations: Readonly<Record<string, Said>> = {
  livez: { summary: 'Is the process alive?', description: 'Needs no token and asks nobody.' },
  readyz: {
    summary: 'Can it do its work?',
    description:
      'Needs no token. 200 with status ready or degraded, 503 with not ready or stopping; the database is asked to write. With the token each check says what is wrong.',
  },
  createJob: {
    summary: 'Create a job',
    description:
      'Checks everything that can be known without running it; all problems are named at once and nothing is stored then. Secrets are kept encrypted and shown as ***.',
    fails: [409, ...away],
  },
  listJobs: {
    summary: 'List jobs',
    description: 'Newest first, a page at a time. Jobs that can not be opened stand in unreadable.',
  },
  readJob: {
    summary: 'Read a job',
    description: 'Its version is the ETag, for the next If-Match.',
    fails: [404],
  },
  updateJob: {
    summary: 'Change a job',
    description:
      'Replaces the whole specification; *** keeps the stored secret. Fires that are due are not lost: they stay due while cron and zone stay, else they get their rows now.',
    fails: [404, 409, ...away],
    headers: [ifMatch],
  },
  deleteJob: {
    summary: 'Delete a job',
    description:
      'Removes its connectors, its rows in the ledger of the target, and its runs. If something of it can not be reached it stays as it was; with force=true it goes, and what is left behind is named (200).',
    fails: [404, 409, ...away],
    headers: [ifMatch],
  },
  validateJob: {
    summary: 'Check a specification',
    description: 'What createJob would say. Nothing is stored and nothing of source or target is opened.',
    fails: away,
  },
  checkConnections: {
    summary: 'Check what the next run would meet',
    description:
      'Of a specification that is not stored; with ?job= of the change of that job. Source, target and ledger are looked at step by step, and nothing is made or changed. ok is false where the run would fail; doubts say why it would be delivered and not proved.',
    fails: [404, 409],
  },
  checkJob: {
    summary: 'Check what the next run of a job would meet',
    description: 'As it is stored; nothing is made or changed.',
    fails: [404, 409],
  },
  pauseJob: {
    summary: 'Pause a job',
    description:
      'It fires no more until it is resumed; what is due by now gets its rows. A run that goes is not touched.',
    fails: [404, 409],
  },
  resumeJob: {
    summary: 'Resume a job',
    description: 'It fires again from now on. A job that is not paused is left as it is.',
    fails: [404, 409],
  },
  previewJobBatch: {
    summary: 'See what an act on several jobs would hit',
    description: 'Changes nothing. The digest in the answer stands for these jobs in these versions.',
    fails: [],
  },
  runJobBatch: {
    summary: 'Pause, resume, trigger or delete several jobs',
    description:
      'Held to the digest of its preview: where other jobs, or other versions of them, would be hit, nothing is done (409). What fails with one job is told beside it.',
    fails: [409],
    headers: [idempotencyKey],
  },
  triggerJob: {
    summary: 'Run a job now',
    description:
      'With the parameters that it declares, on a chosen Connect cluster or executor. The run waits its turn while another one of the job is going; too many that wait: 409. The answer is the run, its address stands in Location.',
    fails: [404, 409],
    headers: [idempotencyKey],
  },
  previewTemplates: {
    summary: 'See what the templates of a job come to',
    description: 'As if it fired at an instant, with given parameters. Nothing is stored or run.',
    fails: [404],
  },
  previewTemplatesOf: {
    summary: 'See what the templates of a specification come to',
    description: 'Of one that is not stored. Nothing is stored or run.',
  },
  listIntervals: {
    summary: 'List the data intervals of a job',
    description:
      'Each fire of the schedule owns the time since the fire before it. Tells which were done, which late or run again, and which were skipped or missed.',
    fails: [404],
  },
  listExecutors: {
    summary: 'List executors',
    description:
      'Those seen within a week: the names by which a trigger can choose one, and whether it is there.',
  },
  createCalendar: {
    summary: 'Create a calendar',
    description: 'Days on which the jobs that name it may fire. All problems are named at once.',
    fails: [409],
  },
  listCalendars: { summary: 'List calendars', description: 'By name, at most 500.' },
  readCalendar: {
    summary: 'Read a calendar',
    description: 'With the jobs that name it. Its version is the ETag, for the next If-Match.',
    fails: [404],
  },
  updateCalendar: {
    summary: 'Change a calendar',
    description:
      'Replaces it whole, but for its name. The next fires of the jobs that name it move with it; what is due by then gets its rows first.',
    fails: [404, 409],
    headers: [ifMatch],
  },
  deleteCalendar: {
    summary: 'Delete a calendar',
    description: 'Refused while jobs name it; the answer says which.',
    fails: [404, 409],
    headers: [ifMatch],
  },
  listLimits: {
    summary: 'List the limits of runs at a time',
    description:
      'With how many runs go that share the source, target or label; and what limits can be set on.',
  },
  setLimit: {
    summary: 'Set how many runs may go at a time',
    description:
      'Of those that share a source, a target or a label, on all executors together. What goes is left alone; what is over the limit stays queued, and says so in waitsFor. A name that no job has is taken, with a note.',
  },
  removeLimit: {
    summary: 'Remove a limit',
    description: 'What waits for it may start at once.',
    fails: [404],
  },
  listRuns: {
    summary: 'List runs',
    description: 'Newest first, of all jobs or of one, in any state or in one.',
  },
  readRun: {
    summary: 'Read a run',
    description: 'With its reason, and what can be done about it.',
    fails: [404],
  },
  readRunReport: {
    summary: 'Read the report of a run',
    description: 'The run in numbers, what is not proved and why. While it goes: as far as it is.',
    fails: [404],
  },
  readRunLog: {
    summary: 'Read the log of a run',
    description: 'Lines in their order, those after a number.',
    fails: [404],
  },
  cancelRun: {
    summary: 'Cancel a run',
    description: 'A run that waits is cancelled at once, one that goes is asked to end.',
    fails: [404, 409],
  },
  retryRun: {
    summary: 'Try a run again',
    description:
      'Another attempt at the same instant, with the newest version of the job unless version is same. An attempt that waits, goes or has succeeded is in its way: 409.',
    fails: [404, 409],
  },
  previewSchedule: {
    summary: 'Preview a schedule',
    description:
      'What a schedule means in words, and its next and previous fires in its zone and in UTC, from the code that the scheduler uses.',
  },
  readWatermark: {
    summary: 'Read the watermark of a job',
    description: 'Where its next increment begins, from the ledger in its target.',
    fails: [404, ...away],
  },
  resetWatermark: {
    summary: 'Set the watermark of a job',
    description:
      'null: the next run reads everything. Needs the name of the job once more, and a reason for the audit trail.',
    fails: [404, 409, ...away],
  },
  lookNamespaces: {
    summary: 'List the namespaces of a source',
    description: 'Nothing is stored.',
    fails: away,
  },
  lookTables: { summary: 'List the tables of a namespace', description: 'Nothing is stored.', fails: away },
  lookParts: {
    summary: 'Show the parts of a table',
    description:
      'The ranges of keys that the source itself keeps it in, with servers and sizes. Nothing is stored.',
    fails: away,
  },
  lookColumns: {
    summary: 'Find the columns of a table',
    description: 'From a sample; how their values seem to be encoded is a guess and says so.',
    fails: away,
  },
  lookRows: { summary: 'Show some rows of a table', description: 'As they are stored.', fails: away },
  testMapping: {
    summary: 'Try a mapping on some rows',
    description: 'What would be written, and what would not fit, cell by cell.',
    fails: away,
  },
  listAudit: { summary: 'List the audit trail', description: 'Who did what to which object, newest first.' },
};

const failures: Readonly<Record<number, string>> = {
  400: 'Something in the request is wrong; field names it.',
  401: 'The admin token is missing or wrong.',
  404: 'There is no such object.',
  409: 'The object is in another state or version than the request takes it for.',
  429: 'Too many wrong tokens from this address.',
  500: 'A fault inside; the log of the process says more.',
  502: 'Source, target or Connect cluster can not be reached, or refused.',
  503: "Syncline's own database or queue can not be reached.",
};

const text = { type: 'string' };
const problemSchema = {
  type: 'object',
  description: 'RFC 9457.',
  required: ['type', 'title', 'status', 'code', 'detail', 'hint'],
  properties: {
    type: text,
    title: text,
    status: { type: 'integer' },
    code: { ...text, description: 'From a closed list, for programs.' },
    detail: { ...text, description: 'What is wrong, in one sentence.' },
    field: { ...text, description: 'The field of the request that is wrong.' },
    hint: { type: 'object', properties: { en: text, zh: text }, description: 'What to do about it.' },
  },
};

/** Changes the document. */
export function describeApi(document: ApiDocument): ApiDocument {
  document.components = { ...document.components, schemas: { Problem: problemSchema } };
  for (const methods of Object.values(document.paths ?? {}))
    for (const operation of Object.values(methods)) describeOperation(operation);
  return relaxDefaults(document) as ApiDocument;
}

function describeOperation(operation: Operation): void {
  const said = operations[operation.operationId ?? ''];
  if (said === undefined) return;
  const { summary, description, fails = [], headers = [] } = said;
  Object.assign(operation, { summary, description });
  if (headers.length > 0) operation.parameters = [...(operation.parameters ?? []), ...headers];
  if (Array.isArray(operation.security)) return;
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  for (const status of [400, 401, 429, 500, ...fails])
    operation.responses = {
      ...operation.responses,
      [status]: { description: failures[status] ?? '', content },
    };
}

/** What has a default may be left away. */
function relaxDefaults(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(relaxDefaults);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, relaxDefaults(value)]));
  const { properties, required, schema } = copy as {
    properties?: Record<string, { default?: unknown }>;
    required?: unknown;
    schema?: { default?: unknown };
  };
  if (properties !== undefined && Array.isArray(required)) {
    const needed = required.filter((name) => properties[String(name)]?.default === undefined);
    if (needed.length > 0) copy['required'] = needed;
    else delete copy['required'];
  }
  if (required === true && schema?.default !== undefined) copy['required'] = false;
  return copy;
}
