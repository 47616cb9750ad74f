// A source for Syncline: pages of JSON over HTTP, whole or what changed since.
//
//   GET <url>?after=<key>&since=<instant>&limit=<rows>
//   → { "now": "2025-11-25T01:00:00.000Z", "more": true, "rows": [{ "id": 1, … }, …] }      rows in the order of the key
//
// `now` is the server's clock: an increment reads what changed in [the position of before, now - lag). Rows are always read as they are
// now, so one that changes while it is read is read again by the next increment.
import {
  SyncError,
  complain,
  config,
  createRowWriter,
  defineSource,
  parseFieldType,
  parsed,
  retry,
  secret,
  text,
  whole,
} from 'syncline/connector';

const pagesConfig = config(
  {
    url: text('pages.url', {
      importance: 'HIGH',
      doc: { en: 'Where the pages are: http:// or https://.', zh: '各页所在的地址：http:// 或 https://。' },
    }),
    token: secret('pages.token', {
      default: '',
      doc: { en: 'Sent as a bearer token.', zh: '作为 bearer 令牌发送。' },
    }),
    fields: parsed(
      'pages.fields',
      {
        importance: 'HIGH',
        doc: {
          en: 'Fields of a row as name:type, name:type, …; the first is the key.',
          zh: '行的字段：name:type, name:type, …；第一个为主键。',
        },
      },
      readFields,
    ),
    limit: whole('pages.limit', {
      default: 500,
      min: 1,
      max: 10_000,
      doc: { en: 'Rows of a page.', zh: '每页的行数。' },
    }),
  },
  (values, refuse) => {
    if (/^https?:\/\/[^@]+$/.test(values.url) && URL.canParse(values.url)) return values;
    refuse('pages.url', 'write http://host:port/path, without a user and password');
    return null;
  },
);

function readFields(list) {
  // Commas within brackets belong to the type: price:decimal(10,2).
  return list.split(/,(?![^(]*\))/).map((item, index) => {
    const [name = '', type = ''] = item.split(':').map((part) => part.trim());
    try {
      return { name, type: parseFieldType(type, name), optional: index > 0 };
    } catch (error) {
      return complain(error.message);
    }
  });
}

/** Positions are the server's instants. */
const positions = {
  read(said, now) {
    const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(said) ? Date.parse(said) : Number.NaN;
    if (Number.isNaN(at))
      throw new SyncError('BAD_INPUT', {
        message: `'${said}' is no instant; write one as 2025-11-25T01:00:00Z`,
      });
    if (at > now + 60_000) throw new SyncError('BAD_INPUT', { message: `${said} is still to come` });
    return new Date(at).toISOString();
  },
  compare: (a, b) => Date.parse(a) - Date.parse(b),
};

export default defineSource({
  className: 'example.JsonPagesSource',
  version: '1.0.0',
  config: pagesConfig,
  positions: () => positions,
  hosts: (flat) => (URL.canParse(flat['pages.url'] ?? '') ? [new URL(flat['pages.url']).hostname] : []),
  identity: ({ url, fields }) => JSON.stringify([url, fields[0].name]),
  open: (opening) => new PagesTask(opening),
});

class PagesTask {
  /** One page tells where the next begins: there is nothing to be cut into splits. */
  concurrency = 1;
  #opening;
  #schema;

  constructor(opening) {
    this.#opening = opening;
    const { fields } = opening.config;
    this.#schema = { fields, key: [fields[0].name] };
  }

  async plan({ base, mode, lagMs }) {
    const { now } = await this.#page({ limit: 1 });
    const settled = Date.parse(now) - lagMs;
    const to = new Date(base === null ? settled : Math.max(Date.parse(base), settled)).toISOString();
    return {
      window: { from: mode === 'full' ? null : base, to },
      schema: this.#schema,
      // The server does not say how many rows there are.
      predicted: { rows: null, exact: false },
      shared: '',
      splits: ['all'],
      notes: [
        { en: 'deletes not followed: the server does not tell them', zh: '不跟随删除：服务器不告知删除' },
      ],
      doubts: [],
    };
  }

  async readSplit({ plan, out, signal }) {
    const writer = createRowWriter(plan.schema, out);
    const names = plan.schema.fields.map(({ name }) => name);
    const since = plan.window.from === null ? {} : { since: plan.window.from };
    let after = {};
    for (let more = true; more;) {
      const page = await this.#page({ ...since, ...after, limit: this.#opening.config.limit }, signal);
      for (const row of page.rows) writer.write(names.map((name) => row[name]));
      await out.drained();
      const last = page.rows.at(-1);
      more = page.more && last !== undefined;
      if (more) after = { after: String(last[names[0]]) };
    }
  }

  close() {
    return Promise.resolve();
  }

  /** Tried again for some seconds while the server is away. */
  #page(query, signal = this.#opening.signal) {
    const { clock } = this.#opening;
    const isPassing = (error) => error instanceof SyncError && error.retriable;
    const trying = { clock, signal, withinMs: 5_000, pauseMs: () => 500, isPassing };
    return retry(trying, () => this.#ask(query, signal));
  }

  async #ask(query, signal) {
    const { url, token } = this.#opening.config;
    const asked = new URL(url);
    for (const [name, value] of Object.entries(query)) asked.searchParams.set(name, value);
    const headers = token === '' ? {} : { authorization: `Bearer ${token}` };
    let answer;
    try {
      answer = await fetch(asked, {
        headers,
        signal: AbortSignal.any([signal, AbortSignal.timeout(30_000)]),
      });
      if (answer.ok) return checked(await answer.json(), asked);
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof SyncError) throw cause;
      throw new SyncError('SOURCE_UNREACHABLE', {
        message: `reading ${asked.origin}: ${String(cause.cause ?? cause)}`,
        cause,
      });
    }
    const code = answer.status === 401 ? 'SOURCE_LOGIN' : 'SOURCE_FAILED';
    const retriable = answer.status >= 500;
    throw new SyncError(code, {
      message: `reading ${asked.origin}: it answered ${answer.status}`,
      retriable,
    });
  }
}

function checked(page, { origin }) {
  const isPage =
    Array.isArray(page?.rows) && typeof page.more === 'boolean' && !Number.isNaN(Date.parse(page.now));
  if (isPage) return page;
  throw new SyncError('SOURCE_FAILED', {
    message: `reading ${origin}: the answer is no page: it has no now, more and rows`,
  });
}
