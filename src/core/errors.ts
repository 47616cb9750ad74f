// The closed table of error codes: what each means to a caller (may it be tried again?) and to a user (what to do?).

interface CodeEntry {
  readonly retriable: boolean;
  readonly hint: { readonly en: string; readonly zh: string };
}

const entry = (retriable: boolean, en: string, zh: string): CodeEntry => ({ retriable, hint: { en, zh } });

const codes = {
  BAD_INPUT: entry(false, 'Correct what the message names, and try again.', '请更正消息所指出的内容后重试。'),
  CANCELLED: entry(false, 'The run was cancelled on request.', '该运行已按请求取消。'),
  CLOCK_SKEW: entry(
    true,
    'Synchronise the clocks of the named hosts (NTP), or raise the lag of the job.',
    '请同步所列主机的时钟（NTP），或增大作业的延迟（lag）。',
  ),
  CONFLICT: entry(
    false,
    'Read the object again and repeat the change on its current version.',
    '请重新读取对象，再基于当前版本修改。',
  ),
  CONNECT_REJECTED: entry(
    false,
    'The Connect worker refused the request; its answer says why.',
    'Connect 工作节点拒绝了请求，原因见其返回内容。',
  ),
  CONNECT_UNREACHABLE: entry(
    true,
    'Check that the Connect worker runs and its URL is right.',
    '请检查 Connect 工作节点是否运行、URL 是否正确。',
  ),
  DATABASE_FAILED: entry(
    true,
    "Syncline's own database refused the statement; its message says why.",
    'Syncline 自身的数据库拒绝了该语句，原因见其消息。',
  ),
  DATABASE_UNREACHABLE: entry(
    true,
    "Check the URL and that Syncline's own database runs.",
    '请检查 URL，并确认 Syncline 自身的数据库正在运行。',
  ),
  DATA_DIR_IN_USE: entry(
    false,
    'Stop the other process, or give this one a data folder of its own: --data-dir.',
    '请停止另一个进程，或用 --data-dir 为本进程指定独立的数据目录。',
  ),
  DATA_DIR_UNUSABLE: entry(
    false,
    'Give Syncline a folder that its user may write to: --data-dir, or SYNCLINE_DATA_DIR.',
    '请用 --data-dir 或 SYNCLINE_DATA_DIR 指定一个当前用户可写的目录。',
  ),
  DIGEST_CHANGED: entry(
    false,
    'Source, target or key mapping changed: run the job once with mode full.',
    '源、目标或主键映射已变更：请先以 full 模式运行一次。',
  ),
  DIRTY_LIMIT: entry(
    false,
    'Correct the named row or its mapping, or raise policy.dirtyLimit of the job (dirty.limit of a sink made by hand).',
    '请修正所指出的行或其映射，或提高作业的 policy.dirtyLimit（手工建立的目标连接器为 dirty.limit）。',
  ),
  EXECUTOR_STOPPED: entry(
    true,
    'The executor was shut down during the run; run the job again.',
    '执行器在运行期间被关闭；请重新运行作业。',
  ),
  FENCED: entry(
    false,
    'A newer run of the job took over; nothing was written.',
    '该作业的新运行已接管；本任务未写入任何数据。',
  ),
  HBASE_FAILED: entry(
    false,
    'HBase refused the call; its message says why.',
    'HBase 拒绝了该调用，原因见其消息。',
  ),
  HBASE_UNREACHABLE: entry(
    true,
    'Check the ZooKeeper or master addresses and that HBase runs.',
    '请检查 ZooKeeper 或 master 地址，并确认 HBase 正在运行。',
  ),
  INCOMPLETE: entry(
    true,
    'Rows of the named split are missing in the target; run the job again.',
    '所指分片的数据行未全部到达目标；请重新运行作业。',
  ),
  INTERNAL: entry(
    false,
    "This is a defect of Syncline; please report it with the trace in the server's log.",
    '这是 Syncline 的缺陷；请附带服务端日志中的堆栈信息反馈。',
  ),
  KAFKA_FAILED: entry(
    false,
    'Kafka refused the request; its error says why.',
    'Kafka 拒绝了请求，原因见其错误信息。',
  ),
  KAFKA_UNREACHABLE: entry(
    true,
    'Check the broker addresses and that Kafka runs.',
    '请检查 broker 地址，并确认 Kafka 正在运行。',
  ),
  KEYS_MAY_MERGE: entry(
    false,
    'Make the key tell the rows of the source apart, and give its columns a binary collation without padding (utf8mb4_nopad_bin, on MySQL 8 utf8mb4_0900_bin); or set keys.may.merge=true and lose the proof.',
    '请让主键能区分源端的每一行，并为主键列使用不补空格的二进制排序规则（utf8mb4_nopad_bin,MySQL 8 为 utf8mb4_0900_bin），或设置 keys.may.merge=true（将失去完整性证明）。',
  ),
  LEASE_LOST: entry(
    true,
    'The executor lost its lease; another one took the run.',
    '执行器失去租约；运行已由其他执行器接管。',
  ),
  LOG_RETENTION: entry(
    true,
    'Records were deleted before they were read; raise retention.ms of the topic.',
    '记录在读取前已被删除；请增大主题的 retention.ms。',
  ),
  MAPPING_INVALID: entry(
    false,
    'Correct the named entry of the field mapping.',
    '请更正字段映射中所指出的条目。',
  ),
  MISFIRE: entry(
    false,
    'The instant passed while no scheduler ran; run the job by hand if it is needed.',
    '该时刻没有调度器在运行；如有需要请手动运行作业。',
  ),
  NOT_FOUND: entry(false, 'Check the id or name.', '请检查 ID 或名称。'),
  NOT_YET: entry(false, 'This option is not supported yet; remove it.', '尚不支持该选项；请将其移除。'),
  OVERLAP: entry(
    false,
    "Choose a longer interval, or set the schedule's overlap to queue.",
    '请加大调度间隔，或将调度的 overlap 设为 queue。',
  ),
  PLAN_LOST: entry(
    true,
    'The plan of this run could not be read back; run the job again.',
    '无法读回本次运行的计划；请重新运行作业。',
  ),
  PORT_UNUSABLE: entry(
    false,
    'Stop the program that has the port, or choose another: --api-port, --worker-port (0: any free one).',
    '请停止占用该端口的程序，或用 --api-port、--worker-port 指定其他端口（0 表示任意空闲端口）。',
  ),
  QUEUE_UNREACHABLE: entry(
    true,
    'Check the Redis URL and that Redis runs.',
    '请检查 Redis URL，并确认 Redis 正在运行。',
  ),
  RECORD_FOREIGN: entry(
    false,
    'Give the sink a topic that only Syncline sources write to. By hand you can also stop the sink and set its offset behind the named record (PATCH /connectors/<name>/offsets).',
    '请为接收端使用仅由 Syncline 源端写入的主题；手动运行时，也可先停止接收端，再将其位移设到所指记录之后（PATCH /connectors/<name>/offsets）。',
  ),
  REMOVAL_LIMIT: entry(
    false,
    'Look whether the source lost its rows or is another table; if the rows shall go, raise reconcile.limit.percent of the sink.',
    '请检查源是否丢失了数据或指向了别的表；若确要删除这些行，请提高目标端的 reconcile.limit.percent。',
  ),
  ROW_INVALID: entry(
    false,
    'Correct the named value in the source, or its type in the mapping.',
    '请修正源中的该值，或其在映射中的类型。',
  ),
  SECRET_KEY_WRONG: entry(
    false,
    'Start Syncline with the secret key that this database was written with.',
    '请使用写入该数据库时所用的密钥（secret key）启动 Syncline。',
  ),
  STACK_FAILED: entry(
    true,
    'A service of the private stack did not start; the message ends with its last log lines.',
    '私有环境中的某个服务未能启动；其最后几行日志见消息末尾。',
  ),
  STALLED: entry(
    true,
    'The named side stopped making progress; look at its log.',
    '所指的一侧停止了进展；请查看其日志。',
  ),
  TABLE_TAKEN: entry(
    false,
    'Choose another target table, or delete the job that writes to this one.',
    '请选择其他目标表，或删除正在写入该表的作业。',
  ),
  TARGET_CHANGED: entry(
    false,
    'Run the job in full: it writes every row again.',
    '请全量运行该作业：它会重新写入每一行。',
  ),
  TARGET_DENIED: entry(
    false,
    'Correct the user or password, grant the user the rights that the message names, or mend TLS as it says.',
    '请更正用户名或密码，或为该用户授予消息中所列的权限，或按消息修正 TLS 设置。',
  ),
  TARGET_FAILED: entry(
    false,
    'The target refused the statement; its message says why.',
    '目标库拒绝了该语句，原因见其消息。',
  ),
  TARGET_SCHEMA: entry(
    false,
    'Make the target table fit the mapping, or the mapping fit the table.',
    '请使目标表与映射一致。',
  ),
  TARGET_UNREACHABLE: entry(
    true,
    'Check host, port, user and password of the target.',
    '请检查目标的主机、端口、用户名和密码。',
  ),
  TASK_FAILED: entry(
    true,
    "A connector's task failed; its trace says why.",
    '连接器任务失败；原因见其堆栈信息。',
  ),
  TIMED_OUT: entry(
    true,
    'Raise the timeout of the job, or look why it is slow.',
    '请增大作业超时，或查明变慢的原因。',
  ),
  TOOL_MISSING: entry(
    false,
    'Install the named programs, or start the stack without the services that need them.',
    '请安装所列程序，或在启动时去掉需要它们的服务。',
  ),
  TOPIC_MISSING: entry(
    true,
    'The topic was deleted during the run; run the job again.',
    '主题在运行期间被删除；请重新运行作业。',
  ),
  UNAUTHORIZED: entry(
    false,
    'Send the admin token: Authorization: Bearer <token>.',
    '请携带管理令牌：Authorization: Bearer <token>。',
  ),
  VALUE_MISFIT: entry(
    false,
    'Correct the named cell or its mapping, or set misfit of the entry to dirty or null.',
    '请修正所指出的单元格或其映射，或将该映射条目的 misfit 设为 dirty 或 null。',
  ),
  WORKER_LOST: entry(
    true,
    'The Connect worker restarted during the run; run the job again.',
    'Connect 工作节点在运行期间重启；请重新运行作业。',
  ),
} as const satisfies Record<string, CodeEntry>;

