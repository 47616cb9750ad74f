// One line that changes on a terminal, plain lines elsewhere.
import { describe, expect, it } from 'vitest';
import type { Output, Terminal } from '../../../src/demo/show/terminal.ts';
import { createTerminal } from '../../../src/demo/show/terminal.ts';

function setup(output: Omit<Output, 'write'>): {
  terminal: Terminal;
  written: () => string;
  pass: (ms: number) => void;
} {
  let [text, now] = ['', 0];
  const write = (part: string): void => void (text += part);
  return {
    terminal: createTerminal({ write, ...output }, () => now),
    written: () => text,
    pass: (ms) => (now += ms),
  };
}

/** What a person sees: later writes over a line replace it. */
function screen(text: string): string[] {
  return text.split('\n').map((line) => line.slice(line.lastIndexOf('\u001b[K') + 1).replace(/^\[K/, ''));
}

describe('on a terminal', () => {
  it('a run keeps one line until it ends', () => {
    const { terminal, written } = setup({ isTTY: true, columns: 80 });
    terminal.update('1', 'run 1 reading');
    terminal.update('1', 'run 1 writing');
    terminal.finish('1', 'run 1 proved');
    terminal.update('2', 'run 2 reading');
    expect(screen(written())).toEqual(['run 1 proved', 'run 2 reading']);
  });

  it('a line that is said comes above the changing one', () => {
    const { terminal, written } = setup({ isTTY: true, columns: 80 });
    terminal.update('1', 'run 1 reading');
    terminal.say('writing stopped');
    expect(screen(written())).toEqual(['writing stopped', 'run 1 reading']);
  });

  it('a changing line never wraps', () => {
    const { terminal, written } = setup({ isTTY: true, columns: 30 });
    terminal.update('1', '运'.repeat(40));
    expect(screen(written())[0]).toBe('运'.repeat(14));
  });
});

describe('in a pipe', () => {
  it('progress is told every three seconds, the end always', () => {
    const { terminal, written, pass } = setup({});
    for (let second = 0; second < 7; second += 1) {
      terminal.update('1', `at ${second} s`);
      pass(1_000);
    }
    terminal.finish('1', 'proved');
    expect(written()).toBe('at 0 s\nat 3 s\nat 6 s\nproved\n');
  });

  it('there is no escape sequence', () => {
    const { terminal, written } = setup({});
    terminal.update('1', 'a');
    terminal.say('b');
    expect(written()).toBe('a\nb\n');
  });
});
