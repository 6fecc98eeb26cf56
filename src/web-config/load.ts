import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { z } from 'zod';
import { explain } from '../config/explain';
import { readYaml } from '../config/yaml-text';
import { messageOf, systemCode, UserError } from '../lib/errors';
import { describeIssues } from '../config/issues';
import type { ClientCertificatePolicy } from './client-certificate';
import { webConfigSchema } from './schema';
import { secureContextOptions, type TlsSettings } from './tls-context';
import { VERSION_NAMES } from './tls-names';

export interface RateLimit {
  /** One more request is allowed each time this has passed, milliseconds. */
  readonly intervalMs: number;
  /** So many may come at once. */
  readonly burst: number;
}

export interface WebConfig {
  readonly tls: (TlsSettings & ClientCertificatePolicy) | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** bcrypt hashes by user name. */
  readonly users: ReadonlyMap<string, string>;
  readonly rateLimit: RateLimit | undefined;
  /** Every file that this was read from. */
  readonly files: readonly string[];
}

export const NO_WEB_CONFIG: WebConfig = {
  tls: undefined,
  headers: {},
  users: new Map(),
  rateLimit: undefined,
  files: [],
};

/** Reads a file in exporter-toolkit's format, and the files that it names. Throws `bad_config` with every mistake in it. */
export async function loadWebConfig(path: string): Promise<WebConfig> {
  const files = [resolve(path)];
  const document = await readDocument(path);
  const schema = webConfigSchema((name) => {
    const file = resolve(dirname(path), name);
    files.push(file);
    return readFile(file, 'utf8');
  });
  const parsed = await schema.safeParseAsync(document, { error: explain });
  if (!parsed.success) throw badConfig(path, describeIssues(parsed.error));
  const config = toWebConfig(parsed.data, files);
  const mistakes = config.tls === undefined ? [] : tlsMistakes(config.tls);
  if (mistakes.length > 0) throw badConfig(path, mistakes);
  return config;
}

async function readDocument(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw badConfig(path, [`the file cannot be read: ${systemCode(error) ?? messageOf(error)}`]);
  });
  const yaml = await readYaml(text);
  if (yaml.kind === 'value') return yaml.value ?? {};
  throw badConfig(
    path,
    yaml.problems.map(({ line, message }) => (line === undefined ? message : `line ${line}: ${message}`)),
  );
}

function badConfig(path: string, mistakes: readonly string[]): UserError {
  const list = mistakes.map((mistake) => `\n  ${mistake}`).join('');
  return new UserError('bad_config', `The web configuration ${path} can't be used:${list}`);
}

type Parsed = z.output<ReturnType<typeof webConfigSchema>>;

function toWebConfig(parsed: Parsed, files: readonly string[]): WebConfig {
  const limit = parsed.rate_limit;
  return {
    tls: toTls(parsed.tls_server_config),
    headers: presentHeaders(parsed.http_server_config?.headers ?? {}),
    users: new Map(Object.entries(parsed.basic_auth_users ?? {})),
    rateLimit: limit && limit.interval > 0 ? { intervalMs: limit.interval * 1000, burst: limit.burst } : undefined,
    files,
  };
}

/** "Unset if blank" (exporter-toolkit's documentation). */
function presentHeaders(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, string] => Boolean(entry[1])));
}

function toTls(tls: Parsed['tls_server_config']): WebConfig['tls'] {
  if (tls === undefined) return undefined;
  const cert = tls.cert ?? tls.cert_file;
  const key = tls.key ?? tls.key_file;
  if (cert === undefined || key === undefined) return undefined;
  return {
    cert,
    key,
    clientCa: tls.client_ca ?? tls.client_ca_file,
    clientAuth: tls.client_auth_type === 'RequireClientCert' ? 'RequireAnyClientCert' : tls.client_auth_type,
    allowedSans: tls.client_allowed_sans,
    minVersion: tls.min_version,
    maxVersion: tls.max_version,
    cipherSuites: tls.cipher_suites,
    preferServerCipherSuites: tls.prefer_server_cipher_suites,
    curvePreferences: tls.curve_preferences,
  };
}

/** OpenSSL itself says whether it can use what was read; its messages never quote a key. */
function tlsMistakes(tls: TlsSettings): string[] {
  const mistakes: string[] = [];
  const attempt = (what: string, use: () => unknown): void => {
    try {
      use();
    } catch (error) {
      mistakes.push(`tls_server_config.${what} (${messageOf(error)})`);
    }
  };
  if (VERSION_NAMES.indexOf(tls.minVersion) > VERSION_NAMES.indexOf(tls.maxVersion)) {
    mistakes.push('tls_server_config.min_version: must not be above max_version');
  }
  attempt('cert_file: is not a PEM certificate', () => new X509Certificate(tls.cert));
  attempt(
    'client_ca_file: is not a PEM certificate',
    () => tls.clientCa !== undefined && new X509Certificate(tls.clientCa),
  );
  if (mistakes.length > 0) return mistakes;
  attempt('key_file: the certificate and this key cannot be used', () =>
    createSecureContext(secureContextOptions(tls)),
  );
  return mistakes;
}
