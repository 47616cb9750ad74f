// Calls to the active master, which is looked up anew after any failure that is not final.
import type { CallContext, CallOptions } from '../call-context.ts';
import { budgetFor } from '../call-context.ts';
import { asHBaseError, HBaseError } from '../exceptions.ts';
import { decodeProcedureId, decodeProcedureResult, encodeProcedureId } from '../messages/master.ts';
import type { ServerName } from '../messages/server-name.ts';

const callTimeoutMs = 60_000;
const firstPollMs = 20;
const slowestPollMs = 500;

export class MasterCalls {
  readonly #context: CallContext;
  #master: ServerName | undefined;

  constructor(context: CallContext) {
    this.#context = context;
  }

  /** The answer's message. `param` goes out unchanged in every attempt, so its nonce makes it one change. */
  async call(method: string, param: Uint8Array, options: CallOptions = {}): Promise<Buffer> {
    const { connections, registry } = this.#context;
    const budget = budgetFor(this.#context, options, `calling ${method} on the master`);
    for (;;) {
      try {
        this.#master ??= await registry.master(options.signal);
        const call = { method, param, timeoutMs: callTimeoutMs, signal: options.signal };
        const response = await connections.call(this.#master, 'MasterService', call);
        const message = Buffer.from(response.message());
        response.release();
        return message;
      } catch (error) {
        options.signal?.throwIfAborted();
        if (asHBaseError(error).recovery !== 'fail') this.#master = undefined;
        await budget.failed(error);
      }
    }
  }

  /** Starts a procedure and waits until it is through. @throws HBaseError with the procedure's own exception */
  async run(method: string, param: Uint8Array, options: CallOptions = {}): Promise<void> {
    const procedureId = decodeProcedureId(await this.call(method, param, options));
    if (procedureId === undefined) return;
    for (let pauseMs = firstPollMs; ; pauseMs = Math.min(pauseMs * 2, slowestPollMs)) {
      const message = await this.call('getProcedureResult', encodeProcedureId(procedureId), options);
      const { state, exception } = decodeProcedureResult(message);
      if (exception !== undefined) {
        const { className, message: text } = exception;
        throw new HBaseError({
          message: `running ${method} on the master: ${className}: ${text}`,
          recovery: 'fail',
          className,
        });
      }
      if (state !== 'running') return;
      await this.#context.clock.sleep(pauseMs, options.signal);
    }
  }
}
