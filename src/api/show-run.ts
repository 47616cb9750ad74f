// A run as the API shows it: what a user can do about its reason, and what it waits for, stand beside it.
import { hintOf } from '../core/errors.ts';
import type { Run, RunReason } from '../core/run.ts';
import { counted, type Text } from '../core/text.ts';
import type { WaitsFor } from '../core/planning/waits-for.ts';
import type { ApiParts } from './api-parts.ts';

export interface ShownRun extends Omit<Run, 'reason'> {
  readonly reason: (RunReason & { readonly hint: ReturnType<typeof hintOf> }) | null;
  readonly waitsFor: (WaitsFor & { readonly text: Text }) | null;
}

export async function showRun(parts: ApiParts, run: Run): Promise<ShownRun> {
  const waiting = await parts.runs.readWaiting([run]);
  return show(run, waiting.get(run.id));
}

export async function showRuns(parts: ApiParts, runs: readonly Run[]): Promise<readonly ShownRun[]> {
  const waiting = await parts.runs.readWaiting(runs);
  return runs.map((run) => show(run, waiting.get(run.id)));
}

function show(run: Run, waitsFor: WaitsFor | undefined): ShownRun {
  const { reason } = run;
  return {
    ...run,
    reason: reason === null ? null : { ...reason, hint: hintOf(reason.code) },
    waitsFor: waitsFor === undefined ? null : { ...waitsFor, text: say(waitsFor) },
  };
}

const kinds: Readonly<Record<'source' | 'target' | 'label', Text>> = {
  source: { en: 'source', zh: '源' },
  target: { en: 'target', zh: '目标' },
  label: { en: 'label', zh: '标签' },
};

function say(waitsFor: WaitsFor): Text {
  switch (waitsFor.kind) {
    case 'time': {
      const until = new Date(waitsFor.until).toISOString();
      return { en: `waits until ${until}`, zh: `等到 ${until}` };
    }
    case 'turn':
      return {
        en: `waits for its turn: run ${waitsFor.runId} of the job is going`,
        zh: `排队等待：该作业的运行 ${waitsFor.runId} 正在进行`,
      };
    case 'limit': {
      const { kind, name, max, going } = waitsFor.limit;
      return {
        en: `waits for a place: the ${kinds[kind].en} ${name} has ${counted(going, 'run')} going and a limit of ${max}`,
        zh: `等待名额：${kinds[kind].zh}“${name}”已有 ${going} 个运行在进行，上限为 ${max}`,
      };
    }
    case 'executor':
      return waitsFor.name === null
        ? { en: 'waits for an executor that has room', zh: '等待有空闲的执行器' }
        : {
            en: `waits for executor ${waitsFor.name}, which was chosen for it`,
            zh: `等待为其指定的执行器“${waitsFor.name}”`,
          };
  }
}
