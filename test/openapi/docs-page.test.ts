import { describe, expect } from '@jest/globals';
import fastify from 'fastify';
import { docs } from '../../src/openapi/docs.js';
import { openapi } from '../../src/openapi/document.js';
import { browserTests } from '../browser.js';
import { realContracts } from './real-contracts.js';
import { calls } from './validity.js';

describe('the page of the docs', () => {
  browserTests({
    'shows every operation, with no request to anybody else and nothing to complain about': async (page) => {
      const document = openapi(await realContracts());
      // Chromium opens connections ahead of need, which never become idle.
      await using app = fastify({ forceCloseConnections: true });
      docs(app, document);
      const origin = await app.listen({ port: 0, host: '127.0.0.1' });

      const [asked, troubles]: [string[], string[]] = [[], []];
      page.on('request', (request) => asked.push(request.url()));
      page.on('requestfailed', (request) => troubles.push(`${request.url()}: ${request.failure()?.errorText}`));
      page.on('response', (response) => response.ok() || troubles.push(`${response.url()}: ${response.status()}`));
      page.on('console', (message) => ['error', 'warning'].includes(message.type()) && troubles.push(message.text()));
      page.on('pageerror', (error) => troubles.push(error.message));

      await page.goto(`${origin}/docs`);
      await page
        .locator('.opblock')
        .nth(calls(document).size - 1)
        .waitFor();
      // Opened, an operation is resolved and drawn with its schemas.
      await page.locator('.opblock-summary-control').first().click();
      await page.locator('.opblock.is-open .responses-table .model-example').first().waitFor();

      expect(await page.title()).toBe('Interline');
      expect(await page.locator('.opblock').count()).toBe(calls(document).size);
      expect(asked.filter((url) => !url.startsWith(`${origin}/`) && !url.startsWith('data:'))).toEqual([]);
      expect(asked).toContain(`${origin}/openapi.json`);
      expect(troubles).toEqual([]);
    },
  });
});
