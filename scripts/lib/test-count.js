'use strict';

/** Counts from jest's JSON result; undefined when jest wrote none. A suite that could not run counts as a failed test. */
function countTests(results) {
  if (results === undefined) return { passed: 0, failed: 1, skipped: 0 };
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}

/** `12 passed, 0 failed`, and the skipped ones where there are any. */
function countLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

module.exports = { countLine, countTests };
