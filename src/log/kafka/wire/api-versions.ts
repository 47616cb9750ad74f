// ApiVersions v0: which versions of each message a broker speaks. The first exchange on every connection.
//
//   request = (empty)
//   answer  = error int16 · array of { api int16 · min int16 · max int16 }
import type { WireCall } from './wire-call.ts';

export interface VersionRange {
  readonly key: number;
  readonly min: number;
  readonly max: number;
}

export const apiVersions: WireCall<readonly VersionRange[]> = {
  api: { name: 'ApiVersions', key: 18, version: 0, flexible: false },
  body: [],
  decode: (answer) => {
    answer.int16();
    return answer.array(() => ({ key: answer.int16(), min: answer.int16(), max: answer.int16() }));
  },
};
