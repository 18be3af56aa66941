# syntax=docker/dockerfile:1
# Targets: ouderportaal (the last, default) and minio (the object store of docker-compose.yml).

# The browser's part.
FROM node:22-bookworm-slim AS assets
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY internal/ui internal/ui
COPY modules modules
RUN npm run build

# The programs. Only the image program needs C and libvips.
FROM golang:1.26-bookworm AS programs
RUN apt-get update && apt-get install -y --no-install-recommends libvips-dev pkg-config && rm -rf /var/lib/apt/lists/*
WORKDIR /src
ENV GOTOOLCHAIN=local GOFLAGS=-buildvcs=false
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=assets /src/internal/ui/dist internal/ui/dist
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/ouderportaal ./cmd/ouderportaal \
 && CGO_ENABLED=1 go build -trimpath -ldflags="-s -w" -o /out/ouderportaal-images ./cmd/ouderportaal-images

# The last MinIO server, from its pinned module: AGPL, its own process, nothing of it is linked into ours.
FROM golang:1.26-bookworm AS minio-build
ENV GOTOOLCHAIN=local CGO_ENABLED=0
RUN go install -trimpath -ldflags="-s -w" github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c

FROM debian:bookworm-slim AS minio
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10002 --home-dir /data --no-create-home minio && install -d -o minio -g minio -m 0700 /data
COPY --from=minio-build /go/bin/minio /usr/local/bin/minio
USER minio
VOLUME /data
EXPOSE 9000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9000 && printf 'GET /minio/health/ready HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200'"]
ENTRYPOINT ["minio"]
CMD ["server", "--address", ":9000", "--console-address", "127.0.0.1:9001", "/data"]

FROM debian:bookworm-slim AS ouderportaal
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates tzdata libvips42 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /var/lib/ouderportaal --no-create-home ouderportaal \
 && install -d -o ouderportaal -g ouderportaal -m 0750 /var/lib/ouderportaal
COPY --from=programs /out/ouderportaal /out/ouderportaal-images /usr/local/bin/
ENV IMAGES_PROGRAM=/usr/local/bin/ouderportaal-images LISTEN_ADDR=0.0.0.0:8080 OPS_ADDR=127.0.0.1:9090
USER ouderportaal
WORKDIR /var/lib/ouderportaal
VOLUME /var/lib/ouderportaal
EXPOSE 8080
# Health is asked where metrics are, which nobody outside the container reaches.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9090 && printf 'GET /livez HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200'"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["ouderportaal"]
CMD ["serve"]
