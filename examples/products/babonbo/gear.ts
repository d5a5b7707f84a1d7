type List<T> = readonly [T, ...T[]];

interface Gear {
  readonly category: string;
  readonly titles: List<string>;
  readonly description: string;
  /** The least that a day costs, in the smallest unit of the currency. */
  readonly cents: number;
}

/** Where gear is rented out, and in what it is paid there. */
export const cities: List<{ readonly city: string; readonly currency: string }> = [
  { city: 'Lisbon', currency: 'EUR' },
  { city: 'Barcelona', currency: 'EUR' },
  { city: 'Rome', currency: 'EUR' },
  { city: 'Palma de Mallorca', currency: 'EUR' },
  { city: 'Athens', currency: 'EUR' },
  { city: 'Nice', currency: 'EUR' },
  { city: 'Vienna', currency: 'EUR' },
  { city: 'London', currency: 'GBP' },
  { city: 'Zürich', currency: 'CHF' },
  { city: 'Copenhagen', currency: 'DKK' },
];

/** What is rented out. */
export const gear: List<Gear> = [
  {
    category: 'stroller',
    titles: ['Foldable travel stroller', 'All-terrain stroller', 'Twin stroller', 'Umbrella buggy'],
    description: 'Folds with one hand, with rain cover and sunshade.',
    cents: 700,
  },
  {
    category: 'car-seat',
    titles: ['Infant car seat', 'Rotating car seat, up to 4 years', 'Booster seat'],
    description: 'Meets UN R129; fitted into your car on arrival.',
    cents: 600,
  },
  {
    category: 'cot',
    titles: ['Travel cot with mattress', 'Bedside crib', 'Wooden cot'],
    description: 'Comes with fresh sheets and a sleeping bag.',
    cents: 550,
  },
  {
    category: 'high-chair',
    titles: ['Clip-on high chair', 'Wooden high chair'],
    description: 'Wipes clean, fits every table.',
    cents: 300,
  },
  {
    category: 'carrier',
    titles: ['Soft baby carrier', 'Hiking carrier with sunshade'],
    description: 'From newborn to toddler, carried in front or on the back.',
    cents: 400,
  },
  {
    category: 'toys',
    titles: ['Beach toy box', 'Play mat and rattles', 'Box of picture books'],
    description: 'Washed and disinfected between rentals.',
    cents: 250,
  },
];
