import type { z } from 'zod';
import type { Topic } from './peers.js';
import { AccessAnswer } from './schemas.js';

type Access = z.output<typeof AccessAnswer>;

/** What workers ask each other for who called what by. */
export const ACCESS: Topic<Access> = { name: 'access', schema: AccessAnswer };

/** Who may call what by this worker's own reading, and who did by all of them. */
export function latest(readings: readonly Access[], own: Access): Access {
  const uses = new Map<string, string>();
  for (const { routes } of [own, ...readings])
    for (const { route, consumers } of routes)
      for (const { consumer, lastUse } of consumers) {
        const key = JSON.stringify([route, consumer]);
        if (lastUse !== null && lastUse > (uses.get(key) ?? '')) uses.set(key, lastUse);
      }
  const routes = own.routes.map((each) => ({
    ...each,
    consumers: each.consumers.map(({ consumer }) => ({
      consumer,
      lastUse: uses.get(JSON.stringify([each.route, consumer])) ?? null,
    })),
  }));
  return { ...own, routes };
}
