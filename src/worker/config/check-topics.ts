// The rules between a sink's topic keys, with Connect's texts.

interface TopicProblem {
  readonly key: string;
  readonly message: string;
}

export function checkTopics(sent: Readonly<Record<string, string | null>>): readonly TopicProblem[] {
  const topics = topicsOf(sent.topics ?? '');
  const regex = (sent['topics.regex'] ?? '').trim();
  const deadLetters = (sent['errors.deadletterqueue.topic.name'] ?? '').trim();
  const both = (message: string): readonly TopicProblem[] => [
    { key: 'topics', message },
    { key: 'topics.regex', message },
  ];
  if (topics.length === 0 && regex === '') return both('Must configure one of topics or topics.regex');
  if (topics.length > 0 && regex !== '')
    return both('topics and topics.regex are mutually exclusive options, but both are set.');
  if (deadLetters === '' || !topics.includes(deadLetters)) return [];
  return [
    {
      key: 'topics',
      message: `The DLQ topic '${deadLetters}' may not be included in the list of topics ('topics=[${topics.join(', ')}]') consumed by the connector`,
    },
  ];
}

/** The names of a comma list. */
export function topicsOf(list: string): readonly string[] {
  return list
    .split(',')
    .map((topic) => topic.trim())
    .filter((topic) => topic !== '');
}
