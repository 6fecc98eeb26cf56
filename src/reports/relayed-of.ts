import type { OpenView } from '../turn/open-view';

/**
 * Whether any session that the user has under way relayed peer traffic, as far as coturn has told: it does each 4096
 * packets, and at the close (4.6.1, 4.17.1). undefined where the user has none.
 */
export function relayedOf(view: Pick<OpenView, 'sessionsOf' | 'session'>): (user: string) => boolean | undefined {
  return (user) => {
    const sessions = view.sessionsOf(user);
    return sessions.length === 0 ? undefined : sessions.some((slot) => view.session(slot).relayed);
  };
}
