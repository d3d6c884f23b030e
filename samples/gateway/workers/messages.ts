/** What a worker and the primary say to each other, so that a scrape of any worker tells of all. */
export type ToPrimary =
  | { readonly kind: 'scrape all'; readonly scrape: number }
  | { readonly kind: 'scraped'; readonly gathering: number; readonly text: string };

export type ToWorker =
  | { readonly kind: 'scrape'; readonly gathering: number }
  | { readonly kind: 'scraped all'; readonly scrape: number; readonly text: string };
