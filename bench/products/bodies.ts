/** The ids that are asked for. */
const ASKED = { item: 'i-0001', customer: 'u-0001', order: 'o-0001' } as const;

const day = (n: number): string => new Date(Date.UTC(2026, 0, 1 + n, 8, 15, 0)).toISOString();
const numbered = (letter: string, n: number): string => `${letter}-${String(n).padStart(4, '0')}`;
const price = (amount: number): object => ({ amount, currency: 'EUR' });
const list = <T>(length: number, make: (n: number) => T): T[] => Array.from({ length }, (_, i) => make(i + 1));

const NAMES = ['Ada Lindqvist', 'Jürgen Österreich', 'Maëlle Dubois', 'Tomasz Zieliński', 'Grace O’Hara'];
const nameOf = (n: number): string => `${NAMES[n % NAMES.length]} ${n}`;
const TEXT = 'A light headset for training aircraft, with active noise reduction and a "soft" band that stays where it is put.';

const listed = (n: number): object => ({
  id: numbered('i', n),
  name: `Cirrus H${n} headset`,
  category: 'headsets',
  price: price(32_900 + n),
  images: list(2, (i) => ({ url: `https://images.example.org/${numbered('i', n)}-${i}.jpg`, width: 640 * i, height: 480 * i })),
  rating: 4.5,
  publishedAt: day(n),
  teaser: `${TEXT} It is number ${n} of all that are like the one that was asked for.`,
});

const order = (n: number): object => ({
  id: numbered('o', n),
  customerId: numbered('u', n),
  placedAt: day(n),
  status: 'shipped',
  lines: list(5, (i) => ({ itemId: numbered('i', i), quantity: i, unitPrice: price(1990 * i) })),
  delivery: { name: nameOf(n), street: `Flygfältsvägen ${n}`, city: 'Uppsala', zip: '75320', country: 'SE' },
  payment: { kind: 'card', brand: 'visa', last4: '4242', paidAt: day(n) },
  note: 'Please leave it with the tower: nobody is at home before six.\nThe gate is open until then, and the dog is kind to everybody who has a parcel.',
});

const summary = (n: number): object => ({
  id: numbered('o', n),
  customerId: numbered('u', n),
  placedAt: day(n),
  status: 'shipped',
  lines: list(2, (i) => ({ itemId: numbered('i', i), quantity: i, unitPrice: price(1990 * i) })),
});

const profile = (n: number): object => ({
  id: numbered('u', n),
  name: nameOf(n),
  email: `customer-${n}@example.org`,
  memberSince: '2024-03-01',
  tier: 'silver',
});

/** What each product answers, by the path below its `/v1`; a path that ends with a slash stands for all that begin with it. */
export const bodies: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  catalog: {
    '/items/': {
      id: ASKED.item,
      name: 'Cirrus H2 headset',
      description: `${TEXT} ${TEXT}`,
      category: 'headsets',
      price: price(32_900),
      images: list(3, (i) => ({ url: `https://images.example.org/i-0001-${i}.jpg`, width: 640 * i, height: 480 * i })),
      attributes: list(6, (i) => ({ name: `attribute ${i}`, value: `value ${i * 1000} of it` })),
      rating: 4.7,
      publishedAt: day(1),
    },
    '/similar/': { items: list(105, listed), total: 105 },
    '/items': {
      items: list(5, (n) => ({
        id: numbered('i', n),
        name: `Cirrus H${n} headset, the one with the long cable and two plugs`,
        imageUrl: `https://images.example.org/${numbered('i', n)}.jpg`,
        price: price(1990 * n),
      })),
    },
  },
  inventory: {
    '/stock/': {
      itemId: ASKED.item,
      available: 118,
      reserved: 7,
      warehouses: list(9, (n) => ({
        id: `w-${n}`,
        city: ['Uppsala', 'Graz', 'Łódź', 'Nîmes'][n % 4],
        country: ['SE', 'AT', 'PL', 'FR'][n % 4],
        quantity: n * 7,
        nextDelivery: n % 3 === 0 ? null : day(n),
      })),
      updatedAt: day(30),
    },
  },
  reviews: {
    '/reviews/': {
      itemId: ASKED.item,
      average: 4.6,
      count: 231,
      histogram: [3, 5, 12, 41, 170],
      latest: list(4, (n) => ({ author: nameOf(n), stars: 5, title: `"Better than the last one", ${n}`, text: TEXT, writtenAt: day(n) })),
    },
  },
  shop: {
    '/offers/': {
      itemId: ASKED.item,
      price: price(29_900),
      discounts: list(4, (n) => ({ code: `FLY-${n}K2M`, reason: 'because you bought one before', percent: n * 2.5, until: day(n) })),
      delivery: list(6, (n) => ({ carrier: `carrier ${n}`, days: n, price: price(490 * n), tracked: n > 1 })),
      financing: { months: 12, monthly: price(2590), rate: 3.9 },
    },
    '/orders/': order(1),
    '/orders': { orders: list(20, summary) },
  },
  accounts: {
    '/customers/': {
      id: ASKED.customer,
      name: nameOf(1),
      email: 'customer-1@example.org',
      phone: '+46 18 123 45 67',
      memberSince: '2024-03-01',
      tier: 'gold',
      addresses: list(5, (n) => ({
        label: `address ${n}`,
        street: `Flygfältsvägen ${n}`,
        city: 'Uppsala',
        zip: '75320',
        country: 'SE',
        isDefault: n === 1,
      })),
      preferences: { language: 'sv', currency: 'SEK', newsletter: true, topics: ['headsets', 'charts', 'weather', 'night flights'] },
    },
    '/profiles': { profiles: list(20, profile) },
  },
};
