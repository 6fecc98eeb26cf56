import type { RequestHandler } from 'express';
import { RequestError } from '../http-error';
import { parseBasicAuthorization } from './header';
import type { PasswordVerifier, Users } from './password-verifier';

/** Asks for a user and password on every route, as exporter-toolkit does; with no users, for nothing. */
export function basicAuth(users: () => Users, verifier: PasswordVerifier): RequestHandler {
  return async (request, _response, next) => {
    const known = users();
    const given = parseBasicAuthorization(request.headers.authorization);
    const from = request.socket.remoteAddress ?? '';
    if (known.size === 0 || (given !== undefined && (await verifier.verify(known, given, from)))) next();
    else throw unauthorized();
  };
}

function unauthorized(): RequestError {
  return new RequestError(401, 'unauthorized', 'Give a user name and password that this server knows (basic auth).', {
    'WWW-Authenticate': 'Basic realm="turnkeeper", charset="UTF-8"',
  });
}
