# docker build -t rampart .
# docker run -p 4300:4300 -v rampart-results:/results rampart          the main job with its dashboard
# docker run -v rampart-results:/results rampart report                any other command
# docker build --target test .                                         every test
FROM node:24-bookworm-slim AS source
WORKDIR /rampart
COPY . .

FROM source AS test
RUN npm test

FROM source
RUN npm ci
RUN npm run build
ENV RAMPART_STORE=/results
VOLUME /results
EXPOSE 4300
ENTRYPOINT ["node", "apps/trainer/bin/rampart.cjs"]
CMD ["start", "--host", "0.0.0.0"]
