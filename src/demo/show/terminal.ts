// Where the demo writes: whole lines, and on a terminal one line at the bottom that changes until it is done.
import { fit } from './run-line.ts';

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface Terminal {
  /** A line that stays. */
  say(line: string): void;
  /** The line that changes, by a name of its own; without a terminal it is written now and then. */
  update(name: string, line: string): void;
  /** The changing line's last words: it stays. */
  finish(name: string, line: string): void;
}

const clearLine = '\r\u001b[K';
/** Without a terminal: the same thing is told again after so long at the earliest. */
const plainEveryMs = 3_000;

/** `now`: ms, of any clock that only goes forward. */
export function createTerminal(output: Output, now: () => number): Terminal {
  return output.isTTY === true ? changingTerminal(output) : plainTerminal(output, now);
}

function changingTerminal(output: Output): Terminal {
  let open = '';
  const put = (line: string): void => {
    open = fit(line, Math.max(20, (output.columns ?? 80) - 1));
    output.write(clearLine + open);
  };
  const say = (line: string): void => {
    const below = open;
    output.write(`${below === '' ? '' : clearLine}${line}\n${below}`);
  };
  return {
    say,
    update: (_name, line) => put(line),
    finish: (_name, line) => {
      open = '';
      output.write(`${clearLine}${line}\n`);
    },
  };
}

function plainTerminal(output: Output, now: () => number): Terminal {
  const toldAt = new Map<string, number>();
  return {
    say: (line) => void output.write(`${line}\n`),
    update: (name, line) => {
      const last = toldAt.get(name);
      if (last !== undefined && now() - last < plainEveryMs) return;
      toldAt.set(name, now());
      output.write(`${line}\n`);
    },
    finish: (name, line) => {
      toldAt.delete(name);
      output.write(`${line}\n`);
    },
  };
}
