/** The page that shows the document: no script and no address of another origin stands in it. */
export const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Interline</title>
    <link rel="icon" type="image/svg+xml" href="/docs/icon.svg">
    <link rel="stylesheet" href="/docs/swagger-ui.css">
    <link rel="stylesheet" href="/docs/theme.css">
    <script src="/docs/swagger-ui-bundle.js" defer></script>
    <script src="/docs/init.js" defer></script>
  </head>
  <body>
    <header>
      <img src="/docs/icon.svg" alt="Interline" width="28" height="28">
      <a href="/openapi.json">openapi.json</a>
    </header>
    <main id="docs"><noscript>This page needs JavaScript; <a href="/openapi.json">openapi.json</a> does not.</noscript></main>
  </body>
</html>
`;

/** Starts Swagger UI on the gateway's own document; it never asks the validator of its makers. */
export const init = `'use strict';

SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#docs',
  validatorUrl: null,
  deepLinking: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  filter: true,
});
`;

/** Several lines that join into one. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke-width="3" stroke-linecap="round">
  <rect width="32" height="32" rx="7" fill="#16324f" stroke="none"/>
  <path d="M6 8c9 0 7 8 14 8M6 24c9 0 7-8 14-8" stroke="#8ecae6"/>
  <path d="M6 16h20" stroke="#fff"/>
</svg>
`;

/** What Swagger UI's own style leaves to be wished. */
export const theme = `:root { --ink: #16324f; --line: #dfe5ec; --quiet: #5b6b7c; }
body { margin: 0; background: #fff; font-family: sans-serif; }
body > header { display: flex; align-items: center; justify-content: space-between; padding: 0.6rem max(1.25rem, calc((100vw - 1420px) / 2)); background: var(--ink); }
body > header a { color: #fff; font: 0.85rem monospace; }
.swagger-ui .info { margin: 2rem 0 1rem; }
.swagger-ui .info .title, .swagger-ui .info p, .swagger-ui .info li, .swagger-ui .opblock-tag, .swagger-ui .opblock-description-wrapper p { color: var(--ink); }
.swagger-ui .info .title small.version-stamp { background: var(--ink); }
.swagger-ui .info .link, .swagger-ui .scheme-container, .swagger-ui .response-col_links { display: none; }
.swagger-ui .opblock-tag { border-bottom-color: var(--line); font-size: 1.15rem; }
.swagger-ui .opblock { border-radius: 6px; box-shadow: none; }
.swagger-ui .filter .operation-filter-input { margin: 0.5rem 0 0; padding: 0.6rem 0.8rem; border: 1px solid var(--line); border-radius: 6px; }
.swagger-ui .renderedMarkdown code { color: var(--ink); }
.swagger-ui .renderedMarkdown table { width: auto; border-collapse: collapse; }
.swagger-ui .renderedMarkdown table tr > :is(td, th):nth-child(n) { padding: 0.3rem 1.25rem 0.3rem 0; border-bottom: 1px solid var(--line); color: var(--ink); font-size: 0.85rem; text-align: left; }
`;
