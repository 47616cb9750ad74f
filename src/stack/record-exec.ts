// How a process comes on record: it writes its own pid file and then becomes the program that was asked for. So
// there is no instant at which it runs unrecorded, even if its launcher is killed just then.

const recordThenExec =
  'cat /proc/sys/kernel/random/boot_id "/proc/$$/stat" >"$0.draft" && mv "$0.draft" "$0" && exec "$@"';

/** Arguments for /bin/sh. */
export function recordExecArgs(pidFile: string, program: string, args: readonly string[]): string[] {
  return ['-c', recordThenExec, pidFile, program, ...args];
}