export type ErrorCode = keyof typeof codes;

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(codes, text);
}

/** What a user can do about it. */
export function hintOf(code: ErrorCode): { readonly en: string; readonly zh: string } {
  return codes[code].hint;
}

export interface SyncErrorOptions {
  /** What happened, where: gerund context first, e.g. `opening scanner on orders: no such table`. */
  readonly message: string;
  readonly cause?: unknown;
  /** The field of the user's input that is wrong, as the user wrote it. */
  readonly field?: string;
  /** Where it struck, where that is another place than this process: `host:port`, a region, a file. */
  readonly place?: string;
  /** Overrides the table where one call knows better. */
  readonly retriable?: boolean;
}

/** The only error class that crosses a folder's border. */
export class SyncError extends Error {
  readonly code: ErrorCode;
  readonly retriable: boolean;
  readonly field: string | undefined;
  readonly place: string | undefined;

  constructor(code: ErrorCode, options: SyncErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SyncError';
    this.code = code;
    this.retriable = options.retriable ?? codes[code].retriable;
    this.field = options.field;
    this.place = options.place;
  }

  get hint(): { readonly en: string; readonly zh: string } {
    return hintOf(this.code);
  }
}

/** An error as it travels: from the thread that met it, over lanes, statuses and REST, to the run's reason and the retry. */
export interface ErrorShape {
  readonly code: ErrorCode;
  /** The first cause, then what it led to: `connection refused (opening the ledger of shop.orders)`. */
  readonly message: string;
  readonly field?: string;
  readonly place?: string;
  /** May another attempt do? */
  readonly retriable: boolean;
  /** What led to it, nearest first, each in its own words. No stack. */
  readonly causes: readonly string[];
}

