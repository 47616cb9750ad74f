// The closed table of error codes: what each means to a caller (may it be tried again?) and to a user (what to do?).

import type { Text } from './text.ts';

interface CodeEntry {
  readonly retriable: boolean;
  readonly hint: Text;
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
  CONNECTOR_GONE: entry(
    true,
    'A connector of the run was deleted on its Connect cluster, by hand or by another program; run the job again, which makes it anew.',
    '本次运行的连接器已在其 Connect 集群上被手动或由其他程序删除；请重新运行作业，连接器会重新建立。',
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
  DISK_FULL: entry(
    true,
    'Free space on the disk of the named folder, or start Syncline with a data folder on a larger one: --data-dir.',
    '请在所指目录的磁盘上释放空间，或用 --data-dir 指定更大磁盘上的数据目录后重新启动 Syncline。',
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
  JOB_UNREADABLE: entry(
    false,
    'Start Syncline with the secret key that the job was saved with; or save the job anew (PUT, with all its passwords written out), or delete it.',
    '请使用保存该作业时所用的密钥（secret key）启动 Syncline；或重新保存该作业（PUT，并写明所有密码），或将其删除。',
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
    'Make the key tell the rows of the source apart, and give its columns a collation that compares bytes and pads nothing, as the message says; or set keys.may.merge=true and lose the proof.',
    '请让主键能区分源的每一行，并按消息为主键列使用按字节比较且不补空格的排序规则；或设置 keys.may.merge=true（将失去完整性证明）。',
  ),
  LEASE_LOST: entry(
    true,
    'The executor lost its lease; another one took the run.',
    '执行器失去租约；运行已由其他执行器接管。',
  ),
  LOG_RETENTION: entry(
    true,
    'Records were deleted before they were read; raise retention.ms of the topic.',
    '记录在读取前已被删除；请增大 topic 的 retention.ms。',
  ),
  MAPPING_INVALID: entry(
    false,
    'Correct the named entry of the field mapping.',
    '请更正字段映射中所指出的条目。',
  ),
  MISFIRE: entry(
    false,
    'No run was made for this instant: it was late, or a newer one stood for it; run the job by hand if it is needed.',
    '没有为该时刻创建运行：已过期，或由更新的时刻代替；如有需要请手动运行作业。',
  ),
  NOT_FOUND: entry(false, 'Check the id or name.', '请检查 ID 或名称。'),
  NOT_YET: entry(false, 'This option is not supported yet; remove it.', '尚不支持该选项；请将其移除。'),
  OVERLAP: entry(
    false,
    "Choose a longer interval, or set the schedule's overlap to queue, with a queueLimit that suffices.",
    '请加大调度间隔，或将调度的 overlap 设为 queue，并给出足够的 queueLimit。',
  ),
  PATH_UNKNOWN: entry(
    false,
    'GET /openapi.json lists the paths; those of the API begin with /api/v1/.',
    'GET /openapi.json 列出所有路径；API 的路径以 /api/v1/ 开头。',
  ),
  PLAN_LOST: entry(
    true,
    'The plan of this run could not be read back; run the job again.',
    '无法读回本次运行的计划；请重新运行作业。',
  ),
  PLUGIN_FAULT: entry(false, 'Report it to the author of the connector.', '请反馈给该连接器的作者。'),
  PORT_UNUSABLE: entry(
    false,
    'Stop the program that has the port, or choose another: --api-port, --worker-port (0: any free one). A wrong address: --api-host, --worker-host.',
    '请停止占用该端口的程序，或用 --api-port、--worker-port 指定其他端口（0 表示任意空闲端口）；地址有误时，用 --api-host、--worker-host 更正。',
  ),
  QUEUE_UNREACHABLE: entry(
    true,
    'Check the Redis URL and that Redis runs.',
    '请检查 Redis URL，并确认 Redis 正在运行。',
  ),
  RECORD_FOREIGN: entry(
    false,
    'Give the sink a topic that only Syncline sources write to. By hand you can also stop the sink and set its offset behind the named record (PATCH /connectors/<name>/offsets).',
    '请为目标端连接器使用仅由 Syncline 源写入的 topic；手动运行时，也可先停止该连接器，再将其位移设到所指记录之后（PATCH /connectors/<name>/offsets）。',
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
  SOURCE_DENIED: entry(
    false,
    'Grant the user the right to read what the message names, or mend TLS as it says.',
    '请为该用户授予读取消息所指对象的权限，或按消息修正 TLS 设置。',
  ),
  SOURCE_FAILED: entry(
    false,
    'The source refused what it was asked; its message says why.',
    '源拒绝了该请求，原因见其消息。',
  ),
  SOURCE_LOGIN: entry(
    false,
    'Correct the user or the password of the source, or renew the Kerberos ticket.',
    '请更正源的用户名或密码，或更新 Kerberos 票据。',
  ),
  SOURCE_SCHEMA: entry(
    false,
    'Correct the configuration or the table as the message says: a name, a key, a type that can not be read.',
    '请按消息更正配置或表：名称、主键，或无法读取的类型。',
  ),
  SOURCE_UNREACHABLE: entry(
    true,
    'Check host and port of the source, and that it runs.',
    '请检查源的主机和端口，并确认其正在运行。',
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
  STEP_FAILED: entry(
    false,
    'Correct the named step of the job or what it calls, and run the job again.',
    '请更正作业中所指出的步骤或其调用的对象，然后重新运行作业。',
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
    'Grant the user the rights that the message names, or mend TLS as it says.',
    '请为该用户授予消息中所列的权限，或按消息修正 TLS 设置。',
  ),
  TARGET_FAILED: entry(
    false,
    'The target refused the statement; its message says why.',
    '目标拒绝了该语句，原因见其消息。',
  ),
  TARGET_FULL: entry(
    true,
    'The disk, the quota or the table space of the target is full: make room there, then run the job again.',
    '目标的磁盘、配额或表空间已满：请先腾出空间，再重新运行该作业。',
  ),
  TARGET_LOGIN: entry(
    false,
    'Correct the user or the password of the target, or renew the Kerberos ticket.',
    '请更正目标的用户名或密码，或更新 Kerberos 票据。',
  ),
  TARGET_SCHEMA: entry(
    false,
    'Make what the message names as it must be: create a database, schema or table that is missing, or make table and mapping fit each other.',
    '请按消息更正所指的对象：创建缺少的数据库、schema 或表，或使目标表与映射一致。',
  ),
  TARGET_UNREACHABLE: entry(
    true,
    'Check host and port of the target, and that it runs.',
    '请检查目标的主机和端口，并确认其正在运行。',
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
    'topic 在运行期间被删除；请重新运行作业。',
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
    'What ran the tasks or held the records of the run is gone: a Connect worker, or a thread of one, ended or restarted; run the job again.',
    '执行本次运行的任务或保存其记录的 Connect 工作节点（或其线程）已结束或重启；请重新运行作业。',
  ),
} as const satisfies Record<string, CodeEntry>;

export type ErrorCode = keyof typeof codes;

export const errorCodes: readonly string[] = Object.keys(codes);

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(codes, text);
}

/** Is a service away? Codes of such errors, and only they, end so. */
export function isAway(code: ErrorCode): boolean {
  return code.endsWith('_UNREACHABLE');
}

/** What a user can do about it. */
export function hintOf(code: ErrorCode): Text {
  return codes[code].hint;
}

/** May another attempt do, where nobody knows better? */
export function isRetriable(code: ErrorCode): boolean {
  return codes[code].retriable;
}
