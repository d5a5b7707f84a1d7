# The gateway alone: no sample products, no development dependencies, no root.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY nest-cli.json tsconfig.json tsconfig.build.json ./
COPY contracts contracts
COPY src src
RUN npm run build

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev
# What is in the image, for whoever has to know whether something found elsewhere is in here too.
RUN npm sbom --package-lock-only --omit dev --sbom-format cyclonedx > sbom.json

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=dependencies /app/sbom.json ./
COPY package.json gateway.yaml ./
# DATA_DIR: keys, and what operators have turned. A volume there outlives the container.
RUN mkdir -m 1777 .data
USER node
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --start-interval=1s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.OPS_PORT ?? 8081) + '/health/live').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
CMD ["node", "--enable-source-maps", "--no-allocation-site-pretenuring", "dist/src/main.js"]