/** Anything thrown, as a SyncError: its own code if it has one, `fallback` otherwise. */
export function toSyncError(error: unknown, fallback: ErrorCode = 'INTERNAL'): SyncError {
  if (error instanceof SyncError) return error;
  return new SyncError(fallback, { message: wordsOf(error), cause: error });
}

/** Whatever was thrown, as it travels. `fallback`: the code of what has none. */
export function toShape(error: unknown, fallback: ErrorCode = 'INTERNAL'): ErrorShape {
  const { code, field, place, retriable } = toSyncError(error, fallback);
  const chain = causesOf(error).map(wordsOf);
  return {
    code,
    message: causeFirst(chain),
    ...(field === undefined ? {} : { field }),
    ...(place === undefined ? {} : { place }),
    retriable,
    causes: chain.slice(1).filter((words, outer) => words !== chain[outer]),
  };
}

/** With `words` put in the place of each text that may quote somebody: scrubbed of secrets, or shortened. */
export function rephrase(shape: ErrorShape, words: (text: string) => string): ErrorShape {
  return { ...shape, message: words(shape.message), causes: shape.causes.map(words) };
}

/** What nobody threw, as it travels. */
export function shapeOf(code: ErrorCode, message: string): ErrorShape {
  return { code, message, retriable: codes[code].retriable, causes: [] };
}

