import { z } from 'zod';
import { messageOf, systemCode } from '../lib/errors';
import { duration } from '../config/units';
import { CLIENT_AUTH_TYPES } from './client-certificate';
import { CIPHER_NAMES, CURVE_NAMES, VERSION_NAMES } from './tls-names';

/** A section with nothing in it counts as absent, as for exporter-toolkit. */
const optionalSection = <T extends z.ZodType>(section: T) =>
  z.preprocess((value) => (isEmpty(value) ? undefined : value), section.optional());

function isEmpty(value: unknown): boolean {
  return value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}

/** The forms that htpasswd, PHP and Go write. Each step of the cost doubles the time: 18 takes some 15 s. */
const bcryptHash = z
  .string()
  .regex(
    /^\$2[aby]\$(0[4-9]|1[0-8])\$[./A-Za-z0-9]{53}$/,
    'expected a bcrypt hash of cost 4 to 18: htpasswd -nBC 10 ""',
  );

const rateLimit = z.strictObject({
  interval: duration,
  burst: z.int().min(1, 'must be at least 1: with 0 every request would be refused'),
});

const httpServer = z.strictObject({
  /** Taken, and without effect: Express serves HTTP/1.1 alone, which every client of HTTP/2 speaks too. */
  http2: z.boolean().default(true),
  headers: z
    .strictObject({
      'Content-Security-Policy': z.string(),
      'X-Frame-Options': z.enum(['deny', 'sameorigin', '']),
      'X-Content-Type-Options': z.enum(['nosniff', '']),
      'X-XSS-Protection': z.string(),
      'Strict-Transport-Security': z.string(),
    })
    .partial()
    .default({}),
});

export type ReadFile = (path: string) => Promise<string>;

/**
 * exporter-toolkit's web configuration (its docs/web-configuration.md, v0.16). Files are read on the way, so that one that is
 * missing is reported beside every other mistake.
 */
export function webConfigSchema(readFile: ReadFile) {
  return z.strictObject({
    tls_server_config: optionalSection(tlsServer(readFile)),
    http_server_config: optionalSection(httpServer),
    basic_auth_users: optionalSection(z.record(z.string().regex(/^[^:]*$/, 'must hold no colon'), bcryptHash)),
    rate_limit: optionalSection(rateLimit),
  });
}

function tlsServer(readFile: ReadFile) {
  const file = z
    .string()
    .min(1)
    .transform((path, context) => contentOf(path, readFile, context));
  return z
    .strictObject({
      cert: z.string().optional(),
      cert_file: file.optional(),
      key: z.string().optional(),
      key_file: file.optional(),
      client_ca: z.string().optional(),
      client_ca_file: file.optional(),
      /** RequireClientCert: the old name of RequireAnyClientCert. */
      client_auth_type: z.enum([...CLIENT_AUTH_TYPES, 'RequireClientCert']).default('NoClientCert'),
      client_allowed_sans: z.array(z.string().min(1)).default([]),
      min_version: z.enum(VERSION_NAMES).default('TLS12'),
      max_version: z.enum(VERSION_NAMES).default('TLS13'),
      cipher_suites: z.array(z.enum(CIPHER_NAMES)).default([]),
      prefer_server_cipher_suites: z.boolean().default(true),
      curve_preferences: z.array(z.enum(CURVE_NAMES)).default([]),
    })
    .superRefine(checkTogether, { when: () => true });
}

async function contentOf(path: string, readFile: ReadFile, context: z.RefinementCtx): Promise<string> {
  try {
    return await readFile(path);
  } catch (error) {
    context.addIssue({ code: 'custom', message: `cannot be read: ${systemCode(error) ?? messageOf(error)}` });
    return z.NEVER;
  }
}

/** What only several keys together can get wrong. It also runs where one key alone is wrong, and looks at presence only. */
function checkTogether(tls: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void {
  const has = (key: string): boolean => tls[key] !== undefined;
  const must = (holds: boolean, path: string, message: string): void => {
    if (!holds) context.addIssue({ code: 'custom', path: [path], message });
  };
  for (const key of ['cert', 'key']) {
    const file = `${key}_file`;
    must(has(key) || has(file), file, 'is missing: TLS needs a certificate and its key');
    must(!(has(key) && has(file)), file, `says the same as ${key}: keep one`);
  }
  const authority = has('client_ca') || has('client_ca_file');
  const auth = tls['client_auth_type'];
  const asks = auth !== 'NoClientCert';
  must(!authority || asks, 'client_auth_type', 'is missing: without it no client certificate is asked for');
  const names = tls['client_allowed_sans'];
  must(asks || !Array.isArray(names) || names.length === 0, 'client_allowed_sans', 'needs a client_auth_type');
  // Go would trust every public authority here: anybody could get in.
  const verifies = auth === 'VerifyClientCertIfGiven' || auth === 'RequireAndVerifyClientCert';
  must(authority || !verifies, 'client_ca_file', 'is missing: client_auth_type needs an authority to verify with');
}
