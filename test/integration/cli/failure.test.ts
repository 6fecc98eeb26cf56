import { describeFailure, exitStatusOf } from '../../../src/cli/failure';
import { UserError } from '../../../src/lib/errors';

describe('an error that nothing caught', () => {
  it('is one line, whatever its text', () => {
    expect(describeFailure(new UserError('unavailable', 'Port 3478 is taken.\nFree it.'))).toBe(
      'Port 3478 is taken. Free it.',
    );
    for (const error of [new Error('a\r\nb'), 'a\nb', undefined, { a: 1 }])
      expect(describeFailure(error)).toMatch(/^internal error: .+$/);
  });

  it('drives no terminal', () => {
    expect(describeFailure(new UserError('not_found', 'No \u001b[2J\u009b.'))).toBe('No \\u001b[2J\\u009b.');
  });

  it('says where a defect came from', () => {
    expect(describeFailure(new TypeError('x is not a function'))).toMatch(
      /^internal error: x is not a function \(at .*failure\.test\.ts:\d+:\d+\)?\)$/,
    );
  });

  it('says what to do where the system, and no defect, is to blame', () => {
    const denied = Object.assign(new Error("EACCES: permission denied, open '/data/coturn.json'"), { code: 'EACCES' });
    expect(describeFailure(denied)).toBe(
      "EACCES: permission denied, open '/data/coturn.json': change its owner or mode, so that this user may use it.",
    );
  });

  it('ends with 2 where the configuration is to blame, and with 1 otherwise', () => {
    expect(exitStatusOf(new UserError('bad_config', 'The certificate does not exist.'))).toBe(2);
    expect(exitStatusOf(new UserError('unavailable', 'Port 3478 is taken.'))).toBe(1);
    expect(exitStatusOf(new Error('defect'))).toBe(1);
  });
});
