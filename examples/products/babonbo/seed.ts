import { type Database, type Random, numbered } from '../../kit/index.js';
import { cities, gear } from './gear.js';

const PROVIDERS = 40;
const LISTINGS = 160;
const BOOKINGS = 320;
const USERS = 200;
/** The day on which the seed stands still: journeys before it are over. */
const TODAY = '2026-11-20';

const day = (n: number): string => new Date(Date.UTC(2026, 0, n)).toISOString().slice(0, 10);

/** Providers in ten cities, what they rent out, and who rented it. */
export function seed(db: Database, random: Random): void {
  for (let n = 1; n <= PROVIDERS; n++) seedProvider(db, random, n);
  const offers = Array.from({ length: LISTINGS }, (_, i) => seedListing(db, random, i + 1));
  for (let n = 1; n <= BOOKINGS; n++) {
    const offer = offers[random.int(0, LISTINGS - 1)];
    if (offer) seedBooking(db, random, n, offer);
  }
}

const providerCity = (n: number): (typeof cities)[number] => cities[n % cities.length] ?? cities[0];
/** Four out of five have been reviewed. */
const rating = (random: Random): number | null => (random.chance(0.8) ? random.int(38, 50) / 10 : null);

function seedProvider(db: Database, random: Random, n: number): void {
  const { city } = providerCity(n);
  const name = `${random.pick(['Little Explorers', 'Tiny Travels', 'Stork & Suitcase', 'Pocket Nursery', 'Nap Time', 'Small Steps'])} ${city}`;
  db.run('INSERT INTO providers (id, user_id, name, city, since, rating) VALUES ($id, $userId, $name, $city, $since, $rating)', {
    id: numbered('p', n),
    userId: numbered('u', n * (USERS / PROVIDERS)),
    name,
    city,
    since: day(-random.int(30, 2_000)),
    rating: rating(random),
  });
}

interface Offer {
  readonly id: string;
  readonly providerId: string;
  readonly centsPerDay: number;
  readonly currency: string;
}

function seedListing(db: Database, random: Random, n: number): Offer {
  const provider = 1 + ((n - 1) % PROVIDERS);
  const { city, currency } = providerCity(provider);
  const { titles, description, category, cents } = random.pick(gear);
  const offer = { id: numbered('l', n), providerId: numbered('p', provider), centsPerDay: cents + 50 * random.int(0, 8), currency };
  db.run(
    `INSERT INTO listings (id, provider_id, title, description, category, city, cents_per_day, currency, rating)
     VALUES ($id, $providerId, $title, $description, $category, $city, $centsPerDay, $currency, $rating)`,
    { ...offer, title: random.pick(titles), description, category, city, rating: rating(random) },
  );
  return offer;
}

function seedBooking(db: Database, random: Random, n: number, { id: listingId, providerId, centsPerDay, currency }: Offer): void {
  const start = random.int(1, 400);
  const days = random.int(3, 16);
  const [from, to] = [day(start), day(start + days)];
  db.run(
    `INSERT INTO bookings (id, listing_id, provider_id, traveller_id, from_date, to_date, status, cents, currency)
     VALUES ($id, $listingId, $providerId, $travellerId, $from, $to, $status, $cents, $currency)`,
    {
      id: numbered('b', n),
      listingId,
      providerId,
      // The first user travels most, so that there is something to see and to page through.
      travellerId: numbered('u', n % 8 === 1 ? 1 : random.int(1, USERS)),
      from,
      to,
      status: status(random, from, to),
      cents: centsPerDay * days,
      currency,
    },
  );
}

function status(random: Random, from: string, to: string): string {
  if (random.chance(0.1)) return 'cancelled';
  if (to < TODAY) return 'returned';
  if (from <= TODAY) return 'handed-over';
  return random.chance(0.7) ? 'confirmed' : 'requested';
}
