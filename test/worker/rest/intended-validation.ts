// The intended differences of PUT /connector-plugins/{plugin}/config/validate: what this worker does not support is an error,
// never ignored, and a file connector needs its file.
import type { Compared } from './golden-step.ts';
import type { IntendedDifference } from './intended-differences.ts';

interface Validation {
  readonly error_count: number;
  readonly groups: readonly string[];
  readonly configs: readonly Entry[];
}

interface Entry {
  readonly definition: { readonly name: string } | null;
  readonly value: { readonly name: string; readonly errors: readonly string[]; readonly value?: unknown };
}

type Change = (validation: Validation) => Validation;

export function validationDifferences(
  recordedBody: (n: number) => unknown,
): readonly (readonly [number, IntendedDifference])[] {
  const noFile = adding('file', 'Invalid value null for configuration file: name the file');
  const needed = 'the file must be named';
  return [
    [
      35,
      {
        reason: `${needed}; a key that nobody knows is named, with the nearest known one`,
        ours: applying(noFile, naming('unknown.key', ['end.marker'], [])),
      },
    ],
    [
      36,
      {
        reason: `${needed}; topics.regex is not supported yet`,
        ours: applying(noFile, first('topics.regex', unsupportedRegex('b.*'))),
      },
    ],
    [
      37,
      {
        reason: `${needed}; the complaint about a regular expression is that of this language`,
        ours: applying(noFile, replacing('topics.regex', [brokenRegex])),
      },
    ],
    [38, { reason: `${needed}; no transforms so far`, ours: applying(noFile, withoutTransforms('a')) }],
    [
      39,
      {
        reason: `${needed}; no dead letter queue so far`,
        ours: applying(
          noFile,
          adding('errors.deadletterqueue.topic.name', unsupported('errors.deadletterqueue.topic.name', 'a')),
        ),
      },
    ],
    [
      40,
      {
        reason: `${needed}; no transforms, no dead letter queue, no topics.regex so far`,
        ours: applying(
          noFile,
          withoutTransforms('a'),
          adding('topics.regex', unsupportedRegex('a.*')),
          adding(
            'errors.deadletterqueue.topic.name',
            unsupported('errors.deadletterqueue.topic.name', 'dlq'),
          ),
        ),
      },
    ],
    [
      41,
      {
        reason: `${needed}; no transforms and predicates so far`,
        ours: applying(noFile, withoutTransforms('h'), adding('predicates', unsupported('predicates', 'p'))),
      },
    ],
    [
      42,
      {
        reason: `${needed}; client overrides have no effect and are refused, so a bad one is no crash; bad converter settings are said`,
        ours: (recorded) => ({
          ...recorded,
          status: 200,
          body: jsonConverterAnswer(recordedBody(39) as Validation, recordedBody(24) as Definition[]),
        }),
      },
    ],
    [49, { reason: needed, ours: applying(noFile) }],
    [50, { reason: needed, ours: applying(noFile) }],
  ];
}

const brokenRegex =
  'Invalid value ([ for configuration topics.regex: Invalid regex: Invalid regular expression: /([/u: Unterminated character class';

function unsupported(key: string, value: string): string {
  return `Invalid value ${value} for configuration ${key}: not supported yet by this worker; remove it`;
}

function unsupportedRegex(value: string): string {
  return `Invalid value ${value} for configuration topics.regex: not supported yet by this worker; name the topics in topics`;
}

function applying(...changes: readonly Change[]): (recorded: Compared) => Compared {
  return (recorded) => {
    const changed = changes.reduce((body, change) => change(body), recorded.body as Validation);
    const error_count = changed.configs.reduce((count, { value }) => count + value.errors.length, 0);
    return { ...recorded, body: { ...changed, error_count } };
  };
}

function replacing(key: string, errors: readonly string[], value?: unknown): Change {
  return (validation) => ({
    ...validation,
    configs: validation.configs.map((entry) =>
      entry.value.name === key
        ? { ...entry, value: { ...entry.value, errors, ...(value === undefined ? {} : { value }) } }
        : entry,
    ),
  });
}

/** A key that no definition knows. */
function naming(name: string, nearest: readonly string[], errors: readonly string[]): Change {
  const value = { name, value: null, recommended_values: nearest, errors, visible: true };
  return (validation) => ({
    ...validation,
    configs: [...validation.configs, { definition: null, value }],
  });
}

function errorsOf(validation: Validation, key: string): readonly string[] {
  return validation.configs.find(({ value }) => value.name === key)?.value.errors ?? [];
}

function adding(key: string, error: string): Change {
  return (validation) => replacing(key, [...errorsOf(validation, key), error])(validation);
}

function first(key: string, error: string): Change {
  return (validation) => replacing(key, [error, ...errorsOf(validation, key)])(validation);
}

/** The keys of single transforms and predicates are not known; naming one is the error. */
function withoutTransforms(name: string): Change {
  return (validation) => {
    const detail = /^(Transforms|Predicates): |^(transforms|predicates)\./;
    const kept = {
      ...validation,
      groups: validation.groups.filter((group) => !detail.test(group)),
      configs: validation.configs.filter(({ value }) => !detail.test(value.name)),
    };
    return adding('transforms', unsupported('transforms', name))(kept);
  };
}

interface Definition {
  readonly name: string;
  readonly default_value: string | null;
}

/** Step 42 was a crash: ours is made of the answer for the same sink (39) and the keys of the JSON converter (24). */
function jsonConverterAnswer(sameSink: Validation, converterKeys: readonly Definition[]): Validation {
  const entries = converterKeys.map((definition): Entry => {
    const name = `value.converter.${definition.name}`;
    const value = definition.name === 'converter.type' ? 'value' : definition.default_value;
    const broken = definition.name === 'schemas.enable';
    const error = `Invalid value maybe for configuration ${name}: Expected value to be either true or false`;
    return {
      definition: { ...definition, name },
      value: {
        name,
        value: broken ? null : value,
        recommended_values: [],
        errors: broken ? [error] : [],
        visible: true,
      } as Entry['value'],
    };
  });
  const changes = [
    replacing('topics', []),
    replacing('errors.deadletterqueue.topic.name', [], ''),
    adding('file', 'Invalid value null for configuration file: name the file'),
  ];
  const sink = changes.reduce((body, change) => change(body), sameSink);
  const override = 'consumer.override.max.poll.records';
  const refused = `Configuration ${override} has no effect here: Kafka is set for the whole worker; remove it`;
  const all = naming(override, [], [refused])({ ...sink, configs: [...sink.configs, ...entries] });
  return { ...all, error_count: 3 };
}
