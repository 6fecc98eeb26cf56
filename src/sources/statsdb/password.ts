import { createHash, timingSafeEqual } from 'node:crypto';

/** Compares with the password in a time that does not depend on what was given. */
export class Password {
  private readonly digest: Buffer;

  constructor(password: string) {
    this.digest = sha256(Buffer.from(password));
  }

  matches(given: Buffer): boolean {
    return timingSafeEqual(this.digest, sha256(given));
  }
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
