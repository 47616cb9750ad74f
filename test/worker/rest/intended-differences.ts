// Where our answers differ from the recorded ones on purpose: step → why, and exactly how.
import type { Compared } from './golden-step.ts';
import { loadGoldenSteps, ourConverters, recordedAnswer } from './golden-step.ts';
import { validationDifferences } from './intended-validation.ts';

export interface IntendedDifference {
  readonly reason: string;
  /** Our answer, made of the recorded one. */
  readonly ours: (recorded: Compared) => Compared;
}

const json = 'application/json';

/** An error answer in place of the recorded one. */
function failing(status: number, message: string): (recorded: Compared) => Compared {
  return () => ({
    status,
    contentType: json,
    location: null,
    allow: null,
    body: { error_code: status, message },
  });
}

/** The recorded bodies that are changed below hold these. */
interface RecordedBody {
  readonly name: string;
  readonly message: string;
  readonly root: unknown;
  readonly offsets: readonly unknown[];
}

function changing(change: (body: RecordedBody) => unknown): (recorded: Compared) => Compared {
  return (recorded) => ({ ...recorded, body: change(recorded.body as RecordedBody) });
}

function changingList(change: (body: readonly unknown[]) => unknown): (recorded: Compared) => Compared {
  return (recorded) => ({ ...recorded, body: change(recorded.body as readonly unknown[]) });
}

interface PluginEntry {
  readonly class: string;
  readonly type: string;
}

const pluginList: IntendedDifference = {
  reason: 'no transforms, no predicates, three converters and a header converter so far',
  ours: changingList((list) =>
    (list as readonly PluginEntry[]).filter(
      (each) => ['source', 'sink'].includes(each.type) || ourConverters.includes(each.class),
    ),
  ),
};

const taskAtOnce: IntendedDifference = {
  reason: 'marked as a race in the recording: without a rebalance the task is there at once',
  ours: changing((info) => ({
    ...info,
    tasks: [{ connector: info.name, task: 0 }],
  })),
};

const builtin: IntendedDifference = {
  reason: 'plugins lie in no file of their own',
  ours: changing(({ message, ...rest }) => ({
    ...rest,
    message: message.replaceAll(/location='[^']*'/g, "location='builtin'"),
  })),
};

const onlyRoot: IntendedDifference = {
  reason: 'one logger writes everything',
  ours: changing(({ root }) => ({ root })),
};

const noChildren: IntendedDifference = {
  reason: 'a logger has no children here',
  ours: changingList(([name]) => [name]),
};

const withoutTopic =
  'Connector configuration is invalid and contains the following 2 error(s):\nInvalid value null for configuration file: name the file\nMissing required configuration "topic" which has no default value.\nYou can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`';

const batchOfNone =
  'Connector configuration is invalid and contains the following 2 error(s):\nInvalid value null for configuration file: name the file\nInvalid value 0 for configuration batch.size: write a whole number from 1 to 9007199254740991\nYou can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`';

const slashRefused =
  "Connector configuration is invalid and contains the following 1 error(s):\nInvalid value g/sl for configuration name: String may not contain '/' nor be a dot path\nYou can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`";

const unlisted = 'org.apache.kafka.connect.connector.policy.AllConnectorClientConfigOverridePolicy';

export const intendedDifferences: ReadonlyMap<number, IntendedDifference> = new Map([
  [
    11,
    {
      reason: 'an error is JSON, never an HTML page',
      ours: (recorded) => ({ ...failing(404, 'HTTP 404 Not Found')(recorded), contentType: null }),
    },
  ],
  [19, pluginList],
  [20, pluginList],
  [
    25,
    {
      reason: 'no transforms so far',
      ours: failing(404, 'Unknown plugin org.apache.kafka.connect.transforms.Cast$Value.'),
    },
  ],
  [26, { reason: 'no predicates so far', ours: failing(404, 'Unknown plugin TopicNameMatches.') }],
  [
    29,
    {
      reason: 'there are no plugins of other types than those listed',
      ours: failing(404, `Unknown plugin ${unlisted}.`),
    },
  ],
  [45, builtin],
  [90, builtin],
  [
    204,
    {
      reason: 'a stopped connector has no task; the 409 of the original asks to be repeated for ever',
      ours: failing(404, 'Unknown task: g-src-0'),
    },
  ],
  [
    223,
    {
      reason: 'what a position may be is said by the source',
      ours: failing(500, "The value for the 'position' key in the offset is wrong: '-1' is no whole number"),
    },
  ],
  [
    226,
    {
      reason: 'a position that nobody would read is refused: a source has one partition',
      ours: failing(500, 'The connector has one partition: {"connector": "g-src"}'),
    },
  ],
  [
    227,
    {
      reason: 'follows from 226',
      ours: changing(({ offsets }) => ({
        offsets: offsets.slice(0, 1),
      })),
    },
  ],
  [256, taskAtOnce],
  [260, { reason: 'a connector that no URL can name again is not made', ours: failing(400, slashRefused) }],
  [
    261,
    {
      reason: 'an error is JSON, never an HTML page, and follows from 260',
      ours: failing(404, 'Connector g/sl not found'),
    },
  ],
  [263, taskAtOnce],
  [
    267,
    {
      reason: 'follows from 260',
      ours: changingList((names) => names.filter((name) => name !== 'g/sl')),
    },
  ],
  [
    92,
    { reason: 'a worker has no standard input: the file must be named', ours: failing(400, withoutTopic) },
  ],
  [
    309,
    {
      reason: 'a worker has no standard input: the file must be named; a batch of no lines is none',
      ours: failing(400, batchOfNone),
    },
  ],
  [310, { reason: 'follows from 309', ours: failing(404, 'No status found for connector g-nc') }],
  [311, onlyRoot],
  [312, onlyRoot],
  [315, noChildren],
  [317, noChildren],
  [324, noChildren],
  ...validationDifferences(recordedBody),
]);

function recordedBody(n: number): unknown {
  const step = loadGoldenSteps().steps.find((each) => each.n === n);
  if (step === undefined) throw new Error(`no step ${n}`);
  return recordedAnswer(step).body;
}
