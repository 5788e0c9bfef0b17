# syntax=docker/dockerfile:1

# A worker, from a project of its own that has its packages from npm. Copy this file into it.
#
#   docker build --tag my-worker .
#
# The project has an orchestra.config.ts or .js, and @orchestra/cli among its dependencies; its
# .dockerignore names node_modules and .env.

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /worker
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
USER node
ENTRYPOINT ["node", "node_modules/@orchestra/cli/bin/orchestra.js"]
CMD ["worker"]
