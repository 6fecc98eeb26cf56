interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}
const { countLine, countTests } = jest.requireActual<{
  countLine: (count: Count) => string;
  countTests: (results: Readonly<Record<string, number>> | undefined) => Count;
}>('../../../scripts/lib/test-count.js');

const results = {
  numPassedTests: 12,
  numFailedTests: 2,
  numRuntimeErrorTestSuites: 1,
  numPendingTests: 3,
  numTodoTests: 1,
};

describe('the line that npm test ends with', () => {
  it('counts a suite that could not run as a failed test', () => {
    expect(countLine(countTests(results))).toBe('12 passed, 3 failed, 4 skipped');
  });

  it('names skipped tests only where there are any', () => {
    expect(countLine({ passed: 12, failed: 0, skipped: 0 })).toBe('12 passed, 0 failed');
  });

  it('is a failure when jest gave no result', () => {
    expect(countLine(countTests(undefined))).toBe('0 passed, 1 failed');
  });
});
