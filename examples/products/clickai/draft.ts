import type { Random } from '../../kit/index.js';

/** A component that has no id yet. */
export interface Draft {
  readonly kind: string;
  readonly props: Readonly<Record<string, string>>;
  readonly children: readonly Draft[];
}

const draft = (kind: string, props: Readonly<Record<string, string>>, children: readonly Draft[] = []): Draft => ({
  kind,
  props,
  children,
});
const text = (words: string): Draft => draft('text', { text: words });
const heading = (level: number, words: string): Draft => draft('heading', { level: String(level), text: words });

const trades = [
  'Bakery',
  'Flight Academy',
  'Dental Practice',
  'Florist',
  'Yoga Studio',
  'Bicycle Workshop',
  'Bookshop',
  'Architects',
] as const;
const places = ['Harbour', 'Old Town', 'Riverside', 'Hillside', 'Station', 'Garden', 'Lakeside', 'Market'] as const;
const promises = [
  'Open every day, also on Sundays.',
  'Family-run since 1984.',
  'Book online in a minute.',
  'Made by hand, made to last.',
  'The first visit is free.',
] as const;
const offers = ['Beginners', 'Families', 'Companies', 'Gift vouchers', 'Repairs', 'Home delivery', 'Workshops', 'Membership'] as const;
const voices = [
  'I would not go anywhere else.',
  'Friendly, quick and fair.',
  'They took their time for us.',
  'Best of the whole town.',
] as const;

/** A website for a shop of some trade: a page of sections, which hold grids, cards and texts. */
export function draftSite(random: Random): { readonly title: string; readonly root: Draft } {
  const title = `${random.pick(places)} ${random.pick(trades)}`;
  const sections = random.shuffled([offerSection, voiceSection, gallerySection, questionSection]).slice(0, random.int(1, 4));
  const root = draft('page', { theme: random.pick(['light', 'dark', 'sand']), language: 'en' }, [
    draft('header', { sticky: 'true' }, [
      draft('logo', { text: title }),
      draft(
        'menu',
        {},
        ['Home', 'About', 'Contact'].map((label) => draft('link', { label, to: `#${label.toLowerCase()}` })),
      ),
    ]),
    draft('hero', { align: random.pick(['left', 'centre']) }, [
      heading(1, title),
      text(random.pick(promises)),
      draft('button', { label: 'Contact us', to: '#contact' }),
    ]),
    ...sections.map((section) => section(random)),
    draft('footer', {}, [text(`© 2026 ${title}`)]),
  ]);
  return { title, root };
}

const offerSection = (random: Random): Draft =>
  draft('section', { name: 'offers' }, [
    heading(2, 'What we offer'),
    draft(
      'grid',
      { columns: '3' },
      random
        .shuffled(offers)
        .slice(0, random.int(2, 6))
        .map((offer) => draft('card', {}, [heading(3, offer), text(random.pick(promises))])),
    ),
  ]);

const voiceSection = (random: Random): Draft =>
  draft('section', { name: 'voices' }, [
    heading(2, 'What people say'),
    draft(
      'carousel',
      { seconds: '6' },
      random
        .shuffled(voices)
        .slice(0, random.int(1, 3))
        .map((voice) => draft('quote', { text: voice })),
    ),
  ]);

const gallerySection = (random: Random): Draft =>
  draft('section', { name: 'gallery' }, [
    draft(
      'gallery',
      { shape: random.pick(['square', 'wide']) },
      Array.from({ length: random.int(3, 8) }, (_, i) => draft('image', { alt: `Picture ${i + 1}`, source: `/media/${i + 1}.webp` })),
    ),
  ]);

const questionSection = (random: Random): Draft =>
  draft('section', { name: 'questions' }, [
    heading(2, 'Often asked'),
    ...random
      .shuffled(offers)
      .slice(0, 3)
      .map((offer) => draft('accordion', { title: `${offer}?` }, [text(random.pick(promises))])),
  ]);
