import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { messageOf, systemCode, UserError } from '../lib/errors';

export interface CertificateFiles {
  readonly cert: string;
  readonly pkey: string;
  /** Of an encrypted key. */
  readonly passphrase?: string | undefined;
}

/**
 * Whether coturn can serve TLS with these files. Throws a UserError for what would keep it from that; the value is a
 * sentence of warning for what would only keep clients from trusting it.
 */
export async function checkCertificate(files: CertificateFiles, now: number): Promise<string | undefined> {
  const [certificateText, keyText] = await Promise.all([
    read(files.cert, 'coturn.cert'),
    read(files.pkey, 'coturn.pkey'),
  ]);
  const certificate = parseCertificate(files.cert, certificateText);
  if (!certificate.checkPrivateKey(parseKey(files, keyText))) {
    throw new UserError(
      'bad_config',
      `The key ${files.pkey} does not belong to the certificate ${files.cert}: set coturn.cert and coturn.pkey to a pair.`,
    );
  }
  return warning(files.cert, certificate, now);
}

async function read(path: string, key: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const why =
      systemCode(error) === 'ENOENT' ? 'does not exist' : `cannot be read (${systemCode(error) ?? messageOf(error)})`;
    throw new UserError('bad_config', `The file ${path} ${why}: correct ${key}, or its permissions.`, { cause: error });
  }
}

function parseCertificate(path: string, text: string): X509Certificate {
  try {
    // X509Certificate takes DER as well; coturn does not.
    if (text.includes('-----BEGIN ')) return new X509Certificate(text);
  } catch (error) {
    throw notPem(path, 'certificate', 'coturn.cert', error);
  }
  throw notPem(path, 'certificate', 'coturn.cert', undefined);
}

function parseKey({ pkey, passphrase }: CertificateFiles, text: string): KeyObject {
  try {
    return createPrivateKey({ key: text, format: 'pem', passphrase: passphrase ?? '' });
  } catch (error) {
    throw notPem(pkey, 'private key', 'coturn.pkey', error);
  }
}

function notPem(path: string, what: string, key: string, cause: unknown): UserError {
  return new UserError('bad_config', `The file ${path} holds no usable ${what} in PEM form: correct ${key}.`, {
    cause,
  });
}

function warning(path: string, { validFrom, validTo }: X509Certificate, now: number): string | undefined {
  if (now > Date.parse(validTo)) return `The certificate ${path} expired on ${validTo}: clients will refuse it.`;
  if (now < Date.parse(validFrom))
    return `The certificate ${path} is not valid before ${validFrom}: clients will refuse it.`;
  return undefined;
}
