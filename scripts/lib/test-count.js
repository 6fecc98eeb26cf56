'use strict';

const SKIPPED = ['pending', 'skipped', 'todo', 'disabled'];

/** Counts from jest's JSON result; undefined when jest wrote none. A file that failed without a failed test counts as one. */
function countTests(results) {
  if (results === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const tests = results.testResults.flatMap(({ assertionResults }) => assertionResults);
  const number = (counted) => tests.filter(({ status }) => counted.includes(status)).length;
  return {
    passed: number(['passed']),
    failed: number(['failed']) + results.testResults.filter(failedAsAWhole).length,
    skipped: number(SKIPPED),
  };
}

function failedAsAWhole({ status, assertionResults }) {
  return status === 'failed' && assertionResults.every((test) => test.status !== 'failed');
}

/** `12 passed, 0 failed`, and the skipped ones where there are any. */
function countLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

module.exports = { countLine, countTests };
