# syntax=docker/dockerfile:1

# One Debian for both stages: better-sqlite3 is compiled against its C library where no prebuilt one can be fetched.
ARG NODE_IMAGE=node:22-bookworm-slim

FROM ${NODE_IMAGE} AS build
RUN apt-get update \
  && apt-get install -y --no-install-recommends g++ make python3 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/turnkeeper
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build \
  && npm prune --omit=dev --no-audit --no-fund

FROM ${NODE_IMAGE}
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates coturn tini \
  && rm -rf /var/lib/apt/lists/* \
  && groupadd --gid 10001 turnkeeper \
  && useradd --uid 10001 --gid turnkeeper --home-dir /var/lib/turnkeeper --shell /usr/sbin/nologin --no-create-home turnkeeper \
  && install -d -o turnkeeper -g turnkeeper -m 0700 /var/lib/turnkeeper
WORKDIR /opt/turnkeeper
COPY --from=build /opt/turnkeeper/package.json ./
COPY --from=build /opt/turnkeeper/node_modules ./node_modules
COPY --from=build /opt/turnkeeper/dist ./dist
COPY deploy/container/health-check.js ./
ENV NODE_ENV=production \
  TURNKEEPER_DATA_DIR=/var/lib/turnkeeper
USER turnkeeper
# All that is ever written; the root file system may be read-only.
VOLUME /var/lib/turnkeeper
# TURN, TURN over TLS, the agent. Relay ports are 49152 to 65535: give the container the host's network.
EXPOSE 3478/tcp 3478/udp 5349/tcp 5349/udp 9642/tcp
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["node", "health-check.js"]
# coturn is a child of the agent's, and turnadmin now and then: tini takes in whoever is left over.
ENTRYPOINT ["/usr/bin/tini", "--", "node", "dist/main.js"]