export function fromShape({ causes, code, ...rest }: ErrorShape): SyncError {
  const cause = causes.reduceRight<Error | undefined>(
    (deeper, words) => new Error(words, deeper === undefined ? undefined : { cause: deeper }),
    undefined,
  );
  return new SyncError(code, { ...rest, ...(cause === undefined ? {} : { cause }) });
}

/** A shape that another process sent; null: it is none, or its code is one of another version. */
export function readShape(value: unknown): ErrorShape | null {
  if (typeof value !== 'object' || value === null) return null;
  const { code, message, field, place, retriable, causes } = value as Record<string, unknown>;
  if (typeof code !== 'string' || !isErrorCode(code)) return null;
  if (typeof message !== 'string' || typeof retriable !== 'boolean' || !Array.isArray(causes)) return null;
  return {
    code,
    message,
    ...(typeof field === 'string' ? { field } : {}),
    ...(typeof place === 'string' ? { place } : {}),
    retriable,
    causes: causes.filter((cause) => typeof cause === 'string'),
  };
}

const MAX_CAUSES = 10;

/** The error, then its causes. */
function causesOf(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  for (
    let at: unknown = error;
    at !== undefined && chain.length < MAX_CAUSES;
    at = at instanceof Error ? at.cause : undefined
  )
    chain.push(at);
  return chain;
}

/** An error of several (a host with several addresses) has no words of its own. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message !== '') return error.message;
  const parts = error instanceof AggregateError ? error.errors.map(wordsOf) : [];
  return parts.length === 0 ? error.name : [...new Set(parts)].join('; ');
}

/** What an outer error says already is not said again. */
function causeFirst(chain: readonly string[]): string {
  const told = chain.filter((words, at) => !chain.slice(0, at).some((outer) => outer.includes(words)));
  const first = told.pop() ?? '';
  return told.length === 0 ? first : `${first} (${told.join(': ')})`;
}

/** The trace as `pkuse_status` and Connect show it: the deepest cause first, then what it led to, then the stack. */
export function describeError(error: unknown): string {
  const lines = [...causesOf(error)]
    .reverse()
    .map((at) =>
      at instanceof Error ? `${at instanceof SyncError ? at.code : at.name}: ${wordsOf(at)}` : String(at),
    );
  const stack =
    error instanceof Error && error.stack !== undefined ? error.stack.split('\n').slice(1).join('\n') : '';
  return stack === '' ? lines.join('\n') : `${lines.join('\n')}\n${stack}`;
}
