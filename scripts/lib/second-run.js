'use strict';

/** More files than these don't fail because the machine was busy. */
const MOST = 5;

/**
 * The test files that failed, by path, where they are few enough to be run once more, alone: real servers and clients
 * on a machine that does three things at once are late now and then. What fails alone too is broken.
 */
function filesToRunAgain(results) {
  const failed = (results?.testResults ?? []).filter(({ status }) => status === 'failed').map(({ name }) => name);
  return failed.length <= MOST ? failed : [];
}

/** jest's JSON results, those of the second run in the place of the first's. */
function afterwards(first, second) {
  const again = new Map((second?.testResults ?? []).map((file) => [file.name, file]));
  return { testResults: first.testResults.map((file) => again.get(file.name) ?? file) };
}

module.exports = { afterwards, filesToRunAgain };
