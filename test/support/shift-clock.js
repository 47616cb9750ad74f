// Preloaded into a Syncline process under test: its clock, and that of its threads, is ahead of everybody else's.
//   SYNCLINE_TEST_CLOCK_AHEAD_MS = <milliseconds>
const aheadMs = Number(process.env.SYNCLINE_TEST_CLOCK_AHEAD_MS ?? 0);
const now = Date.now.bind(Date);

Date.now = () => now() + aheadMs;
