import { optional } from '#contracts/kernel/index.js';
import { auth } from '#contracts/products/auth/v1.js';
import { babonbo } from '#contracts/products/babonbo/v1.js';
import { trip as route } from '#contracts/public/v1/trip.js';
import { composition } from '../composition/composition.js';

/** Joins inside one product (booking, listing, provider) and across to another (traveller). */
export const trip = composition(route, {
  uses: {
    booking: babonbo.getBooking.reads({
      id: true,
      listingId: true,
      providerId: true,
      travellerId: true,
      from: true,
      to: true,
      status: true,
      price: true,
    }),
    listing: optional(babonbo.getListing.reads({ id: true, title: true, city: true })),
    provider: optional(babonbo.getProvider.reads({ id: true, name: true, rating: true })),
    traveller: optional(auth.getUser.reads({ id: true, name: true })),
  },
  errors: { booking: { bookingNotFound: 'bookingNotFound' } },
  async compose({ input, booking, listing, provider, traveller, gather }) {
    const { listingId, providerId, travellerId, ...found } = await booking({ id: input.bookingId });
    const parts = await gather({
      listing: listing({ id: listingId }),
      provider: provider({ id: providerId }),
      traveller: traveller({ id: travellerId }),
    });
    return { ...found, listing: parts.listing ?? null, provider: parts.provider ?? null, traveller: parts.traveller ?? null };
  },
});
