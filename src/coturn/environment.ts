const KEPT = /^(PATH|HOME|TZ|LANG|LC_\w+|LD_LIBRARY_PATH|OPENSSL_CONF|SSL_CERT_\w+)$/;

/** What coturn gets of the agent's environment: never its secrets (`TURNKEEPER_...`), which /proc would show. */
export function coturnEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => KEPT.test(name)));
}
