import { existsSync } from 'node:fs';
import { it } from '@jest/globals';
import { type Browser, type Page, chromium } from 'playwright-core';

const PATH = '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts the Chromium of the machine, without a window and without traffic of its own. */
const startBrowser = async (): Promise<Browser> => chromium.launch({ executablePath: PATH, args: FLAGS });

/**
 * Tests that need Chromium, by name; each gets an empty page of its own. Where Chromium is not installed they are
 * skipped with a line that says how many and why; with CI=true its absence is a failure.
 */
export function browserTests(tests: Readonly<Record<string, (page: Page) => Promise<void>>>): void {
  const missing = !existsSync(PATH);
  const skips = missing && process.env['CI'] !== 'true';
  if (skips) process.stderr.write(`${Object.keys(tests).length} browser tests skipped: there is no ${PATH} (apt-get install chromium)\n`);
  for (const [name, test] of Object.entries(tests))
    (skips ? it.skip : it)(
      name,
      async () => {
        if (missing) throw new Error(`expected Chromium at ${PATH}, found none; with CI=true browser tests may not be skipped`);
        await using browser = await startBrowser();
        const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
        page.setDefaultTimeout(20_000);
        await test(page);
      },
      60_000,
    );
}
