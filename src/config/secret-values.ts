import type { ConfigKey } from './keys';

/**
 * Keys of turnserver.conf that hold a secret, so that they are not shown where `coturn.extra` gives them: passwords,
 * `user=name:password`, and the connection strings of databases.
 */
const SECRET_CONF_KEY = /secret|passw|pwd|userdb|statsdb|^user$/;

/**
 * Whether what stands at a path of the configuration may never be shown in a message. Anything wrong in `keys` may be a
 * key that was pasted there instead of its hash.
 */
export function isSecretAt(key: ConfigKey, path: readonly PropertyKey[] = key.path): boolean {
  if (key.secret || key.name === 'keys') return true;
  return key.name === 'coturn.extra' && isSecretConfKey(String(path[key.path.length]));
}

export function isSecretConfKey(name: string): boolean {
  return SECRET_CONF_KEY.test(name);
}
