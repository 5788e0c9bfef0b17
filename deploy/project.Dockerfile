# syntax=docker/dockerfile:1

# A worker or a server, from your own project with packages from npm. Copy this file into the project.
#
#   docker build --tag my-agents .
#   docker run --env-file agents.env my-agents worker
#   docker run --env-file agents.env --publish 8080:8080 my-agents serve --host 0.0.0.0 --no-worker
#
# The project has an orchestra.config.ts or .js, and @orchestra/cli among its dependencies; its
# .dockerignore names node_modules and .env.

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
# A volume that is mounted here for ORCHESTRA_ARTIFACTS_DIR gets the owner of this folder.
RUN mkdir /artifacts && chown node:node /artifacts
USER node
ENTRYPOINT ["node", "node_modules/@orchestra/cli/bin/orchestra.js"]
CMD ["worker"]
