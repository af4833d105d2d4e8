# portal-widgets as an image: `docker build -t portal-widgets .`
# It runs with a read-only root and as a user of its own; only /var/lib/portal-widgets is written to.

FROM python:3.11.15-slim-bookworm AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN ["python", "-m", "venv", "--without-pip", "/app"]

# The pinned dependencies come first: this layer is built anew only when they change. Nothing is compiled from C.
COPY requirements.txt ./
RUN ["pip", "--python", "/app/bin/python", "install", "--no-compile", \
     "--only-binary=:all:", "-r", "requirements.txt"]

COPY pyproject.toml README.md LICENSE ./
COPY service service
COPY templates templates
RUN ["pip", "--python", "/app/bin/python", "install", "--no-compile", "--no-deps", "."]

# Compiled here, as nothing can be written there; by content, as layers may change a file's time.
RUN ["/app/bin/python", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "/app/lib"]


FROM python:3.11.15-slim-bookworm

LABEL org.opencontainers.image.title="portal-widgets" \
      org.opencontainers.image.description="Weather and news side boxes for city portals" \
      org.opencontainers.image.version="0.2.0" \
      org.opencontainers.image.licenses="MIT AND OFL-1.1"

RUN pip uninstall --yes --quiet pip setuptools wheel \
 && groupadd --gid 10001 portal-widgets \
 && useradd --no-log-init --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent \
            --shell /usr/sbin/nologin portal-widgets \
 && install --directory --owner=10001 --group=10001 --mode=0750 /var/lib/portal-widgets

COPY --from=build /app /app

# gunicorn keeps its workers' heartbeats in a file; /dev/shm is memory, and writable under a read-only root.
ENV PATH=/app/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    GUNICORN_CMD_ARGS="--worker-tmp-dir /dev/shm" \
    PORTAL_WIDGETS_STORE__URL=sqlite:///var/lib/portal-widgets/store.sqlite3

# Not the volume: Python looks for modules where it is started.
WORKDIR /
VOLUME /var/lib/portal-widgets
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM

# http.client and not urllib: it asks no proxy that the environment may name.
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s --retries=3 \
    CMD ["python", "-c", "from http.client import HTTPConnection as C; c = C('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]

ENTRYPOINT ["portal-widgets"]
CMD ["serve", "--bind", "0.0.0.0:8000"]
