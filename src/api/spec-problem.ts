/** What is wrong with a job as it was sent. */
export interface SpecProblem {
  readonly field: string;
  readonly message: string;
}
