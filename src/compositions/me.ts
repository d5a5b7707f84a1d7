import { optional } from '#contracts/kernel/index.js';
import { auth, userId } from '#contracts/products/auth/v1.js';
import { aviation } from '#contracts/products/aviation-infinity/v2.js';
import { babonbo } from '#contracts/products/babonbo/v1.js';
import { clickai } from '#contracts/products/clickai/v1.js';
import { shop } from '#contracts/products/new-pilot-shop/v1.js';
import { pilot } from '#contracts/products/want-to-be-a-pilot/v1.js';
import { me as route } from '#contracts/public/v1/me.js';
import { composition } from '../composition/composition.js';

const LATEST = 5;

/** Six products at once, about who asks. Having no training plan is an answer, not a failure. */
export const me = composition(route, {
  uses: {
    user: auth.getUser.reads({ id: true, name: true, email: true, language: true }),
    theory: optional(aviation.getProgress.reads({ licence: true, completion: { ratio: true } })),
    training: optional(pilot.getPlan.reads({ goal: true, startedOn: true })),
    orders: optional(shop.listOrders.reads({ orders: { id: true, placedAt: true, status: true } })),
    bookings: optional(babonbo.listBookings.reads({ bookings: { id: true, from: true, to: true, status: true } })),
    sites: optional(clickai.listSites.reads({ sites: { id: true, title: true, url: true, publishedAt: true } })),
  },
  errors: { user: { userNotFound: 'userNotFound' } },
  async compose({ caller, user, theory, training, orders, bookings, sites, gather, fail }) {
    const mine = userId.safeParse(caller.user);
    if (!mine.success) throw fail('userNotFound'); // nobody, or a user of another issuer than auth
    const me = mine.data;
    const parts = await gather({
      user: user({ id: me }),
      theory: theory({ userId: me }),
      training: training({ userId: me }),
      orders: orders({ customerId: me, limit: LATEST }),
      bookings: bookings({ travellerId: me, limit: LATEST }),
      sites: sites({ ownerId: me, limit: LATEST }),
    });
    return {
      user: parts.user,
      theory: parts.theory ? { licence: parts.theory.licence, percent: Math.round(parts.theory.completion.ratio * 100) } : null,
      training: parts.training ?? null,
      orders: parts.orders?.orders ?? null,
      bookings: parts.bookings?.bookings ?? null,
      sites: parts.sites?.sites.map(({ publishedAt, ...site }) => ({ ...site, published: publishedAt !== null })) ?? null,
    };
  },
});
